"""What Keap held of an invoice when it was judged, in a form that can be compared later."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from invoicesync_cli.model import Invoice
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.transform.lines import title


@dataclass(frozen=True, slots=True)
class LineSource:
    """What Keap held of one line; figures as Keap gave them."""

    id: str
    type: str
    name: str
    quantity: str
    price: str
    discount: str
    sku: str
    taxable: bool

    @property
    def figures(self) -> tuple[str, ...]:
        """What counts of it: a product's name, SKU or flag changes on old orders as well."""
        return self.type, self.quantity, self.price, self.discount

    def __str__(self) -> str:
        return f"{self.name} ({self.quantity} x {self.price})"


@dataclass(frozen=True, slots=True)
class InvoiceSource:
    """What a change after sending would be a change of (R12); `plan` are due dates (ISO)."""

    invoice: str
    time: str
    contact: str
    total: str
    currency: str
    lines: tuple[LineSource, ...]
    plan: tuple[str, ...]


def source_of(invoice: Invoice) -> str:
    """What Keap holds of an invoice, as text: the same for the same."""
    lines = tuple(
        LineSource(
            id=line.id,
            type=line.item_type,
            name=title(line),
            quantity=str(line.quantity),
            price=str(line.unit_price),
            discount=str(line.discount or ""),
            sku=line.sku,
            taxable=line.taxable,
        )
        for line in invoice.lines
    )
    source = InvoiceSource(
        invoice=invoice.invoice_id,
        time=invoice.order_time.isoformat(),
        contact=invoice.person_id,
        total=str(invoice.total),
        currency=invoice.currency,
        lines=lines,
        plan=tuple(item.due_date.isoformat() for item in invoice.plan),
    )
    return dump(InvoiceSource, source)


def what_changed(before: str, after: str) -> str:
    """What differs between two sources, in words; blank when nothing that counts does."""
    old, new = load(InvoiceSource, before), load(InvoiceSource, after)
    found = [
        f"{name} was {getattr(old, name)}, is {getattr(new, name)}"
        for name in ("total", "currency", "time", "contact", "invoice")
        if getattr(old, name) != getattr(new, name)
    ]
    if [line.figures for line in old.lines] == [line.figures for line in new.lines]:
        return "; ".join(found)
    return "; ".join(found + _changed_lines(old.lines, new.lines))


ALIKE: tuple[Callable[[LineSource], object], ...] = (
    lambda line: (line.id, line.figures),
    lambda line: (line.name, line.figures),
    lambda line: line.id,
    lambda line: (line.type, line.name),
)
"""Whether two lines are the same one, the surest sign first: an edited order may come back with
new ids for all of its lines."""


def _changed_lines(old: Iterable[LineSource], new: Iterable[LineSource]) -> list[str]:
    removed, added, became = list(old), list(new), []
    for alike in ALIKE:
        for line in list(removed):
            now = next((one for one in added if alike(one) == alike(line)), None)
            if now is None:
                continue
            removed.remove(line)
            added.remove(now)
            if line.figures != now.figures:
                became.append(f"line {line} became {now}")
    return [
        *(f"line {line} was removed" for line in removed),
        *(f"line {line} is new" for line in added),
        *became,
    ]
