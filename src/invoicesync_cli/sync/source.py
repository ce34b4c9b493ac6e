"""What Keap held of an invoice when it was judged, in a form that can be compared later."""

import json

from invoicesync_cli.model import Invoice


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
                [
                    line.id,
                    line.item_type,
                    line.product_name or line.name or line.description,
                    str(line.quantity),
                    str(line.unit_price),
                    str(line.discount or ""),
                    line.sku,
                    line.taxable,
                ]
                for line in invoice.lines
            ],
            "plan": [item.due_date.isoformat() for item in invoice.plan],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
