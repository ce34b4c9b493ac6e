"""The write test on a sample company file: what it finds, and that nothing of it is left."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import ConfigError, ExitCode, InvoiceSyncError, SignInNeeded
from invoicesync_cli.load import registry
from invoicesync_cli.load.qbd.write_test.results import OpenQuestion, WriteTest
from invoicesync_cli.progress import SILENT
from invoicesync_sandbox.qbd import QbdSwitches
from invoicesync_sandbox.qbd.books import TRANSACTIONS
from invoicesync_sandbox.qbd.forms import Txn
from invoicesync_sandbox.qbd.rows import Item
from tests.kits.qbd_shop import check_messages, desktop
from tests.kits.rehearsal import Rehearsal

NAME = "invoicesync write test"
SAID = (
    '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><TxnVoidRs requestID="1" statusCode="0" '
    'statusSeverity="Info" statusMessage="Status OK"/></QBXMLMsgsRs></QBXML>'
)
RAW = "Letters beyond ASCII as they are (we write them as numbers)"


def sample(home: Path, switches: QbdSwitches | None = None, **settings: Any) -> Rehearsal:
    """A rehearsal whose company file calls itself a sample."""
    rehearsal = desktop(home, switches, **settings)
    rehearsal.qbd.books.sample = True
    return rehearsal


def tried(rehearsal: Rehearsal, number: int = 0) -> WriteTest:
    """A write test, into a folder for the `number`th."""
    credentials = Workspace(rehearsal.environ, rehearsal.network).credentials(Call())
    # Each at another second, as its file says.
    rehearsal.ticker.pass_time(1)
    return registry.write_test(credentials, rehearsal.home / f"{number}", lambda _: None, SILENT)


def found(result: WriteTest, question: str) -> OpenQuestion:
    """The answer to the question that begins so."""
    (one,) = [finding for finding in result.findings if finding.question.startswith(question)]
    return one


def written(rehearsal: Rehearsal) -> list[Txn]:
    """The transactions of write tests in the company file."""
    return [
        row
        for kind in TRANSACTIONS
        for row in rehearsal.qbd.books.tables[kind].values()
        if NAME in row.memo or NAME in who(rehearsal, row)
    ]


def who(rehearsal: Rehearsal, row: Txn) -> str:
    """The name of a transaction's customer."""
    customer = rehearsal.qbd.customers.get(row.customer_id)
    return customer.name if customer else ""


def living(rows: Iterable[Txn]) -> list[Txn]:
    """Those of them that are not void."""
    return [row for row in rows if not row.voided]


