"""Payout reports: read as the services write them, and held against the books by reference."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from invoicesync_cli.errors import ConfigError, UsageError
from invoicesync_cli.model import Document, DocumentKind, DocumentState, Reason
from invoicesync_cli.payouts import BookedPayment, Columns, ReportOutcome, match, read_report
from invoicesync_cli.payouts.reading import amount_of, date_of

NOTHING_NAMED = Columns((), "")
STRIPE = (
    "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,currency,"
    "gross,fee,net,reporting_category,source_id,charge_id,payment_intent_id,description\n"
)


def booked(
    number: int,
    amount: str,
    reference: str = "",
    *,
    kind: DocumentKind = DocumentKind.PAYMENT,
    state: DocumentState = DocumentState.CREATED,
    reason: Reason = Reason.NONE,
    day: int = 10,
    order: int = 0,
    account: str = "091",
    method: str = "Credit Card",
) -> BookedPayment:
    """A payment or refund of the books."""
    document = Document(
        kind,
        state,
        order_id=str(order or number),
        invoice_id=str(order or number),
        payment_id=str(number),
        contact="Alice Baker",
        date=dt.date(2026, 10, day),
        total=Decimal(amount),
        currency="GBP",
        reference=reference or f"ch_{number}",
        account=account,
        reason=reason,
    )
    refund = kind is DocumentKind.REFUND
    return BookedPayment(document, (document.reference,), "Refund" if refund else method)


def stripe(
    number: int,
    gross: str,
    fee: str,
    *,
    kind: str = "charge",
    source: str = "",
    payout: str = "po_1",
) -> str:
    """A line of Stripe's itemized payout reconciliation report."""
    net = Decimal(gross) - Decimal(fee)
    return (
        f"{payout},2026-10-12 00:00:00,txn_{number},2026-10-10 09:00:00,gbp,{gross},{fee},{net},"
        f'{kind},{source or f"ch_{number}"},ch_{number},pi_{number},"Order, {number}"\n'
    )


def outcome_of(
    tmp_path: Path, text: str, books: list[BookedPayment], columns: Columns = NOTHING_NAMED
) -> ReportOutcome:
    """What becomes of a report with this text."""
    file = tmp_path / "report.csv"
    file.write_text(text, encoding="utf-8")
    return match(read_report(file, columns)[1], books)


def test_a_payout_of_sixty_charges_two_refunds_and_fees_is_the_deposit(tmp_path: Path) -> None:
    cents = [Decimal(1999 + 37 * number) / 100 for number in range(60)]
    fees = [
        (amount * Decimal("0.015") + Decimal("0.20")).quantize(Decimal("0.01")) for amount in cents
    ]
    lines = [
        stripe(number, str(amount), str(fee))
        for number, (amount, fee) in enumerate(zip(cents, fees, strict=True), 1)
    ]
    lines += [stripe(3, "-20.73", "0.00", kind="refund", source="re_3")]
    lines += [stripe(9, "-5.00", "0.00", kind="refund", source="re_9")]
    lines += [stripe(0, "-4.50", "0.00", kind="fee", source="fee_1")]
    books = [booked(number, str(amount)) for number, amount in enumerate(cents, 1)]
    books += [booked(103, "20.73", "re_3", kind=DocumentKind.REFUND, order=3)]
    books += [booked(109, "5.00", "keap-109", kind=DocumentKind.REFUND, order=9)]

    outcome = outcome_of(tmp_path, STRIPE + "".join(lines), books)

    assert outcome.unmatched == []
    assert len(outcome.matched) == 62
    (payout,) = outcome.payouts
    deposit = sum(cents) - sum(fees) - Decimal("30.23")
    assert (payout.payout, payout.date, payout.payments) == ("po_1", dt.date(2026, 10, 12), 62)
    assert payout.net == deposit
    assert payout.fees == sum(fees) + Decimal("4.50")
    assert payout.total == sum(cents) - Decimal("25.73")


def test_what_only_one_side_has_is_named(tmp_path: Path) -> None:
    lines = stripe(1, "100.00", "1.70") + stripe(2, "50.00", "0.95") + stripe(4, "30.00", "0.65")
    waiting = booked(4, "30.00", state=DocumentState.WAITING, reason=Reason.INVOICE_NOT_APPROVED)
    books = [
        booked(1, "100.00"),
        booked(3, "70.00"),
        waiting,
        booked(5, "10.00", account="090"),
        booked(6, "10.00", method="Cash"),
        booked(7, "10.00", day=20),
    ]

    outcome = outcome_of(tmp_path, STRIPE + lines, books)

    assert [(one.side, one.reference, one.amount) for one in outcome.unmatched] == [
        ("report", "ch_2", Decimal("50.00")),
        ("report", "ch_4", Decimal("30.00")),
        ("books", "ch_3", Decimal("70.00")),
    ]
    assert "waiting: invoice-not-approved" in outcome.unmatched[1].message


