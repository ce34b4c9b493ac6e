"""The Web Connector's polling as call and answer, over real HTTP on loopback."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from invoicesync_cli.errors import InvoiceSyncError, TryLater
from invoicesync_cli.load.qbd.channel import MessageRefused
from invoicesync_cli.load.qbd.web_connector.relay import key_of
from invoicesync_cli.load.qbd.web_connector.sessions import SILENT, Phase, Sessions
from invoicesync_sandbox.qbd.soap import Service
from invoicesync_sandbox.qbd.web_connector import Kill, Killed
from tests.kits.qbxml import Desk, enveloped, request
from tests.kits.web_connector import PASSWORD, Counter, Polled, in_background, polled

ADD = enveloped(request("CustomerAdd", Name="Ann"), newMessageSetID="k1")
ASK = enveloped("<HostQueryRq/>")
LONG = 30.0


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def at(clock: Clock) -> Iterator[Polled]:
    """A service whose calls are held for a moment of a clock that a test moves."""
    with polled(Sessions(key_of(PASSWORD), clock=clock, hold=0.0)) as found:
        yield found


@pytest.fixture
def desk() -> Counter:
    return Counter(Desk().qbd)


def asking(at: Polled, message: str, limit: float = LONG) -> "Future[str]":
    """A run that sends a message and ends."""

    def work() -> str:
        with at.sessions.run():
            started.set()
            return at.sessions.exchange(message, limit=limit, wait=LONG)

    started = threading.Event()
    future = in_background(work)
    assert started.wait(LONG)
    return future


def refusal(future: "Future[str]") -> InvoiceSyncError:
    with pytest.raises(InvoiceSyncError) as caught:
        future.result(LONG)
    return caught.value


def customers(desk: Counter) -> int:
    return sum("CustomerAdd" in message for message in desk.messages)


def test_a_run_is_one_session(at: Polled, desk: Counter) -> None:
    first, second = in_background_run(at, [ASK, ADD])
    connector = at.connector(desk)

    assert connector.update() == "Done."
    assert "<HostRet>" in first.result(LONG)
    assert 'statusCode="0"' in second.result(LONG)
    assert [line for line in connector.log if line.startswith("authenticate")] == [
        "authenticate ok"
    ]
    assert connector.log[-2].startswith("closeConnection")
    at.sessions.ended()
    assert at.sessions.phase is Phase.IDLE


def in_background_run(at: Polled, messages: list[str]) -> "list[Future[str]]":
    """A run that sends one message after the other."""
    answers: list[Future[str]] = [Future() for _ in messages]

    def work() -> None:
        with at.sessions.run():
            started.set()
            for message, answer in zip(messages, answers, strict=True):
                answer.set_result(at.sessions.exchange(message, limit=LONG, wait=LONG))

    started = threading.Event()
    in_background(work)
    assert started.wait(LONG)
    return answers


def test_the_session_stays_open_while_a_run_is_busy_elsewhere(at: Polled, desk: Counter) -> None:
    asked_again = threading.Semaphore(0)
    connector = at.connector(desk, wait=lambda _: asked_again.release())
    with at.sessions.run():
        update = in_background(connector.update)
        for _ in range(3):
            assert asked_again.acquire(timeout=LONG)
        assert "<HostRet>" in at.sessions.exchange(ASK, limit=LONG, wait=LONG)

    assert update.result(LONG) == "Done."
    assert sum(line == "authenticate ok" for line in connector.log) == 1


def test_nothing_to_do_is_said_at_once(at: Polled, desk: Counter) -> None:
    assert at.connector(desk).update() == "No data exchange required"
    assert desk.messages == []


def test_a_second_web_connector_is_turned_away_between_messages(
    at: Polled, desk: Counter, clock: Clock
) -> None:
    waits, goes_on = threading.Event(), threading.Event()

    def wait(_: float) -> None:
        waits.set()
        assert goes_on.wait(LONG)

    with at.sessions.run():
        first = in_background(at.connector(desk, wait=wait).update)
        assert waits.wait(LONG)
        assert at.authenticate() == ["", "busy"]
        assert at.connector(Desk().qbd).update() == "Busy"

        # One that says nothing for a minute has gone: its PC is off, say.
        clock.time += SILENT
        assert at.authenticate()[1] == ""
    goes_on.set()
    first.result(LONG)


@pytest.mark.parametrize("when", ["handed", "worked"])
def test_an_answer_that_a_dead_web_connector_owes_counts_as_lost(
    at: Polled, desk: Counter, when: str
) -> None:
    answer = asking(at, ADD)
    connector = at.connector(desk)
    connector.kills.append(Kill(when))  # type: ignore[arg-type]
    with pytest.raises(Killed):
        connector.update()
    assert at.sessions.phase is Phase.HANDED

    with at.sessions.run():
        # The next poll is taken, though a message is out.
        update = in_background(connector.update)
        lost = refusal(answer)
        assert 'statusCode="0"' in at.sessions.exchange(ADD, limit=LONG, wait=LONG)

    assert (lost.code, lost.unknown, lost.exit_code) == ("answer-lost", True, 7)
    assert update.result(LONG) == "Done."
    # QuickBooks knows the message: the customer is there once.
    assert customers(desk) == (1 if when == "handed" else 2)


def test_who_asks_for_the_next_message_has_lost_the_answer(at: Polled) -> None:
    answer = asking(at, ADD)
    ticket = at.authenticate()[0]
    assert at.call("sendRequestXML", ticket=ticket, strHCPResponse="") == ADD

    # As after a poll that the Web Connector has given up.
    assert at.call("sendRequestXML", ticket=ticket, strHCPResponse="") != ADD

    assert (refusal(answer).code, refusal(answer).unknown) == ("answer-lost", True)


def test_who_comes_anew_frees_the_run_whose_answer_is_lost(at: Polled, desk: Counter) -> None:
    answer = asking(at, ADD)
    connector = at.connector(desk)
    connector.kills.append(Kill("handed"))
    with pytest.raises(Killed):
        connector.update()

    # Before it has asked for anything.
    at.authenticate()

    assert refusal(answer).code == "answer-lost"


def test_an_answer_for_a_run_that_gave_up_is_kept_for_the_next_one(
    at: Polled, desk: Counter, clock: Clock
) -> None:
    desk.held = threading.Event()
    answer = asking(at, ADD)
    update = in_background(at.connector(desk).update)
    assert desk.reached.wait(LONG)
    clock.time += LONG
    assert (refusal(answer).code, refusal(answer).unknown) == ("no-answer", True)

    desk.held.set()
    assert update.result(LONG) == "Done."

    # Without a poll, and without asking QuickBooks.
    assert 'statusCode="0"' in asking(at, ADD).result(LONG)
    assert customers(desk) == 1


def test_nothing_is_sent_for_a_run_that_has_died(at: Polled, desk: Counter) -> None:
    dead = in_background(
        lambda: at.sessions.exchange(ADD, limit=LONG, wait=LONG, alive=lambda: False)
    )
    with at.sessions.run():
        update = in_background(at.connector(desk).update)
        assert refusal(dead).unknown is False
    assert update.result(LONG) == "Done."
    assert desk.messages == []


def test_an_answer_for_an_earlier_process_is_kept(at: Polled) -> None:
    earlier = Sessions(key_of(PASSWORD), wanted=lambda: True, hold=0.0)
    ticket, _ = earlier.authenticated()
    answer = Desk().qbd.send(request("CustomerAdd", Name="Ann"), newMessageSetID="k1")

    assert at.call("receiveResponseXML", ticket=ticket, response=answer) == "100"
    assert asking(at, ADD).result(LONG) == answer


@pytest.mark.parametrize("ticket", ["", "x", "5f0c-", "0" * 32 + "-" + "0" * 64])
def test_an_answer_with_a_made_up_ticket_is_nobodys(at: Polled, ticket: str) -> None:
    answer = '<QBXML><QBXMLMsgsRs newMessageSetID="k1" messageSetStatusCode="0"/></QBXML>'
    with at.sessions.run():
        opened, _ = at.authenticate()
        assert at.call("receiveResponseXML", ticket=ticket, response=answer) == "-1"
        assert at.call("sendRequestXML", ticket=ticket, strHCPResponse="") == ""
        assert at.call("getLastError", ticket=ticket) == "This session has ended."
        # The session that is open goes on.
        assert at.call("sendRequestXML", ticket=opened, strHCPResponse="") == "NoOp"


def test_the_status_query_of_a_message_is_no_call_for_its_kept_answer(
    at: Polled, desk: Counter
) -> None:
    query = enveloped(oldMessageSetID="k1", newMessageSetID="k1")
    earlier = Sessions(key_of(PASSWORD), wanted=lambda: True, hold=0.0)
    ticket, _ = earlier.authenticated()
    kept = '<QBXML><QBXMLMsgsRs newMessageSetID="k1" messageSetStatusCode="0"/></QBXML>'
    at.call("receiveResponseXML", ticket=ticket, response=kept)

    answer = asking(at, query)
    at.connector(desk).update()
    assert "9002" in answer.result(LONG)


def test_a_message_that_quickbooks_cannot_read_was_not_done(at: Polled, desk: Counter) -> None:
    answer = asking(at, enveloped("<NonsenseRq/>"))
    at.connector(desk).update()

    assert isinstance(refusal(answer), MessageRefused)


def test_a_quickbooks_that_cannot_be_opened_is_reported_to_the_run(at: Polled) -> None:
    desk = Desk()
    connector = at.connector(desk.qbd)
    desk.qbd.running = False
    answer = asking(at, ASK)
    connector.update()
    why = refusal(answer)

    assert (why.code, why.exit_code, why.unknown) == ("quickbooks-not-ready", 7, False)
    assert at.sessions.phase is Phase.IDLE


def test_no_poll_within_the_wait_ends_the_run(at: Polled, clock: Clock) -> None:
    answer = asking(at, ASK)
    clock.time += LONG
    why = refusal(answer)

    assert isinstance(why, TryLater)
    assert (why.code, why.unknown) == ("no-web-connector", False)
    assert "30 seconds" in why.message
    assert "Update Selected" in why.hint


def test_the_company_file_of_the_config_is_asked_for(clock: Clock) -> None:
    path = r"C:\Books\Wick & Wax.qbw"
    sessions = Sessions(key_of(PASSWORD), path, wanted=lambda: True, clock=clock, hold=0.0)
    with polled(sessions) as at:
        assert at.authenticate()[1] == path


def test_a_wrong_password_waits_longer_each_time() -> None:
    waited: list[float] = []
    with polled(pause=waited.append) as at, at.sessions.run():
        for _ in range(8):
            assert at.authenticate("guess") == ["", "nvu"]
        assert waited == sorted(waited)
        assert waited[0] < 1 <= max(waited) <= 15
        assert at.authenticate()[1] == ""

        # Whoever knows it has made no mistake since.
        at.authenticate("guess")
    assert waited[-1] == waited[0]


def test_another_user_name_is_refused() -> None:
    with polled() as at, at.sessions.run():
        service = Service(f"{at.root}/qbwc")
        for user in ("admin", "", "invoicesync "):
            given = {"strUserName": user, "strPassword": PASSWORD}
            assert service.texts("authenticate", **given) == ["", "nvu"]