def test_eight_writes_are_read_back_and_taken_back(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    others = len(rehearsal.qbd.invoices), len(rehearsal.qbd.customers)

    result = tried(rehearsal)

    assert [write.number for write in result.writes] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(write.findings for write in result.writes)
    assert result.exit_code is ExitCode.OK
    rows = written(rehearsal)
    # Five forms and a check; a payment is deleted.
    assert [row.word for row in rows].count("Invoice") == 4
    assert {row.word for row in rows} == {"Invoice", "CreditMemo", "Check"}
    assert living(rows) == []
    assert result.left == []
    assert result.taken_back == 7
    (made,) = [row for row in rehearsal.qbd.customers.values() if row.name.startswith(NAME)]
    assert not made.active
    assert result.customer == made.name
    assert len(rehearsal.qbd.customers) == others[1] + 1
    assert len(rehearsal.qbd.invoices) == others[0] + 4
    assert not [row for row in rows if rehearsal.qbd.balance(row.id)]
    # The letters that no message may have as they are, are tried in one.
    check_messages(rehearsal, but=("é",))


@pytest.mark.parametrize(
    ("switches", "question", "answer"),
    [
        ({}, "What the stored answer has", "its ids only (ErrorRecovery)"),
        ({"stored_answer": "full"}, "What the stored answer has", "the whole document"),
        ({}, "How many messages are remembered", "all 8"),
        ({"message_sets_kept": 3}, "How many messages are remembered", "the last 3 of 8"),
        ({}, "Asking what became", "9002; the message itself goes through afterwards"),
        ({"unknown_query_stores": True}, "Asking what became", "is refused afterwards (9001)"),
        ({}, RAW, "refused (QuickBooks Desktop could not read a message"),
        ({"raw_letters": "kept"}, RAW, "the message is taken"),
        ({}, "The status of a query for an id that was deleted", "500: "),
        ({"nothing_by_id": "1"}, "The status of a query for an id that was deleted", "1: "),
        ({}, "An invoice for a customer out of use", "(3140)"),
        ({"inactive_referred_to": "accepted"}, "An invoice for a customer out of use", "accepted"),
        ({}, "An ExternalGUID twice", "accepted"),
        ({"guid_twice": "refused"}, "An ExternalGUID twice", "(3180)"),
        ({}, "A number that is taken", "accepted"),
        ({}, "Where a line of tax counts", "in Subtotal, as other lines"),
        ({"tax_line_in": "tax"}, "Where a line of tax counts", "in SalesTaxTotal"),
        ({}, "The memo of a voided transaction", "VOID: and what it was before"),
        ({"void_memo": "replaced"}, "The memo of a voided transaction", "'VOID:'"),
        ({}, "Letters beyond ISO-8859-1", "they come back as '? ? ?'"),
        ({}, "The sign of a negative line", "it is -10.00"),
        ({}, "The sign of a tax line below a negative one", "it is -5.00; the total is 85.00"),
        ({}, "A total below zero", "(3180)"),
        ({}, "What is left of a credit memo", "0.00 of 21.65"),
        ({}, "The total of an invoice that is partly paid", "together 108.25"),
    ],
)
def test_each_answer_is_found(
    tmp_path: Path, switches: dict[str, Any], question: str, answer: str
) -> None:
    result = tried(sample(tmp_path, QbdSwitches(**switches)))

    assert answer in found(result, question).found
    assert found(result, question).settled
    assert result.exit_code is ExitCode.OK, [one for one in result.findings if not one.counted_on]


@pytest.mark.parametrize("code", ["3171", "3180"])
def test_a_closed_period_is_tried_where_there_is_one(tmp_path: Path, code: str) -> None:
    rehearsal = sample(tmp_path, QbdSwitches(closed_code=code))  # type: ignore[arg-type]
    question = "A date in the closed period"
    assert not found(tried(rehearsal), question).settled

    rehearsal.qbd.close_books(date(2026, 10, 2))
    assert f"({code})" in found(tried(rehearsal, 1), question).found


@pytest.mark.parametrize("kind", ["us-no-tax", "no tax items"])
def test_what_the_file_does_not_have_is_left_open(tmp_path: Path, kind: str) -> None:
    rehearsal = Rehearsal(tmp_path, to="qbd", company="us-no-tax" if "-" in kind else "us")
    rehearsal.qbd.books.sample = True
    for row in list(rehearsal.qbd.books.tables[Item].values()):
        if row.type == "ItemSalesTax":
            rehearsal.qbd.set_active(Item, row.id, active=False)

    result = tried(rehearsal)

    open_ones = [one.question for one in result.findings if not one.settled]
    assert "Where a line of tax counts" in open_ones
    assert result.exit_code is ExitCode.OK
    assert found(result, "The total of an invoice that is partly paid").settled
    assert living(written(rehearsal)) == []


def test_a_file_that_is_no_sample_is_refused_and_nothing_written(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path)

    with pytest.raises(ConfigError) as refused:
        tried(rehearsal)

    assert refused.value.code == "no-sample-company"
    assert "Wick & Wax LLC is no sample" in refused.value.message
    assert rehearsal.qbd.writes_sent() == []
    assert not (tmp_path / "0").exists()


def test_another_company_than_the_profiles_is_refused(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    credentials = Workspace(rehearsal.environ, rehearsal.network).credentials(Call())

    def another(account: object) -> None:
        raise SignInNeeded(f"{account} is another one.")

    with pytest.raises(SignInNeeded):
        registry.write_test(credentials, tmp_path, another, SILENT)
    assert rehearsal.qbd.writes_sent() == []


class Ended(BaseException):
    """The process is killed."""


@pytest.mark.parametrize("number", range(1, 17))
@pytest.mark.parametrize("done", [True, False])
def test_whatever_a_killed_test_wrote_is_found_and_taken_back(
    tmp_path: Path, number: int, done: bool
) -> None:
    """`number` is the message that changes something at which it is killed, before QuickBooks is
    asked or after it has done it: a write, or one of those that take back."""
    rehearsal = sample(tmp_path)
    honest, left = rehearsal.qbd.request, [number]

    def deadly(ticket: str, xml: str) -> str:
        changes = any(word in xml for word in ("AddRq", "ModRq", "VoidRq", "DelRq"))
        left[0] -= changes
        if changes and left[0] == 0:
            if done:
                honest(ticket, xml)
            raise Ended
        return honest(ticket, xml)

    rehearsal.qbd.request = deadly  # type: ignore[method-assign]
    with pytest.raises(Ended):
        tried(rehearsal)
    remaining = len(living(written(rehearsal)))

    rehearsal.qbd.request = honest  # type: ignore[method-assign]
    result = tried(rehearsal, 1)

    assert result.earlier == remaining
    assert (result.exit_code, result.left) == (ExitCode.OK, [])
    assert living(written(rehearsal)) == []
    assert not [row for row in rehearsal.qbd.payments.values() if NAME in who(rehearsal, row)]
    made = [row for row in rehearsal.qbd.customers.values() if row.name.startswith(NAME)]
    assert not [row for row in made if row.active]
    # What it had sent, too, is in its file.
    first = next((tmp_path / "0").iterdir()).read_text()
    assert len([one for one in rehearsal.qbd.writes_sent() if one.xml in first]) >= number - 1


def test_after_a_lost_answer_it_says_how_to_go_on(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    rehearsal.qbd.break_down("lose", after=3)

    with pytest.raises(InvoiceSyncError) as lost:
        tried(rehearsal)

    assert lost.value.exit_code is ExitCode.TRY_LATER
    assert NAME in lost.value.hint
    assert "takes that back first" in lost.value.hint
    assert living(written(rehearsal))
    rehearsal.qbd.start()
    assert tried(rehearsal, 1).earlier > 0
    assert living(written(rehearsal)) == []


def test_a_quickbooks_that_does_a_message_twice_is_a_difference(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    honest = rehearsal.qbd.request

    def forgetful(ticket: str, xml: str) -> str:
        rehearsal.qbd.forget_message_sets()
        return honest(ticket, xml)

    rehearsal.qbd.request = forgetful  # type: ignore[method-assign]
    result = tried(rehearsal)

    once = found(result, "The identical message once more")
    assert "2 times" in once.found
    assert not once.counted_on
    assert result.exit_code is ExitCode.DIFFERENCES
    assert living(written(rehearsal)) == []


def test_another_total_than_was_sent_is_a_difference(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    honest = rehearsal.qbd.request

    def otherwise(ticket: str, xml: str) -> str:
        return honest(ticket, xml.replace("<Amount>8.25</Amount>", "<Amount>8.24</Amount>"))

    rehearsal.qbd.request = otherwise  # type: ignore[method-assign]
    result = tried(rehearsal)

    assert result.exit_code is ExitCode.DIFFERENCES
    (total,) = [one for one in result.writes[1].findings if one.question == "The total"]
    assert total.found == "108.24, and 108.25 was sent"
    assert not total.counted_on


def test_what_cannot_be_voided_is_named(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    rehearsal.qbd.refuse("TxnVoid", "3220", "You may not do that.", match="CreditMemo")

    result = tried(rehearsal)

    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert any("You may not do that. (3220)" in one for one in result.left)
    (memo,) = living(written(rehearsal))
    assert [one.partition(":")[0] for one in result.left] == [f"CreditMemo {memo.ref}"]


def test_what_is_said_to_be_void_and_is_not_is_named(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    honest = rehearsal.qbd.request

    def lying(ticket: str, xml: str) -> str:
        lies = "<TxnVoidType>CreditMemo" in xml
        return SAID if lies else honest(ticket, xml)

    rehearsal.qbd.request = lying  # type: ignore[method-assign]
    result = tried(rehearsal)

    assert result.exit_code is ExitCode.NEEDS_PERSON
    (memo,) = living(written(rehearsal))
    assert result.left == [f"CreditMemo {memo.ref}: it is there all the same."]
    assert result.taken_back == 6


def test_the_file_has_every_message_and_is_for_its_owner_only(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    result = tried(rehearsal)

    text = result.file.read_text()
    assert result.file.stat().st_mode & 0o077 == 0
    # The first one only asks which company it is.
    assert len(rehearsal.qbd.exchanges) > 30
    for one in rehearsal.qbd.exchanges[1:]:
        assert one.xml in text
        assert one.answer in text
    assert "QuickBooks Enterprise Solutions" in text.splitlines()[0]


def test_money_of_others_is_as_before(tmp_path: Path) -> None:
    rehearsal = sample(tmp_path)
    before = {row.id: rehearsal.qbd.balance(row.id) for row in rehearsal.qbd.invoices.values()}

    tried(rehearsal)

    after = {ident: rehearsal.qbd.balance(ident) for ident in before}
    assert after == before
    assert Decimal(50) in before.values()
