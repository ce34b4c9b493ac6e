"""Sessions with the simulated QuickBooks Desktop, and the stand-in for its COM worker."""

import json
import subprocess
import sys
from typing import Any

import pytest

from invoicesync_sandbox.qbd import QbdSandbox, QbdSwitches, SdkError
from invoicesync_sandbox.qbd.server import PATH
from invoicesync_sandbox.qbd.worker_calls import WorkerCalls
from invoicesync_sandbox.serve import serving
from tests.kits.qbxml import Desk, enveloped

HOST = enveloped("<HostQueryRq/>")
OPEN = {"id": 1, "do": "open", "app_name": "invoicesync", "file": "", "mode": 2}


def refused(qbd: QbdSandbox, path: str = "", mode: int = 2) -> str:
    """The HRESULT with which a session does not begin; blank if it does."""
    try:
        qbd.begin("invoicesync", path, mode)
    except SdkError as error:
        return error.code
    return ""


def test_the_open_file_needs_no_path() -> None:
    qbd = QbdSandbox()
    assert refused(qbd) == refused(qbd, PATH) == refused(qbd, PATH.upper()) == ""
    assert refused(qbd, "C:\\nothing.qbw") == "0x80040406"


def test_another_file_is_open() -> None:
    qbd = QbdSandbox()
    qbd.files["C:\\other.qbw"] = qbd.books
    assert refused(qbd, "C:\\other.qbw") == "0x8004040A"


def test_quickbooks_is_closed() -> None:
    qbd = QbdSandbox()
    qbd.quit()
    assert refused(qbd) == "0x80040416"
    qbd.host.unattended = False
    assert refused(qbd, PATH) == "0x80040408"
    qbd.host.unattended = True
    assert refused(qbd, PATH) == ""
    qbd.open_path = ""
    assert refused(qbd) == "0x80040417"


@pytest.mark.parametrize("code", ["0x80040410", "0x80040422", "0x80040408"])
def test_somebody_else_is_in_single_user_mode(code: Any) -> None:
    qbd = QbdSandbox(switches=QbdSwitches(single_user_code=code))
    qbd.other_single_user = True
    assert refused(qbd) == code


def test_the_user_is_asked_once() -> None:
    qbd = QbdSandbox()
    qbd.consent = "asked"
    assert refused(qbd) == "0x80040418"
    qbd.consent = "refused"
    assert refused(qbd) == "0x80040420"
    qbd.consent = "always"
    assert refused(qbd) == ""
    qbd.consent = "refused"
    assert refused(qbd) == ""


def test_a_dialog_blocks_everything() -> None:
    qbd = QbdSandbox()
    ticket = qbd.begin("invoicesync")
    qbd.dialog = True
    assert refused(qbd) == "0x80040414"
    with pytest.raises(SdkError, match="modal dialog"):
        qbd.request(ticket, HOST)


def test_the_worker_speaks_line_by_line() -> None:
    calls = WorkerCalls(Desk().qbd)

    assert calls.answer({"id": 5, "do": "request", "xml": HOST})["hresult"] == "0x8004040D"
    assert calls.answer(OPEN) == {"id": 1, "ok": True}
    assert "<HostRet>" in calls.answer({"id": 2, "do": "request", "xml": HOST})["xml"]
    wrong = calls.answer({"id": 3, "do": "request", "xml": "x"})
    assert (wrong["id"], wrong["hresult"]) == (3, "0x80040400")
    assert "parsing" in wrong["message"]
    unknown = calls.answer({"id": 4, "do": "request", "xml": enveloped("<BillAddRq/>")})
    assert "does not simulate" in unknown["message"]
    assert calls.answer({"id": 6, "do": "close"}) == {"id": 6, "ok": True}


class Worker:
    """The worker as a process."""

    def __init__(self, root: str) -> None:
        command = [sys.executable, "-m", "invoicesync_sandbox.qbd.worker", root]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def say(self, **line: Any) -> None:
        """Give it a line."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def heard(self) -> str:
        """The next line that it says."""
        assert self.process.stdout
        return self.process.stdout.readline()

    def end(self) -> int:
        """End its input, and it: its exit code."""
        self.process.communicate(timeout=20)
        return self.process.returncode


def test_the_worker_is_a_process_of_its_own() -> None:
    desk = Desk()
    with serving({"qbd": desk.qbd}) as roots:
        worker = Worker(roots["qbd"])
        worker.say(**OPEN)
        assert json.loads(worker.heard()) == {"id": 1, "ok": True}
        worker.say(id=2, do="request", xml=HOST)
        assert "<HostRet>" in json.loads(worker.heard())["xml"]
        desk.qbd.fail_worker("noise")
        worker.say(id=3, do="request", xml=HOST)
        assert worker.heard() == "Fatal error in QBXMLRP2\n"
        assert worker.end() == 0


@pytest.mark.parametrize("done", [False, True])
def test_the_worker_ends_without_a_line(*, done: bool) -> None:
    desk = Desk()
    desk.qbd.fail_worker("exit", done=done)
    xml = enveloped("<CustomerAddRq><CustomerAdd><Name>A</Name></CustomerAdd></CustomerAddRq>")
    with serving({"qbd": desk.qbd}) as roots:
        worker = Worker(roots["qbd"])
        worker.say(**OPEN)
        worker.heard()
        worker.say(id=2, do="request", xml=xml)
        assert worker.heard() == ""
        assert worker.end() == 1
    assert len(desk.qbd.customers) == (2 if done else 1)


def test_a_worker_that_hangs_can_be_killed() -> None:
    desk = Desk()
    desk.qbd.fail_worker("hang")
    with serving({"qbd": desk.qbd}) as roots:
        worker = Worker(roots["qbd"])
        worker.say(**OPEN)
        worker.heard()
        worker.say(id=2, do="request", xml=HOST)
        worker.process.kill()
        assert worker.end() != 0
    assert not desk.qbd.exchanges
