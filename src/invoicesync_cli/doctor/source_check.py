"""What an account of Keap's own data say about Keap: read, compared, and nothing else.

Much of what Keap does is documented nowhere. The newest orders and payments of an account settle
most of it for that account: whether lines add up and how discounts are meant, in which units
amounts are, how refunds look, whether filters and page tokens do what a run relies on.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from invoicesync_cli.doctor.findings import Level
from invoicesync_cli.fetch import readers, schemas
from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.fetch.readers import Unreadable, id_in
from invoicesync_cli.fetch.sample import (
    Sample,
    SampledList,
    ask,
    filters,
    in_pages,
    orders_of,
    take,
)
from invoicesync_cli.model import ZERO, Invoice, LineKind
from invoicesync_cli.transform.lines import as_discount, extended, kind_of, take_apart
from invoicesync_cli.transform.verdicts import Held

EXAMPLES = 5
"""Ids that are named of those that are not as they should be."""
UNSETTLED = {"PENDING", "FAILED", "ERROR", "VOIDED"}
NOTHING = "nothing in the sample shows it"
OFF = "whose lines come to their total, with discounts taken off"
OWN = "whose lines come to their total, with discounts as they are signed"
FRACTIONS = "whose lines come to their total, with fractions of a cent"
OTHERWISE = "whose lines do not come to their total"
UNREADABLE = "that cannot be read"


@dataclass(frozen=True)
class Observation:
    """What the sample says to one question.

    A `hint` is how this account is, which the tool copes with; a `warning` names what would be held
    or left out, an `error` what would be booked wrongly or not be found. No names, no words of
    people: it can be sent in as it is.
    """

    code: str
    level: Level
    message: str
    seen: int = 0
    """Rows that the answer rests on; 0 where nothing shows it."""
    examples: tuple[str, ...] = ()
    """Ids of rows that are otherwise; of an order its invoice's, which is what people type."""
    named: Literal["invoice", "payment", "id"] = "id"
    """What the examples are ids of; `id` for those of whichever list is asked."""


def check_source(keap: KeapClient, sample: Sample | None = None) -> list[Observation]:
    """What an account's newest orders and payments say, in some thirty reads.

    `sample` is what was read of them already. Raises what reading may raise.
    """
    sample = sample or take(keap)
    return [
        _lines(sample),
        _discounts(sample),
        _order_unit(sample),
        _payment_unit(sample),
        _allocation_unit(sample),
        _paid(sample),
        _refunds(sample),
        _ids(sample),
        _statuses(sample),
        _touches(sample),
        *_filters(keap, sample),
        _tokens(keap),
        _page(keap),
    ]


def _observation(
    code: str,
    counted: Mapping[str, int],
    level: Level = "hint",
    examples: Iterable[str] = (),
    named: Literal["invoice", "payment", "id"] = "invoice",
) -> Observation:
    """An observation of how many rows are of each kind."""
    parts = [f"{kind}: {count:,}" for kind, count in counted.items() if count]
    shown = tuple(examples)
    worst = level if shown or level == "hint" else "hint"
    message = "; ".join(parts) or NOTHING
    return Observation(code, worst, message, sum(counted.values()), shown[:EXAMPLES], named)


# --- orders ---------------------------------------------------------------------------------------


def _invoices(sample: Sample) -> Iterator[tuple[str, Invoice | None]]:
    """The orders by invoice id, as they are read; None for one that cannot be."""
    for row in sample.orders:
        try:
            yield _invoice_id(row), readers.invoice(readers.read(schemas.OrderRow, row))
        except Unreadable:
            yield _invoice_id(row), None


def _invoice_id(order: Any) -> str:
    return id_in(order, "invoice_id") or id_in(order, "id")


def _lines(sample: Sample) -> Observation:
    """Whether the lines of orders add up to their totals, and how discounts are read then."""
    counted = Counter({f"orders {reading}": 0 for reading in (OFF, OWN, FRACTIONS)})
    examples = []
    for ident, invoice in _invoices(sample):
        how = _reading(invoice) if invoice else UNREADABLE
        counted[f"orders {how}"] += 1
        if how in {UNREADABLE, OTHERWISE}:
            examples.append(ident)
    return _observation("lines", counted, "warning", examples)


def _reading(invoice: Invoice) -> str:
    """How the lines of an order add up."""
    usual = own = ZERO
    for line in invoice.lines:
        discount = kind_of(line.item_type) is LineKind.DISCOUNT
        usual += as_discount(line) if discount else extended(line)
        own += extended(line)
    if usual == invoice.total:
        return OFF
    if own == invoice.total:
        return OWN
    try:
        take_apart(invoice)
    except Held:
        return OTHERWISE
    return FRACTIONS


