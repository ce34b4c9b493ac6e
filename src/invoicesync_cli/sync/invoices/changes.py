"""What Keap held of an invoice when it was judged, in a form that can be compared later."""

import json
from typing import Any

from invoicesync_cli.model import Invoice
from invoicesync_cli.transform.lines import title


def source_of(invoice: Invoice) -> str:
    """Canonical JSON of what a change after sending would be a change of (R12)."""
    return json.dumps(
        {
            "invoice": invoice.invoice_id,
            "time": invoice.order_time.isoformat(),
            "contact": invoice.person_id,
            "total": str(invoice.total),
            "currency": invoice.currency,
            "lines": [
                {
                    "id": line.id,
                    "type": line.item_type,
                    "name": title(line),
                    "quantity": str(line.quantity),
                    "price": str(line.unit_price),
                    "discount": str(line.discount or ""),
                    "sku": line.sku,
                    "taxable": line.taxable,
                }
                for line in invoice.lines
            ],
            "plan": [item.due_date.isoformat() for item in invoice.plan],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def difference(before: str, after: str) -> str:
    """What differs between two sources, in words; blank when nothing that counts does."""
    old, new = json.loads(before), json.loads(after)
    found = [
        f"{name} was {old[name]}, is {new[name]}"
        for name in ("total", "currency", "time", "contact", "invoice")
        if old[name] != new[name]
    ]
    if [_money(line) for line in old["lines"]] == [_money(line) for line in new["lines"]]:
        return "; ".join(found)
    was = {line["id"]: line for line in old["lines"]}
    now = {line["id"]: line for line in new["lines"]}
    found += [f"line {_line(was[name])} was removed" for name in was if name not in now]
    found += [f"line {_line(now[name])} is new" for name in now if name not in was]
    found += [
        f"line {_line(was[name])} became {_line(now[name])}"
        for name in was
        if name in now and _money(was[name]) != _money(now[name])
    ]
    return "; ".join(found)


def _money(line: dict[str, Any]) -> list[Any]:
    """What counts of a line: a product's name, SKU or flag changes on old orders as well."""
    return [line[name] for name in ("type", "quantity", "price", "discount")]


def _line(line: dict[str, Any]) -> str:
    return f"{line['name']} ({line['quantity']} x {line['price']})"
