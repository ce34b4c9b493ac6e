"""What Keap held of an invoice when it was judged, in a form that can be compared later."""

import json

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