def _discounts(sample: Sample) -> Observation:
    """How discount lines are written."""
    counted: Counter[str] = Counter()
    for line in (line for row in sample.orders for line in _list(row, "order_items")):
        if not str(line.get("item_type") or "").startswith("DISCOUNT"):
            continue
        price, figure = _cents(line.get("price_per_unit")), _cents(line.get("discount"))
        sign = "negative" if price < 0 else "positive" if price > 0 else "no"
        counted[f"discount lines with {sign} price and {'a' if figure else 'no'} figure"] += 1
    return _observation("discounts", counted)


def _order_unit(sample: Sample) -> Observation:
    """Whether amounts of orders are whole cents, by the text beside them."""
    counted: Counter[str] = Counter()
    examples = []
    for row in sample.orders:
        total = row.get("total")
        shown = str(total.get("formatted_amount") or "") if isinstance(total, Mapping) else ""
        found = re.search(r"\d[\d.,\s]*", shown)
        if not found or not _cents(total):
            continue
        text = found.group().strip()
        cents = re.search(r"[.,]\d\d$", text) is not None
        if cents and re.sub(r"\D", "", text).lstrip("0") == f"{abs(_cents(total)):f}":
            counted["totals are in cents"] += 1
        else:
            counted[f"totals are {_cents(total)} where {shown} is shown"] += 1
            examples.append(_invoice_id(row))
    return _observation("order-unit", counted, "error", examples)


def _ids(sample: Sample) -> Observation:
    """Whether an order and its invoice have the same number, and what else they are called."""
    counted: Counter[str] = Counter()
    for row in sample.orders:
        order, invoice = id_in(row, "id"), id_in(row, "invoice_id")
        number = row.get("invoice_number")
        same = "the same ids" if order == invoice else "two ids" if invoice else "no invoice id"
        called = "no number" if not number else "it" if str(number) == invoice else "another number"
        counted[f"orders with {same} and {called} as invoice_number"] += 1
    return _observation("ids", counted)


def _statuses(sample: Sample) -> Observation:
    """Which states orders have, beside whether they are paid."""
    counted: Counter[str] = Counter()
    for row in sample.orders:
        due = _cents(row.get("total")) - _cents(row.get("total_paid"))
        word = re.sub(r"[^A-Z_]", "", str(row.get("status") or "NONE"))
        counted[f"{'unpaid' if due > 0 else 'paid'} orders are {word}"] += 1
    return _observation("order-status", counted)


def _touches(sample: Sample) -> Observation:
    """Whether a payment counts as a change of its order."""
    changed = {
        id_in(row, "id"): str(row.get("modification_time") or "")[:19] for row in sample.orders
    }
    counted: Counter[str] = Counter()
    for row in sample.paid:
        entered = str(row.get("update_time") or "")[:19]
        for order in orders_of(row):
            if entered and changed.get(order):
                later = entered > changed[order]
                counted["payments changed no order" if later else "payments say nothing"] += 1
    if not counted["payments changed no order"]:
        return _observation("payment-touches-order", {})
    return _observation("payment-touches-order", counted)


# --- money ----------------------------------------------------------------------------------------


def _single(sample: Sample) -> Iterator[tuple[Any, Any]]:
    """Each order with its only payment, both as they came."""
    by_order: dict[str, list[Any]] = defaultdict(list)
    for row in sample.paid:
        for order in orders_of(row):
            by_order[order].append(row)
    for order in sample.orders:
        own = by_order[id_in(order, "id")]
        if len(own) == 1 and len(orders_of(own[0])) == 1:
            yield order, own[0]


def _payment_unit(sample: Sample) -> Observation:
    """Whether payments are in major units, beside what their orders say is paid."""
    counted: Counter[str] = Counter()
    examples = []
    for order, payment in _single(sample):
        paid, amount = _cents(order.get("total_paid")), abs(_figure(payment.get("amount")))
        if not paid or not amount:
            continue
        kind = _unit(amount, Decimal(paid) / 100)
        counted[f"payments are {kind}"] += 1
        if kind == "in cents":
            examples.append(id_in(payment, "id"))
    return _observation("payment-unit", counted, "error", examples, "payment")


def _allocation_unit(sample: Sample) -> Observation:
    """In which unit an order's own list of payments has them."""
    amounts = {id_in(row, "id"): abs(_figure(row.get("amount"))) for row in sample.paid}
    alone = {id_in(row, "id") for row in sample.paid if len(orders_of(row)) == 1}
    counted: Counter[str] = Counter()
    for row in (row for rows in sample.allocations.values() for row in rows):
        payment = id_in(row, "payment_id")
        if payment in alone and amounts[payment]:
            counted[
                f"allocations are {_unit(abs(_figure(row.get('amount'))), amounts[payment])}"
            ] += 1
    return _observation("allocation-unit", counted)


def _unit(amount: Decimal, major: Decimal) -> str:
    if amount == major:
        return "in major units"
    return "in cents" if amount == major * 100 else "of another amount"


