"""The stand-in for the Web Connector: what it takes on, calls, and does when something fails."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from invoicesync_sandbox.qbd.qwc import NotAdded
from invoicesync_sandbox.qbd.soap import Service
from invoicesync_sandbox.qbd.web_connector import Kill, Killed, WebConnector
from invoicesync_sandbox.serve import serving
from tests.kits.qbwc import ScriptedService, qwc
from tests.kits.qbxml import Desk, enveloped, request

ADD = enveloped(request("CustomerAdd", Name="A"), newMessageSetID="k1")
HOST = enveloped("<HostQueryRq/>")


class Stage:
    """QuickBooks, a service and a Web Connector between them."""

    def __init__(self, root: str, service: ScriptedService, **file: str) -> None:
        self.desk = Desk()
        self.service = service
        self.waited: list[float] = []
        text = qwc(root, **file)
        self.connector = WebConnector(self.desk.qbd, text, "s3cret", wait=self.waited.append)

    def customers(self) -> int:
        return len(self.desk.qbd.customers) - 1


@pytest.fixture
def service() -> ScriptedService:
    return ScriptedService(HOST, ADD)


@pytest.fixture
def root(service: ScriptedService) -> Iterator[str]:
    with serving({"app": service}) as roots:
        yield roots["app"]


def test_an_update_carries_messages_until_all_is_done(root: str, service: ScriptedService) -> None:
    stage = Stage(root, service)

    assert stage.connector.update() == "OK"
    assert service.names() == [
        "serverVersion",
        "clientVersion",
        "authenticate",
        "sendRequestXML",
        "receiveResponseXML",
        "sendRequestXML",
        "receiveResponseXML",
        "closeConnection",
    ]
    assert service.calls[2][1] == {"strUserName": "invoicesync", "strPassword": "s3cret"}
    assert "<HostRet>" in service.answers[0]["response"]
    assert (stage.customers(), stage.connector.progress) == (1, 100)


def test_only_the_first_call_tells_of_the_company(root: str, service: ScriptedService) -> None:
    Stage(root, service).connector.update()
    first, second = (given for name, given in service.calls if name == "sendRequestXML")

    for part in ("<HostQueryRs", "<CompanyQueryRs", "<PreferencesQueryRs"):
        assert part in first["strHCPResponse"]
    assert second["strHCPResponse"] == ""
    versions = (first["qbXMLCountry"], first["qbXMLMajorVers"], first["qbXMLMinorVers"])
    assert versions == ("US", "17", "0")


@pytest.mark.parametrize(
    ("where", "status"),
    [("none", "No data exchange"), ("nvu", "Authentication failed"), ("busy", "Busy")],
)
def test_authenticate_may_end_it(
    root: str, service: ScriptedService, where: str, status: str
) -> None:
    service.says["authenticate"] = ["{ticket}", where]

    assert Stage(root, service).connector.update().startswith(status)
    assert service.names()[-1] == "authenticate"


def test_nothing_to_do_yet_is_waited_for(root: str, service: ScriptedService) -> None:
    replies = ["", "NoOp", HOST]
    service.says["sendRequestXML"] = lambda _: replies.pop(0)
    service.says["getLastError"] = "NoOp"
    service.says["receiveResponseXML"] = "100"
    stage = Stage(root, service)

    assert stage.connector.update() == "OK"
    assert stage.waited == [5.0, 5.0]
    about = [given["strHCPResponse"] != "" for name, given in service.calls if "send" in name]
    assert about == [True, False, False]


def test_an_error_of_the_service_ends_it(root: str, service: ScriptedService) -> None:
    service.says["receiveResponseXML"] = "-1"
    service.says["getLastError"] = "Wrong company"

    assert Stage(root, service).connector.update() == "QBWC1037: Wrong company"
    assert service.names()[-2:] == ["getLastError", "closeConnection"]


def test_what_cannot_be_parsed_comes_back_as_an_hresult(
    root: str, service: ScriptedService
) -> None:
    service.messages = [enveloped("<NonsenseRq/>")]
    Stage(root, service).connector.update()

    assert service.answers[0]["response"] == ""
    assert service.answers[0]["hresult"] == "0x80040400"
    assert "parsing" in service.answers[0]["message"]


def test_quickbooks_that_cannot_be_opened(root: str, service: ScriptedService) -> None:
    stage = Stage(root, service)
    stage.desk.qbd.dialog = True
    stage.connector.update()
    assert service.calls[-2] == (
        "connectionError",
        {"ticket": "{ticket}", "hresult": "0x80040414", "message": service.calls[-2][1]["message"]},
    )

    service.says["connectionError"] = "C:\\other.qbw"
    service.calls.clear()
    stage.connector.update()
    assert service.names().count("connectionError") == 3


@pytest.mark.parametrize(
    ("when", "made", "answered"), [("handed", 0, 0), ("worked", 1, 0), ("sent", 1, 1)]
)
def test_it_can_be_killed_between_the_calls(
    root: str, service: ScriptedService, when: Any, made: int, answered: int
) -> None:
    stage = Stage(root, service)
    service.messages = [ADD, HOST]
    stage.connector.kills.append(Kill(when))

    with pytest.raises(Killed):
        stage.connector.update()
    assert (stage.customers(), len(service.answers)) == (made, answered)
    assert not stage.desk.qbd.sessions

    service.messages = [ADD]
    assert stage.connector.update() == "OK"
    assert stage.customers() == 1


@pytest.mark.parametrize(
    ("operation", "reply", "code"),
    [
        ("authenticate", Response("<html>", 200), "QBWC1012"),
        ("authenticate", [], "QBWC1012"),
        ("sendRequestXML", Response("no", 500), "QBWC1041"),
        ("receiveResponseXML", Response("<html>", 200), "QBWC1042"),
        ("receiveResponseXML", "many", "QBWC1042"),
        ("closeConnection", Response("", 404), "QBWC1044"),
    ],
)
def test_replies_that_cannot_be_used(
    root: str, service: ScriptedService, operation: str, reply: Any, code: str
) -> None:
    service.says[operation] = reply
    assert Stage(root, service).connector.update().startswith(code)


def test_a_reply_that_comes_too_late_is_lost(root: str, service: ScriptedService) -> None:
    stage, over = Stage(root, service), threading.Event()

    def late(_: dict[str, str]) -> str:
        over.wait(20)
        return "100"

    service.says["receiveResponseXML"] = late
    stage.connector.service = Service(stage.connector.app.url, seconds=0.3)
    service.messages = [ADD]
    try:
        assert stage.connector.update().startswith("QBWC1042")
    finally:
        over.set()
    assert stage.customers() == 1


def test_nobody_is_listening() -> None:
    service = ScriptedService()
    with serving({"app": service}) as roots:
        stage = Stage(roots["app"], service)
    assert stage.connector.update().startswith("QBWC1012")


@pytest.mark.parametrize("said", ["E:too old", "W:old"])
def test_a_client_that_is_not_wanted(root: str, service: ScriptedService, said: str) -> None:
    service.says["clientVersion"] = said
    connector = WebConnector(Desk().qbd, qwc(root), user_accepts=False)
    assert connector.update() == said
    assert service.names()[-1] == "clientVersion"


def test_the_style_of_remote_procedure_calls(root: str, service: ScriptedService) -> None:
    assert Stage(root, service, Style="RPC").connector.update() == "OK"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ({"OwnerID": "-"}, "QBWC1006"),
        ({"AppID": "-"}, "QBWC1006"),
        ({"FileID": "x"}, "QBWC1006"),
        ({"AppDescription": "x" * 81}, "QBWC1006"),
        ({"IsReadOnly": "true"}, "QBWC1039"),
        ({"AppURL": "http://127.0.0.1:1/x"}, "QBWC1001"),
        ({"AppURL": "http://example.com/x"}, "QBWC1048"),
        ({"AppSupport": "http://example.com/x"}, "QBWC1000"),
        ({"AppSupport": "http://localhost:1/x"}, "QBWC1003"),
    ],
)
def test_what_is_not_taken_on(root: str, file: dict[str, str], code: str) -> None:
    with pytest.raises(NotAdded) as why:
        WebConnector(Desk().qbd, qwc(root, **file))
    assert why.value.code == code


def test_a_pair_of_ids_is_taken_on_once_and_a_new_file_id_gets_round_it(root: str) -> None:
    desk = Desk()
    known: set[tuple[str, str]] = set()
    WebConnector(desk.qbd, qwc(root), known=known)
    # The same PC has it already; another one has to add it.
    WebConnector(desk.qbd, qwc(root), known=known)
    with pytest.raises(NotAdded, match="Unique OwnerID/FileID pair value required") as why:
        WebConnector(desk.qbd, qwc(root))
    assert why.value.code == "QBWC1039"

    another = "{b2a8e6a0-7d43-4f0e-8f57-0d3c9a1e5b23}"
    connector = WebConnector(desk.qbd, qwc(root, FileID=another))
    assert desk.qbd.books.file_ids[connector.app.owner] == another


def test_it_is_a_process_of_its_own(tmp_path: Path) -> None:
    desk, service = Desk(), ScriptedService(ADD)
    with serving({"qbd": desk.qbd, "app": service}) as roots:
        file = tmp_path / "invoicesync.qwc"
        file.write_text(qwc(roots["app"]), encoding="utf-8")
        module = "invoicesync_sandbox.qbd.web_connector"
        command = [sys.executable, "-m", module, roots["qbd"], str(file), "s3cret"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                assert process.stdout.readline() == "OK\n"
            finally:
                process.terminate()
        again = subprocess.run([*command], capture_output=True, text=True, check=False)
        assert (again.returncode, "QBWC1039" in again.stderr) == (1, True)
        with subprocess.Popen([*command, "--again"], stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                assert process.stdout.readline() == "done\n"
            finally:
                process.terminate()
    assert len(desk.qbd.customers) == 2
