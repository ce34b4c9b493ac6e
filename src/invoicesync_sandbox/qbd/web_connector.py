"""A stand-in for Intuit's Web Connector, which polls an application and carries its messages.

    python -m invoicesync_sandbox.qbd.web_connector ROOT FILE.qwc PASSWORD [--again]

polls for ever, with QuickBooks of the sandbox that is served at ROOT. `--again` is for a PC that
has the file already: QuickBooks takes the same one on once.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from xml.etree.ElementTree import fromstring

from invoicesync_sandbox.base import Planned
from invoicesync_sandbox.qbd import qwc
from invoicesync_sandbox.qbd.errors import SdkError
from invoicesync_sandbox.qbd.message import enveloped
from invoicesync_sandbox.qbd.qwc import NotAdded, Qwc
from invoicesync_sandbox.qbd.remote import RemoteDesktop
from invoicesync_sandbox.qbd.soap import BadReply, Service

VERSION = "34.0.10003.96"
NO_OP_SECONDS = 5.0
"""How long the Web Connector waits when it hears that there is nothing yet."""
MOST_CONNECTION_ERRORS = 2
"""How many other company files it tries."""
_ENDS = {"none": "No data exchange required", "nvu": "Authentication failed", "busy": "Busy"}
FINISHED = 100


class Killed(Exception):
    """The Web Connector was ended in the middle of an update."""


class Desktop(Protocol):
    """What the Web Connector reaches of QuickBooks."""

    def begin(self, app: str, path: str = "", mode: int = 2) -> str:
        """Begin a session: its ticket."""

    def request(self, ticket: str, xml: str) -> str:
        """Process a message: the answer to it."""

    def end(self, ticket: str) -> None:
        """End a session."""

    def stamp(self, owner: str, file: str) -> bool:
        """Stamp the company file for an application; False if it bears this very stamp already."""


@dataclass
class Kill(Planned):
    """Where the next update ends: with a message `handed` out and QuickBooks not asked yet, after
    it has `worked`, or with its answer `sent` and the reply to that lost. The first `after`
    messages go through."""

    when: Literal["handed", "worked", "sent"]

    def takes(self, when: str) -> bool:
        """Whether it is now; counts it if so."""
        return when == self.when and self.counts()


class WebConnector:
    """One Web Connector with one application. `wait` waits for so many seconds; `known` are the
    OwnerIDs and FileIDs that this PC's Web Connector has already, and is added to."""

    def __init__(
        self,
        desktop: Desktop,
        text: str,
        password: str = "",
        *,
        wait: Callable[[float], None] = time.sleep,
        user_accepts: bool = True,
        known: set[tuple[str, str]] | None = None,
    ) -> None:
        """Add the application of a .qwc file. Raises `NotAdded`."""
        self.app: Qwc = qwc.read(text)
        self.service = Service(self.app.url, style=self.app.style)
        self.password = password
        self.log: list[str] = []
        self.status = ""
        """What the status column shows."""
        self.progress = 0
        self.kills: list[Kill] = []
        self._desktop = desktop
        self._wait = wait
        self._user_accepts = user_accepts
        known, pair = set() if known is None else known, (self.app.owner, self.app.file)
        if pair in known:
            return
        if not self.service.reachable(self.app.support):
            raise NotAdded("QBWC1003", "AppSupport cannot be reached.")
        try:
            is_new = desktop.stamp(*pair)
        except SdkError as error:
            raise NotAdded("QBWC1039", f"{error.code} {error}") from None
        if not is_new:
            raise NotAdded("QBWC1039", "Unique OwnerID/FileID pair value required.")
        known.add(pair)

    def update(self) -> str:
        """One update, from `serverVersion` to its end: what the status column says then.

        Raises `Killed` where that is planned.
        """
        try:
            self.status = self._updated()
        except _Failed as failed:
            self.status = f"{failed.code}: {failed}"
        self.log.append(self.status)
        return self.status

    def _updated(self) -> str:
        self._call("QBWC1012", "serverVersion")
        said = self._call("QBWC1012", "clientVersion", strVersion=VERSION)
        if said.startswith("E:") or (said.startswith("W:") and not self._user_accepts):
            return said
        try:
            answers = self.service.texts(
                "authenticate", strUserName=self.app.user, strPassword=self.password
            )
        except BadReply as bad:
            raise _Failed("QBWC1012", str(bad)) from None
        ticket, where = answers[0], answers[1] if len(answers) > 1 else ""
        self.log.append(f"authenticate {where or 'ok'}")
        if where in _ENDS:
            return _ENDS[where]
        session = self._begun(ticket, where)
        if session is None:
            return self._closed(ticket)
        try:
            return self._exchanged(ticket, session, where)
        finally:
            self._desktop.end(session)

    def _begun(self, ticket: str, path: str) -> str | None:
        """A session with QuickBooks, if need be with another file that the service names."""
        for _ in range(MOST_CONNECTION_ERRORS + 1):
            try:
                return self._desktop.begin(self.app.name, path)
            except SdkError as error:
                said = self._call(
                    "QBWC1045",
                    "connectionError",
                    ticket=ticket,
                    hresult=error.code,
                    message=str(error),
                )
                if said == "done":
                    return None
                path = said
        return None

    def _exchanged(self, ticket: str, session: str, path: str) -> str:
        first = True
        while True:
            xml = self._asked(ticket, session, path, first=first)
            first = False
            if xml in {"", "NoOp"}:
                said = self._call("QBWC1043", "getLastError", ticket=ticket)
                if said == "NoOp":
                    self._wait(NO_OP_SECONDS)
                    continue
                self._closed(ticket)
                return said
            done = self._carried(ticket, session, xml)
            if done < 0:
                said = self._call("QBWC1043", "getLastError", ticket=ticket)
                self._closed(ticket)
                raise _Failed("QBWC1037", said)
            self.progress = done
            if done >= FINISHED:
                return self._closed(ticket)

    def _asked(self, ticket: str, session: str, path: str, *, first: bool) -> str:
        """The next message. The first call of a session says what there is at this end."""
        about = ""
        if first:
            queries = ("HostQuery", "CompanyQuery", "PreferencesQuery")
            xml = enveloped(*(f"<{query}Rq/>" for query in queries))
            try:
                about = self._desktop.request(session, xml)
            except SdkError as error:
                raise _Failed("QBWC1014", f"{error.code} {error}") from None
            self._country, self._versions = _country(about)
        return self._call(
            "QBWC1041",
            "sendRequestXML",
            ticket=ticket,
            strHCPResponse=about,
            strCompanyFileName=path,
            qbXMLCountry=self._country,
            qbXMLMajorVers=self._versions[0],
            qbXMLMinorVers=self._versions[1],
        )

    def _carried(self, ticket: str, session: str, xml: str) -> int:
        self._killed("handed")
        answer, hresult, message = "", "", ""
        try:
            answer = self._desktop.request(session, xml)
        except SdkError as error:
            hresult, message = error.code, str(error)
        self._killed("worked")
        said = self._call(
            "QBWC1042",
            "receiveResponseXML",
            ticket=ticket,
            response=answer,
            hresult=hresult,
            message=message,
        )
        self._killed("sent")
        try:
            return int(said)
        except ValueError:
            raise _Failed("QBWC1042", f"{said!r} is no number.") from None

    def _closed(self, ticket: str) -> str:
        return self._call("QBWC1044", "closeConnection", ticket=ticket)

    def _killed(self, when: str) -> None:
        if any(kill.takes(when) for kill in self.kills):
            raise Killed(when)

    def _call(self, code: str, operation: str, **parameters: str) -> str:
        try:
            said = self.service.text(operation, **parameters)
        except BadReply as bad:
            raise _Failed(code, str(bad)) from None
        self.log.append(f"{operation} {said[:60]}".strip())
        return said