def _paid(sample: Sample) -> Observation:
    """Whether the payments of orders come to what they say is paid, refunds taken off or not."""
    gross: dict[str, Decimal] = defaultdict(lambda: ZERO)
    back: dict[str, Decimal] = defaultdict(lambda: ZERO)
    shared: set[str] = set()
    for row in sample.paid:
        orders = orders_of(row)
        if len(orders) != 1:
            shared.update(orders)
            continue
        if str(row.get("status") or "").upper() not in UNSETTLED:
            amount = _figure(row.get("amount"))
            refund = amount < 0 or row.get("type") == "Refund"
            (back if refund else gross)[orders[0]] += abs(amount)
    counted: Counter[str] = Counter()
    examples = []
    for order in sample.orders:
        ident, paid = id_in(order, "id"), Decimal(_cents(order.get("total_paid"))) / 100
        if ident in shared or not (paid or gross[ident]):
            continue
        if not back[ident]:
            how = "is what was paid" if paid == gross[ident] else "differs from the payments"
        elif paid in {gross[ident], gross[ident] - back[ident]}:
            how = "counts refunds" if paid == gross[ident] else "is net of refunds"
        else:
            how = "differs from the payments"
        counted[f"times total_paid {how}"] += 1
        if how == "differs from the payments":
            examples.append(_invoice_id(order))
    return _observation("total-paid", counted, "warning", examples)


def _refunds(sample: Sample) -> Observation:
    """What refunds look like: sign, type, and which of two payments names the other."""
    by_id = {id_in(row, "id"): row for row in [*sample.payments, *sample.paid]}
    counted: Counter[str] = Counter()
    for ident, row in by_id.items():
        link = row.get("refund_payment_id")
        other = by_id.get(str(link))
        said, negative = row.get("type") == "Refund", _figure(row.get("amount")) < 0
        if said or negative:
            named = "of type Refund" if said else "of another type"
            counted[f"refunds {'below' if negative else 'above'} zero, {named}"] += 1
        if other:
            later = str(row.get("payment_time")) > str(other.get("payment_time"))
            where = "the refund" if said or negative or later else "the payment"
            counted[f"links on {where}"] += 1
        elif link not in (None, ""):
            word = "0" if str(link) == "0" else "an id outside the sample"
            counted[f"payments with {word} as refund_payment_id"] += 1
        elif ident and "refund_payment_id" in row:
            counted["payments with a blank refund_payment_id"] += 1
    return _observation("refunds", counted)


# --- lists ----------------------------------------------------------------------------------------


def _filters(keap: KeapClient, sample: Sample) -> Iterator[Observation]:
    """Whether each filter that a run uses gives what it should, and all of it."""
    for of, params, fits, wanted in filters(sample):
        answer = ask(keap, of, params)
        yield _filter(answer, [row for row in answer.rows if not fits(row)], wanted)


def _filter(answer: SampledList, wrong: Sequence[Any], wanted: str) -> Observation:
    asked = re.sub(r"\d{2,}", "…", answer.asked)
    if answer.refused:
        return Observation("filter", "error", f"{asked} was refused: {answer.refused}")
    if wrong:
        ids = tuple(id_in(row, "id") for row in wrong[:EXAMPLES])
        message = f"{asked} gives rows that do not fit"
        return Observation("filter", "error", message, len(answer.rows), ids)
    if wanted and wanted not in {id_in(row, "id") for row in answer.rows}:
        message = f"{asked} leaves out a row that fits"
        return Observation("filter", "error", message, len(answer.rows), (wanted,))
    return Observation("filter", "hint", f"{asked} does what it should", len(answer.rows))


def _tokens(keap: KeapClient) -> Observation:
    """Whether page tokens lead on, a row at a time."""
    pages = in_pages(keap)
    ids = [id_in(row, "id") for page in pages for row in page.rows]
    refused = next((page.refused for page in pages if page.refused), "")
    if refused:
        return Observation("page-token", "error", f"a page token was refused: {refused}", len(ids))
    if len(set(ids)) < len(ids) or any(len(page.rows) > 1 for page in pages):
        message = "the pages of orders bring rows that were there already"
        return Observation("page-token", "error", message, len(ids), tuple(ids[:EXAMPLES]))
    return Observation("page-token", "hint", f"{len(pages)} pages of an order each", len(ids))


def _page(keap: KeapClient) -> Observation:
    """How long a page is and in which order, where nothing is said."""
    answer = ask(keap, ("/orders", "orders"), {})
    ids = [int(found) for row in answer.rows if (found := id_in(row, "id"))]
    rising = ids == sorted(ids)
    order = "by rising id" if rising else "by falling id" if ids == sorted(ids)[::-1] else "mixed"
    full = "a full page" if answer.token else "all there are"
    return Observation("page", "hint", f"{len(ids)} orders to a page ({full}), {order}", len(ids))


# --- values ---------------------------------------------------------------------------------------


def _list(row: Any, name: str) -> list[Any]:
    found = row.get(name)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _cents(amount: Any) -> Decimal:
    """The figure of a money object, as it came; 0 for none."""
    return _figure(amount.get("amount")) if isinstance(amount, Mapping) else ZERO


def _figure(value: Any) -> Decimal:
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Decimal(value) if number else Decimal(0)
