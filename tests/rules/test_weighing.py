"""Whether a document's figures on both sides agree, and what a record explains, as a function."""

import datetime as dt
from decimal import Decimal

import pytest

from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    InvoiceId,
    LedgerId,
    OrderId,
    Reason,
)
from invoicesync_cli.verify.differences import Weighed, What, of_date, weigh
from invoicesync_cli.verify.sides import InKeap, Known, Sent

CREATED, HELD = DocumentState.CREATED, DocumentState.HELD
CHANGED = Reason.CHANGED_AFTER_SYNC


def there(total: str, *, alive: bool = True) -> Listed:
    """A document in the ledger."""
    day = dt.date(2026, 11, 3)
    return Listed("sale", LedgerId("L1"), Decimal(total), alive, day, applied=Decimal(total))


def known(
    state: DocumentState,
    reason: Reason = Reason.NONE,
    sent: tuple[str, str] | None = None,
    **fields: str,
) -> Known:
    """What a record says; `sent` is Keap's total and what it came to."""
    fields = {"ledger_id": "L1", **fields}
    total = fields.pop("ledger_total", "")
    document = Document(
        DocumentKind.INVOICE,
        state,
        reason=reason,
        ledger_total=Decimal(total) if total else None,
        **fields,  # type: ignore[arg-type]
    )
    return Known(document, Sent(Decimal(sent[0]), Decimal(sent[1])) if sent else None)


AS_SENT = known(CREATED, sent=("100.00", "100.00"), ledger_total="100.00")
ON_TOP = known(CREATED, sent=("100.00", "120.00"), ledger_total="120.00")
NOT_THERE = known(HELD, Reason.CONTACT_MISSING, ledger_id="")
ENDED = known(HELD, CHANGED, ended="ledger", ledger_total="100.00")
EDITED = known(HELD, CHANGED, ("100.00", "100.00"), ledger_total="100.00")
UNDONE = known(DocumentState.UNDONE)
ADOPTED = known(CREATED, Reason.ADOPTED, ("100.00", "100.00"), ledger_total="100.00")
SYNCED = known(DocumentState.SKIPPED, Reason.ALREADY_SYNCED)


@pytest.mark.parametrize(
    ("record", "days", "differs"),
    [(AS_SENT, 0, []), (AS_SENT, 1, ["date"]), (ADOPTED, 1, []), (ADOPTED, 2, ["date"])],
)
def test_what_somebody_else_has_made_may_be_a_day_off(
    record: Known, days: int, differs: list[str]
) -> None:
    entry = there("100.00")
    assert entry.date
    order, invoice = OrderId("12"), InvoiceId("11")
    day = entry.date + dt.timedelta(days=days)
    sale = InKeap(DocumentKind.INVOICE, order, invoice, Decimal("100.00"), "GBP", day)

    assert [found.what for found in of_date(sale, record, entry)] == differs


@pytest.mark.parametrize(
    ("keap", "record", "ledger", "what", "explained"),
    [
        ("100.00", AS_SENT, there("100.00"), None, None),
        ("100.00", None, there("100.00"), None, None),
        ("100.00", SYNCED, there("100.00"), None, None),
        ("100.00", ON_TOP, there("120.00"), None, "-20.00"),
        ("100.00", AS_SENT, there("90.00"), What.TOTAL, None),
        ("110.00", AS_SENT, there("100.00"), What.TOTAL, None),
        ("100.00", ON_TOP, there("121.00"), What.TOTAL, "-20.00"),
        ("100.00", AS_SENT, None, What.MISSING, None),
        ("100.00", AS_SENT, there("100.00", alive=False), What.MISSING, None),
        ("100.00", None, None, What.MISSING, None),
        (None, AS_SENT, there("100.00"), What.EXTRA, None),
        (None, AS_SENT, None, None, None),
        ("100.00", NOT_THERE, None, None, "100.00"),
        ("100.00", UNDONE, None, None, "100.00"),
        ("100.00", ENDED, there("0.00", alive=False), None, "100.00"),
        # Somebody has brought it back.
        ("100.00", ENDED, there("100.00"), None, "0.00"),
        ("110.00", EDITED, there("100.00"), None, "10.00"),
        # Changed in Keap, which is known, and in the ledger as well, which is not.
        ("110.00", EDITED, there("90.00"), What.TOTAL, None),
        ("100.00", EDITED, None, What.MISSING, None),
        (None, EDITED, there("100.00"), None, "-100.00"),
    ],
)
def test_weighing(
    keap: str | None, record: Known | None, ledger: Listed | None, what: What | None, explained: str
) -> None:
    figure = Decimal(keap) if keap else None

    found: Weighed = weigh(figure, record, ledger)

    assert found.what is what
    assert found.accounted is (explained is not None)
    assert found.explained == Decimal(explained or 0)
    rest = (found.keap or 0) - found.explained - (found.ledger or 0)
    assert (rest == 0) is (what is None)
