"""QuickBooks Desktop in tests: a company file, messages of qbXML, and Intuit's schema of them."""

import functools
import os
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from lxml import etree

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbd import QbdSandbox, QbdSwitches, WorldName

SPECS = Path(os.environ.get("INVOICESYNC_SPECS") or Path(__file__).parents[3] / "shared" / "specs")
FOLDER = SPECS / "qbd"

needs_schema = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="Intuit's schemas are not part of the project; INVOICESYNC_SPECS may name their folder",
)
Fields = dict[str, Any]
"""An aggregate by the names of its elements: a text, an aggregate, or a list of either."""


@functools.cache
def _schema() -> Any:
    return etree.XMLSchema(etree.parse(FOLDER / "qbxmlops130.xsd"))


def assert_valid(xml: str) -> None:
    """Hold a message or an answer against Intuit's schema, where that is at hand."""
    if FOLDER.is_dir():
        _schema().assertValid(etree.fromstring(xml.encode()))


def content_of(xml: str) -> Element:
    """The `QBXMLMsgsRs` of an answer of the sandbox."""
    return fromstring(xml)[0]  # noqa: S314 - the sandbox wrote it


def enveloped(*requests: str, **attributes: str) -> str:
    """A message of these requests; `attributes` are those of `QBXMLMsgsRq`."""
    given = {"onError": "continueOnError", **attributes}
    shown = "".join(f' {name}="{value}"' for name, value in given.items())
    return (
        '<?xml version="1.0" encoding="utf-8"?><?qbxml version="13.0"?>'
        f"<QBXML><QBXMLMsgsRq{shown}>{''.join(requests)}</QBXMLMsgsRq></QBXML>"
    )


def request(name: str, **fields: Any) -> str:
    """A request such as `InvoiceAdd` from its fields; a list repeats an element."""
    inner = "".join(_element(key, value) for key, value in fields.items())
    return f"<{name}Rq><{name}>{inner}</{name}></{name}Rq>"


def query(name: str, attributes: str = "", /, **fields: Any) -> str:
    """A request without an aggregate of its own, such as `CustomerQuery` or `TxnVoid`."""
    inner = "".join(_element(key, value) for key, value in fields.items())
    return f"<{name}Rq{' ' if attributes else ''}{attributes}>{inner}</{name}Rq>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, dict):
        inner = "".join(_element(key, one) for key, one in value.items())
        return f"<{name}>{inner}</{name}>"
    return f"<{name}>{value}</{name}>"


def named(name: str) -> Fields:
    """A reference by full name."""
    return {"FullName": name}


def fields_of(element: Element) -> Fields:
    """What an aggregate of an answer holds."""
    found: Fields = {}
    for child in element:
        value: Any = fields_of(child) if len(child) else child.text or ""
        if child.tag in found:
            before = found[child.tag]
            found[child.tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[child.tag] = value
    return found


class Desk:
    """QuickBooks with a small company file, and an application that sends it messages."""

    def __init__(
        self,
        switches: QbdSwitches | None = None,
        *,
        world: WorldName = "us",
        clock: Clock | None = None,
    ) -> None:
        self.qbd = qbd = QbdSandbox(clock, switches=switches, world=world)
        qbd.add_account("Sales", "Income")
        qbd.add_account("Checking", "Bank")
        qbd.add_item("Coaching", account="Sales", price="50")
        qbd.add_item("Shipping", account="Sales", taxable=False)
        qbd.add_item("Discount", type="ItemDiscount", account="Sales")
        qbd.add_vendor("State of California")
        self.taxed = world != "us-no-tax"
        if self.taxed:
            qbd.add_tax_item("No tax", "0")
            qbd.add_tax_item("Keap sales tax", "0")
            qbd.add_tax_item("Alameda", "8.25", agency="State of California")
        self.jane = qbd.add_customer("Jane Doe", email="jane@example.com").id

    def text(self, *requests: str, **attributes: str) -> str:
        """Send requests; the message and the answer to it are valid."""
        assert_valid(enveloped(*requests, **attributes).partition("?>")[2].partition("?>")[2])
        answer = self.qbd.send(*requests, **attributes)
        assert_valid(answer)
        return answer

    def ask(self, *requests: str, **attributes: str) -> list[Element]:
        """The answer to each request."""
        return list(content_of(self.text(*requests, **attributes)))

    def code(self, *requests: str, **attributes: str) -> str:
        """The status code of a whole message set."""
        root = content_of(self.text(*requests, **attributes))
        return root.get("messageSetStatusCode", "")

    def made(self, name: str, **fields: Any) -> Fields:
        """Add or change something; gives it as it is answered."""
        answer = self.ask(request(name, **fields))[0]
        assert answer.get("statusCode") == "0", answer.attrib
        return fields_of(answer[0])

    def refused(self, name: str, **fields: Any) -> str:
        """The code and words of a request that is refused."""
        return self.said(request(name, **fields))

    def said(self, text: str) -> str:
        """The code and words of the answer to a request."""
        answer = self.ask(text)[0]
        return f"{answer.get('statusCode')} {answer.get('statusMessage')}"

    def found(self, name: str, attributes: str = "", /, **fields: Any) -> list[Fields]:
        """The objects that a query finds."""
        return [fields_of(one) for one in self.ask(query(name, attributes, **fields))[0]]

    def invoice(self, *lines: Fields, **fields: Any) -> Fields:
        """The fields of an invoice to Jane, of one coaching for 100.00 unless lines are given."""
        head: Fields = {"CustomerRef": {"ListID": self.jane}}
        body = list(lines) or [sold("100.00", taxed=True if self.taxed else None)]
        tail = {"InvoiceLineAdd": body}
        first = ("TxnDate", "RefNumber", "DueDate")
        early = {name: fields.pop(name) for name in first if name in fields}
        none = {"ItemSalesTaxRef": named("No tax")} if self.taxed else {}
        tax: Fields = fields.pop("tax", none)
        return head | early | tax | fields | tail

    def invoiced(self, *lines: Fields, **fields: Any) -> Fields:
        """An invoice that has been made."""
        return self.made("InvoiceAdd", **self.invoice(*lines, **fields))


def sold(
    amount: str,
    item: str = "Coaching",
    *,
    taxed: bool | None = True,
    quantity: str = "",
    rate: str = "",
) -> Fields:
    """A line of a sales form."""
    line: Fields = {"ItemRef": named(item)}
    line |= {"Quantity": quantity} if quantity else {}
    line |= {"Rate": rate} if rate else {}
    line |= {"Amount": amount} if amount else {}
    code: dict[bool | None, Fields] = {None: {}, True: {"SalesTaxCodeRef": named("Tax")}}
    return line | code.get(taxed, {"SalesTaxCodeRef": named("Non")})
