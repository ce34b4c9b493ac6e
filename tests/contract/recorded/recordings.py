"""The recorded answers: where they are, and each as a request with its answer."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
import yaml

from invoicesync_cli.http.responses import Reply

HERE = "INVOICESYNC_RECORDED"
BESIDE = Path(__file__).parents[4] / "shared" / "recorded"
SERVICES = {"keap": "Keap", "qbo": "QuickBooks", "xero": "Xero"}
STATUS = {
    "keap/contacts-empty-page.json": 200,
    "keap/contacts-first-page.json": 200,
    "keap/delete-missing-contact.json": 404,
    "keap/get-with-req-body-not-allowed.html": 400,
    "keap/tags-with-next-page.json": 200,
    "keap/url-not-found.html": 404,
    "keap/write-contacts-missing-fields.json": 400,
    "qbo/xml/customer_duplicate_error.xml": 400,
    "qbo/xml/preferences_query.xml": 200,
    "qbo/xml/query_validation_error.xml": 400,
    "qbo/xml/tax_codes.xml": 200,
    "qbo/xml/throttle_exceeded_error.xml": 403,
    "qbo/xml/too_many_requests_error.xml": 429,
    "xero/expired_oauth2_token.json": 401,
    "xero/invalid_oauth2_request_token.json": 401,
}
"""The status of what was recorded without one, by its own words or its author's."""
TYPES = {
    ".html": "text/html;charset=utf-8",
    ".json": "application/json",
    ".xml": "application/xml",
}


REFERENCES = ("Ref", "HomeCurrency", "DefaultTerms", "DefaultItem")
"""How the names of references end."""


@dataclass(frozen=True)
class Recorded:
    """One request and its answer. `sent` is blank where it was not recorded."""

    name: str
    method: str
    uri: str
    sent: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)

    @property
    def reply(self) -> Reply:
        """The answer as the client has it."""
        service = SERVICES[self.name.partition("/")[0]]
        return Reply(service, self.status, self.headers, self.body.encode())

    @property
    def data(self) -> Any:
        """The answer as data."""
        return self.reply.data()

    @property
    def query(self) -> dict[str, str]:
        """The parameters that were asked with."""
        return dict(parse_qsl(urlsplit(self.uri).query))


def folder() -> Path | None:
    """The folder with the recordings, where there is one."""
    found = Path(os.environ.get(HERE) or BESIDE)
    return found if found.is_dir() else None


needs_recordings = pytest.mark.skipif(
    folder() is None,
    reason=f"recordings of real answers are not part of the project; {HERE} may name their folder",
)


def files() -> list[str]:
    """The names of all recordings, by their place in the folder."""
    here = folder()
    assert here is not None
    found = (path for path in here.rglob("*") if path.is_file() and path.suffix != ".md")
    return sorted(path.relative_to(here).as_posix() for path in found)


@cache
def recorded(name: str) -> list[Recorded]:
    """What a file holds, in order."""
    here = folder()
    assert here is not None
    text = (here / name).read_text(encoding="utf-8")
    if name.endswith((".yml", ".yaml")):
        tape = yaml.safe_load(text)
        return [
            _taken(name, item) for item in tape.get("http_interactions") or tape["interactions"]
        ]
    headers = {"Content-Type": TYPES[Path(name).suffix]}
    return [Recorded(name, "", "", "", STATUS[name], headers, text)]


def one(name: str, place: int = 0) -> Recorded:
    """One request of a file."""
    return recorded(name)[place]


def _taken(name: str, item: Mapping[str, Any]) -> Recorded:
    """A request of a cassette of either VCR."""
    request, response = item["request"], item["response"]
    headers = {key.lower(): values[0] for key, values in response["headers"].items()}
    return Recorded(
        name,
        request["method"].upper(),
        request["uri"],
        _text(request["body"]),
        response["status"]["code"],
        headers,
        _text(response["body"]),
    )


def _text(body: Any) -> str:
    return (body["string"] if isinstance(body, dict) else body) or ""


def as_json(element: ElementTree.Element, lists: frozenset[str]) -> Any:
    """QuickBooks' XML as the same data in its JSON, where the elements in `lists` are lists."""
    children: dict[str, Any] = {}
    for child in element:
        name, value = child.tag.rpartition("}")[2], as_json(child, lists)
        if name in lists:
            children.setdefault(name, []).append(value)
        else:
            children[name] = value
    text = (element.text or "").strip()
    if children:
        return children
    if element.tag.endswith(REFERENCES):
        return {"value": text, **element.attrib}
    return {"true": True, "false": False}.get(text, text)