def test_another_amount_is_unmatched_on_both_sides(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, STRIPE + stripe(1, "100.00", "1.70"), [booked(1, "99.99")])

    assert [(one.side, str(one.amount)) for one in outcome.unmatched] == [
        ("report", "100.00"),
        ("books", "99.99"),
    ]
    assert outcome.matched == []


def test_shares_of_one_payment_are_one_row(tmp_path: Path) -> None:
    shares = [booked(1, "40.00", "ch_1", order=11), booked(1, "60.00", "ch_1", order=12)]

    outcome = outcome_of(tmp_path, STRIPE + stripe(1, "100.00", "1.70"), shares)

    assert outcome.unmatched == []
    assert [len(found.documents) for found in outcome.matched] == [2]


def test_one_payment_is_no_answer_to_two_rows(tmp_path: Path) -> None:
    twice = stripe(1, "100.00", "1.70") * 2

    outcome = outcome_of(tmp_path, STRIPE + twice, [booked(1, "100.00")])

    assert len(outcome.matched) == 1
    assert [one.side for one in outcome.unmatched] == ["report"]


def test_a_dispute_is_not_in_the_books(tmp_path: Path) -> None:
    lines = stripe(1, "100.00", "1.70") + stripe(
        1, "-100.00", "15.00", kind="dispute", source="du_1"
    )

    outcome = outcome_of(tmp_path, STRIPE + lines, [booked(1, "100.00")])

    assert [(one.side, one.reference) for one in outcome.unmatched] == [("report", "du_1")]
    assert outcome.payouts[0].net == Decimal("-16.70")


def test_stripes_balance_history_names_the_deposit(tmp_path: Path) -> None:
    text = (
        "id,Type,Source,Amount,Fee,Destination Platform Fee,Net,Currency,Created (UTC),"
        "Available On (UTC),Description,Transfer,Transfer Date (UTC)\n"
        "txn_2,payout,po_9,-95.05,0.00,,-95.05,gbp,2026-10-12 01:00,,PAYOUT,po_9,2026-10-12 00:00\n"
        "txn_1,charge,ch_1,97.00,1.95,,95.05,gbp,2026-10-10 09:00,,Order,po_9,2026-10-12 00:00\n"
    )

    outcome = outcome_of(tmp_path, text, [booked(1, "97.00")])

    (payout,) = outcome.payouts
    assert (payout.payout, payout.net, payout.deposit) == (
        "po_9",
        Decimal("95.05"),
        Decimal("95.05"),
    )
    assert outcome.unmatched == []


@pytest.mark.parametrize("newest_first", [False, True])
def test_paypals_rows_belong_to_the_next_withdrawal(tmp_path: Path, newest_first: bool) -> None:
    head = "Date,Time,TimeZone,Type,Status,Currency,Gross,Fee,Net,Transaction ID,Reference Txn ID\n"
    lines = [
        '10/09/2026,09:00,PDT,Website Payment,Completed,GBP,"1,200.00",-35.10,"1,164.90",8AB,\n',
        "10/09/2026,09:30,PDT,Website Payment,Denied,GBP,50.00,0.00,50.00,8XX,\n",
        "10/10/2026,09:00,PDT,Payment Refund,Completed,GBP,-100.00,2.90,-97.10,8AC,8AB\n",
        '10/10/2026,12:00,PDT,General Withdrawal,Completed,GBP,"-1,067.80",0,"-1,067.80",8WD,\n',
        "10/11/2026,12:00,PDT,Website Payment,Completed,GBP,30.00,-1.17,28.83,8AD,\n",
    ]
    ordered = reversed(lines) if newest_first else lines
    books = [
        booked(1, "1200.00", "8AB"),
        booked(2, "100.00", "keap-2", kind=DocumentKind.REFUND, order=1),
        booked(3, "30.00", "8AD"),
    ]

    outcome = outcome_of(tmp_path, "\ufeff" + head + "".join(ordered), books)

    assert outcome.unmatched == []
    first, second = outcome.payouts
    assert (first.payout, first.total, first.fees) == ("8WD", Decimal("1100.00"), Decimal("32.20"))
    assert first.net == first.deposit == Decimal("1067.80")
    assert (second.payout, second.net) == ("", Decimal("28.83"))


