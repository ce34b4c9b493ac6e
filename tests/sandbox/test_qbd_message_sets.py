"""Message sets of the simulated QuickBooks Desktop: no message is carried out twice."""

from typing import Any

import pytest

from invoicesync_sandbox.qbd import QbdSandbox, QbdSwitches, SdkError
from tests.kits.qbxml import Desk, assert_valid, content_of, enveloped, request


def add(name: str) -> str:
    return request("CustomerAdd", Name=name)


def count(desk: Desk) -> int:
    return len(desk.qbd.customers) - 1


def test_a_message_that_comes_again_is_not_carried_out_again() -> None:
    desk = Desk()
    made = desk.ask(add("A"), newMessageSetID="k1")[0]
    again = desk.ask(add("A"), newMessageSetID="k1")[0]

    assert count(desk) == 1
    assert again.get("statusCode") == "0"
    assert [one.tag for one in again] == ["ErrorRecovery"]
    assert again[0].findtext("ListID") == made[0].findtext("ListID")


def test_the_stored_answer_may_be_the_whole_object() -> None:
    desk = Desk(QbdSwitches(stored_answer="full"))
    desk.ask(add("A"), newMessageSetID="k1")

    again = desk.ask(add("A"), newMessageSetID="k1")[0]
    assert [one.tag for one in again] == ["CustomerRet", "ErrorRecovery"]


def test_refusals_come_back_too() -> None:
    desk = Desk()
    texts = (add("A"), add("A"), add("B"))
    desk.ask(*texts, newMessageSetID="k1")

    again = desk.ask(*texts, newMessageSetID="k1")
    assert [one.get("statusCode") for one in again] == ["0", "3100", "0"]


def test_another_message_under_a_known_id_is_9001() -> None:
    desk = Desk()
    desk.ask(add("A"), newMessageSetID="k1")

    assert desk.code(add("B"), newMessageSetID="k1") == "9001"
    assert count(desk) == 1


def test_a_status_query_tells_what_was_done() -> None:
    desk = Desk()
    desk.ask(add("A"), newMessageSetID="k1")
    root = content_of(desk.text(newMessageSetID="k1", oldMessageSetID="k1"))

    assert (root.get("newMessageSetID"), root.get("messageSetStatusCode")) == ("k1", "0")
    assert [one.tag for one in root] == ["CustomerAddRs"]


@pytest.mark.parametrize("stores", [False, True])
def test_a_status_query_for_an_unknown_id(*, stores: bool) -> None:
    desk = Desk(QbdSwitches(unknown_query_stores=stores))

    assert desk.code(newMessageSetID="k1", oldMessageSetID="k1") == "9002"
    assert desk.code(add("A"), newMessageSetID="k1") == ("9001" if stores else "0")
    assert count(desk) == (0 if stores else 1)


def test_the_old_id_alone_forgets() -> None:
    desk = Desk()
    desk.ask(add("A"), newMessageSetID="k1")

    assert desk.code(oldMessageSetID="k1") == "0"
    assert desk.code(oldMessageSetID="k1") == "600"
    assert desk.code(newMessageSetID="k1", oldMessageSetID="k1") == "9002"
    desk.ask(add("B"), newMessageSetID="k2")
    assert desk.code(oldMessageSetID="ClearAllMessageSets") == "0"
    assert desk.code(newMessageSetID="k2", oldMessageSetID="k2") == "9002"


def test_a_new_message_can_forget_an_old_one() -> None:
    desk = Desk()
    desk.ask(add("A"), newMessageSetID="k1")

    assert desk.code(add("B"), newMessageSetID="k2", oldMessageSetID="k1") == "0"
    assert desk.code(newMessageSetID="k1", oldMessageSetID="k1") == "9002"
    assert desk.code(newMessageSetID="k2", oldMessageSetID="k2") == "0"


def test_a_message_that_forgets_its_own_id_is_carried_out_again() -> None:
    desk = Desk()
    desk.ask(add("A"), newMessageSetID="k1")

    answer = desk.ask(add("A"), newMessageSetID="k1", oldMessageSetID="k1")[0]
    assert answer.get("statusCode") == "3100"


