"""The .qwc file: what the Web Connector wants of it before it takes an application on."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError, fromstring

NEEDED = (
    "AppName",
    "AppID",
    "AppURL",
    "AppDescription",
    "AppSupport",
    "UserName",
    "OwnerID",
    "FileID",
    "QBType",
)
_GUID = re.compile(r"\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")
_LONGEST_DESCRIPTION = 80


class NotAdded(ValueError):
    """The Web Connector does not take the application on: its code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code


@dataclass(frozen=True)
class Qwc:
    """An application, as its file has it. `seconds` is the interval between polls, 0 for none."""

    name: str
    url: str
    support: str
    user: str
    owner: str
    file: str
    seconds: int
    style: str


def read(text: str) -> Qwc:
    """The application of a file. Raises `NotAdded`."""
    try:
        root = fromstring(text)  # noqa: S314 - the user's own file
    except ParseError as error:
        raise NotAdded("QBWC1006", f"The file is not well-formed XML: {error}") from None
    found = {one.tag: (one.text or "").strip() for one in root}
    lacking = [name for name in NEEDED if name not in found]
    if root.tag != "QBWCXML" or lacking:
        raise NotAdded("QBWC1006", f"The file has no {', '.join(lacking) or 'QBWCXML'}.")
    if found["QBType"] != "QBFS" or len(found["AppDescription"]) > _LONGEST_DESCRIPTION:
        raise NotAdded("QBWC1006", "QBType or AppDescription is not valid.")
    for name in ("OwnerID", "FileID"):
        if not _GUID.fullmatch(found[name]):
            raise NotAdded("QBWC1006", f"{name} is no GUID.")
    if found.get("IsReadOnly", "false").lower() != "false":
        raise NotAdded("QBWC1039", "The application is read-only and cannot be registered.")
    _check_address(found["AppURL"])
    if urlsplit(found["AppURL"]).hostname != urlsplit(found["AppSupport"]).hostname:
        raise NotAdded("QBWC1000", "AppURL and AppSupport have different hosts.")
    scheduler = root.find("Scheduler")
    minutes = scheduler.findtext("RunEveryNMinutes", "") if scheduler is not None else ""
    seconds = scheduler.findtext("RunEveryNSeconds", "") if scheduler is not None else ""
    return Qwc(
        name=found["AppName"],
        url=found["AppURL"],
        support=found["AppSupport"],
        user=found["UserName"],
        owner=found["OwnerID"],
        file=found["FileID"],
        seconds=int(minutes) * 60 if minutes else int(seconds or 0),
        style=found.get("Style", "Document"),
    )


def _check_address(url: str) -> None:
    address = urlsplit(url)
    host = address.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        raise NotAdded("QBWC1001", "An IP address cannot be the host of AppURL.")
    if address.scheme != "https" and not (address.scheme == "http" and host == "localhost"):
        raise NotAdded("QBWC1048", "AppURL has to be https, except on localhost.")