class _Failed(Exception):
    """An update that ends with an error of the Web Connector."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def _country(about: str) -> tuple[str, tuple[str, str]]:
    """Country, and the newest qbXML that QuickBooks knows."""
    host = fromstring(about).find("QBXMLMsgsRs/HostQueryRs/HostRet")  # noqa: S314 - the sandbox's
    if host is None:
        raise _Failed("QBWC1014", "QuickBooks gave no data about itself.")
    versions = [one.text or "" for one in host.findall("SupportedQBXMLVersion")]
    newest = max((tuple(map(int, one.split("."))) for one in versions), default=(1, 0))
    return host.findtext("Country", ""), (str(newest[0]), str(newest[1]))


def main(arguments: list[str]) -> int:
    """Poll until the process is ended."""
    again = arguments[3:] == ["--again"]
    if len(arguments) != 3 + again:
        sys.stderr.write(
            "usage: python -m invoicesync_sandbox.qbd.web_connector ROOT FILE.qwc PASSWORD "
            "[--again]\n"
        )
        return 2
    root, path, password = arguments[:3]
    text = Path(path).read_text(encoding="utf-8")
    try:
        app = qwc.read(text)
        known = {(app.owner, app.file)} if again else set()
        connector = WebConnector(RemoteDesktop(root), text, password, known=known)
    except NotAdded as why:
        sys.stderr.write(f"{why}\n")
        return 1
    while True:
        sys.stdout.write(f"{connector.update()}\n")
        sys.stdout.flush()
        time.sleep(connector.app.seconds or 60)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