def test_square_has_fees_that_are_negative_and_dollars(tmp_path: Path) -> None:
    text = (
        "Date,Time,Total Collected,Source,Fees,Net Total,Transaction ID,Payment ID,Event Type,"
        "Deposit ID,Deposit Date\n"
        "10/10/2026,2:30 PM,$70.00,Register,-$2.13,$67.87,tr1,pay1,Payment,D1,10/11/2026\n"
        "10/10/2026,3:30 PM,($10.00),Register,$0.30,($9.70),tr1,ref1,Refund,D1,10/11/2026\n"
    )
    books = [
        booked(1, "70.00", "pay1"),
        booked(2, "10.00", "ref1", kind=DocumentKind.REFUND, order=1),
    ]

    outcome = outcome_of(tmp_path, text, books)

    assert outcome.unmatched == []
    (payout,) = outcome.payouts
    assert (payout.payout, payout.date) == ("D1", dt.date(2026, 10, 11))
    assert (payout.total, payout.fees, payout.net) == (
        Decimal("60.00"),
        Decimal("1.83"),
        Decimal("58.17"),
    )


def test_authorize_net_says_what_moved_in_its_status(tmp_path: Path) -> None:
    day = "10-Oct-2026 09:12:03 AM PDT\t10-Oct-2026 11:00:00 PM PDT"
    text = (
        "Transaction ID\tTransaction Status\tSettlement Amount\tSubmit Date/Time\t"
        "Settlement Date/Time\tBatch ID\tReference Transaction ID\n"
        f"40001\tSettled Successfully\t100.00\t{day}\t900100\t\n"
        f"40003\tCredited\t40.00\t{day}\t900100\t40001\n"
        "40004\tVoided\t25.00\t10-Oct-2026 02:00:00 PM PDT\t\t900100\t\n"
    )
    books = [
        booked(1, "100.00", "40001"),
        booked(2, "40.00", "40003", kind=DocumentKind.REFUND, order=1),
    ]

    outcome = outcome_of(tmp_path, text, books)

    assert outcome.unmatched == []
    (payout,) = outcome.payouts
    assert (payout.payout, payout.net, payout.payments) == ("900100", Decimal("60.00"), 2)
    assert payout.date == dt.date(2026, 10, 10)


def test_any_report_with_named_columns(tmp_path: Path) -> None:
    text = (
        "My shop's export\n\n"
        "Nr;Betrag;Gebühr;Auszahlung;Date\n"
        "ch_1;1.100,50;-10,50;A;10.10.2026\n"
        "ch_2;20,00;-0,50;B;11.10.2026\n"
    )
    named = Columns(("Nr",), "betrag", fee="GEBÜHR", payout="Auszahlung")

    outcome = outcome_of(tmp_path, text, [booked(1, "1100.50"), booked(2, "20.00")], named)

    assert outcome.unmatched == []
    assert [(one.payout, one.fees, one.net) for one in outcome.payouts] == [
        ("A", Decimal("10.50"), Decimal("1090.00")),
        ("B", Decimal("0.50"), Decimal("19.50")),
    ]


def test_a_report_that_is_not_known_says_which_columns_it_has(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as none_named:
        outcome_of(tmp_path, "a,b\n1,2\n", [])
    with pytest.raises(UsageError) as misspelt:
        outcome_of(tmp_path, "a,b\n1,2\n", [], Columns(("c",), "b"))

    assert "--reference" in none_named.value.hint
    assert "a, b" in none_named.value.hint
    assert "'c'" in misspelt.value.message


def test_a_line_that_is_no_money_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"report\.csv:2: gross: 'lots' is no amount"):
        outcome_of(tmp_path, STRIPE + stripe(1, "1.00", "0.00").replace("1.00", "lots"), [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234", "1234.00"),
        ("-$2.00", "-2.00"),
        ("$-2.00", "-2.00"),
        ("(2.00)", "-2.00"),
        ("\u22122,5", "-2.50"),
        ("12.00 EUR", "12.00"),
        ("GBP 0.30", "0.30"),
        ("1 234,00 €", "1234.00"),
        (".5", "0.50"),
        ("", "0.00"),
    ],
)
def test_amounts_as_people_write_them(text: str, value: str) -> None:
    assert amount_of(text) == Decimal(value)


@pytest.mark.parametrize("text", ["lots", "1e5", "1.005", "1-2", "12.3.4", "NaN"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(InvalidOperation):
        amount_of(text)


def test_days_as_people_write_them() -> None:
    day = dt.date(2026, 10, 9)
    for text in (
        "2026-10-09T10:00:00Z",
        "10/09/2026",
        "9.10.2026",
        "09-Oct-2026 1:00 PM",
        "Oct 9, 2026",
    ):
        assert date_of(text) == day
    assert date_of("09/10/2026", day_first=True) == day
    assert date_of("soon") is None