def test_only_the_last_ones_may_be_kept() -> None:
    desk = Desk(QbdSwitches(message_sets_kept=1))
    desk.ask(add("A"), newMessageSetID="k1")
    desk.ask(add("B"), newMessageSetID="k2")

    assert desk.code(newMessageSetID="k1", oldMessageSetID="k1") == "9002"
    assert desk.code(newMessageSetID="k2", oldMessageSetID="k2") == "0"


def test_forgotten_message_sets_are_carried_out_again() -> None:
    desk = Desk()
    made = desk.invoice()
    desk.ask(request("InvoiceAdd", **made), newMessageSetID="k1")
    desk.qbd.forget_message_sets()
    desk.ask(request("InvoiceAdd", **made), newMessageSetID="k1")

    assert len(desk.qbd.invoices) == 2


@pytest.mark.parametrize(("length", "code"), [(23, "0"), (24, "9004")])
def test_ids_have_23_characters(length: int, code: str) -> None:
    desk = Desk()
    assert desk.code(add("A"), newMessageSetID="k" * length) == code
    assert count(desk) == (code == "0")


@pytest.mark.parametrize(("how", "done"), [("not-done", 0), ("done", 1)])
def test_a_message_whose_state_cannot_be_stored(how: Any, done: int) -> None:
    desk = Desk(QbdSwitches(unstored=how))
    desk.qbd.message_sets("invoicesync").unstorable = 1

    assert desk.code(add("A"), newMessageSetID="k1") == "9005"
    assert count(desk) == done


def test_message_sets_belong_to_their_application() -> None:
    desk = Desk()
    desk.ask(add("A"), newMessageSetID="k1")
    other = content_of(desk.qbd.send(newMessageSetID="k1", oldMessageSetID="k1", app="other"))
    assert other.get("messageSetStatusCode") == "9002"


def test_queries_alone_have_no_status_of_a_set() -> None:
    assert Desk().code("<HostQueryRq/>") == ""


def died(qbd: QbdSandbox, xml: str) -> str:
    """The HRESULT of a message."""
    ticket = qbd.begin("invoicesync")
    with pytest.raises(SdkError) as said:
        qbd.request(ticket, xml)
    return said.value.code


@pytest.mark.parametrize(
    ("how", "status", "answered", "codes"),
    [
        ("stored", "0", 7, {"0"}),
        ("not-processed", "0", 20, {"0", "3231"}),
        ("forgotten", "9002", 0, set()),
    ],
)
def test_quickbooks_dies_half_way(how: Any, status: str, answered: int, codes: set[str]) -> None:
    desk = Desk(QbdSwitches(half_done=how))
    desk.qbd.break_down("die", done=7)
    texts = [add(f"C{place}") for place in range(20)]
    message = enveloped(*texts, newMessageSetID="k1")

    assert died(desk.qbd, message) == "0x800706BE"
    assert count(desk) == 7
    with pytest.raises(SdkError, match="must include the name"):
        desk.qbd.begin("invoicesync")

    desk.qbd.start()
    text = desk.text(newMessageSetID="k1", oldMessageSetID="k1")
    assert_valid(text)
    root = content_of(text)
    assert (root.get("messageSetStatusCode"), len(root)) == (status, answered)
    assert {one.get("statusCode") for one in root} == codes


@pytest.mark.parametrize(("kind", "done"), [("drop", 0), ("lose", 1)])
def test_a_call_fails_before_or_after_the_work(kind: Any, done: int) -> None:
    desk = Desk()
    desk.qbd.break_down(kind, hresult=0x80010105, after=1)
    desk.ask("<HostQueryRq/>")
    desk.ask(add("A"), newMessageSetID="k1")

    assert died(desk.qbd, enveloped(add("B"), newMessageSetID="k2")) == "0x80010105"
    assert count(desk) == 1 + done
    assert [one.hresult for one in desk.qbd.writes_sent()] == ["", "0x80010105"]


def test_no_session_outlives_quickbooks() -> None:
    desk = Desk()
    desk.qbd.break_down("die")
    ticket = desk.qbd.begin("invoicesync")
    for code in ("0x800706BE", "0x8004040D"):
        with pytest.raises(SdkError) as said:
            desk.qbd.request(ticket, enveloped(add("A")))
        assert said.value.code == code
        desk.qbd.start()
