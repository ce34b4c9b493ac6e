"""Elements of lists: adding and changing customers, adding items and payment methods."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.qbd import rows
from invoicesync_sandbox.qbd.books import Books, check_id
from invoicesync_sandbox.qbd.documents import address
from invoicesync_sandbox.qbd.errors import Refused, bad_name, missing, name_taken, not_found
from invoicesync_sandbox.qbd.grammar import Sent
from invoicesync_sandbox.qbd.rows import Customer, Item, Named, PaymentMethod

_KEPT = (
    "CompanyName",
    "Salutation",
    "FirstName",
    "MiddleName",
    "LastName",
    "JobTitle",
    "BillAddress",
    "ShipAddress",
    "Phone",
    "AltPhone",
    "Fax",
    "Email",
    "Cc",
    "Contact",
    "AltContact",
    "ResaleNumber",
    "AccountNumber",
    "CreditLimit",
    "Notes",
)
"""What a customer only gives back."""


def add_customer(books: Books, sent: Sent) -> Customer:
    """A new customer. Raises `Refused`."""
    parent_id = books.parent(Customer, sent)
    name = checked_name(books, Customer, sent.text("Name"), parent_id)
    books.check_guid(sent.text("ExternalGUID"), Customer.word)
    return books.add(
        Customer,
        name=name,
        parent_id=parent_id,
        active=sent.get("IsActive") is not False,
        guid=sent.text("ExternalGUID"),
        kept=_kept(sent),
        **_references(books, sent),
    )


def change_customer(books: Books, sent: Sent) -> Customer:
    """A customer changed in what is sent. Raises `Refused`."""
    check_id(sent.text("ListID"), "ListID")
    before: Customer | None = books.tables[Customer].get(sent.text("ListID"))
    if before is None:
        raise not_found(sent.text("ListID"))
    books.check_lock(before.id, Customer.word)
    books.check_sequence(before, sent.text("EditSequence"))
    changes: dict[str, Any] = dict(_references(books, sent))
    if "ParentRef" in sent:
        changes["parent_id"] = books.parent(Customer, sent)
    if "Name" in sent:
        parent_id = changes.get("parent_id", before.parent_id)
        changes["name"] = checked_name(books, Customer, sent.text("Name"), parent_id, before)
    if "IsActive" in sent:
        changes["active"] = sent.get("IsActive") is not False
    changes["kept"] = dict(before.kept) | _kept(sent)
    return books.change(replace(before, **changes))


def _references(books: Books, sent: Sent) -> dict[str, str]:
    known: dict[str, tuple[str, type[Named]]] = {
        "terms_id": ("TermsRef", rows.Terms),
        "tax_code_id": ("SalesTaxCodeRef", rows.SalesTaxCode),
        "tax_item_id": ("ItemSalesTaxRef", Item),
    }
    return {
        name: books.refer_id(kind, sent, field, Customer.word)
        for name, (field, kind) in known.items()
        if field in sent
    }


def _kept(sent: Sent) -> dict[str, Any]:
    found = {name: sent.get(name) for name in _KEPT if name in sent}
    return {name: address(one) if isinstance(one, Sent) else one for name, one in found.items()}


def checked_name(
    books: Books, kind: type[Named], name: str, parent_id: str = "", before: Named | None = None
) -> str:
    """The name without outer blanks.

    Raises `Refused`: 3180 for what cannot be in a name, 3100 for one that another has.
    """
    name = name.strip()
    if not name:
        raise missing("Name")
    if ":" in name:
        raise bad_name(name, "Names in this list cannot contain a colon (:).")
    if any(letter in name for letter in "\t\r\n"):
        raise bad_name(name, "Names in this list cannot contain tabs or line breaks.")
    others = [
        one
        for one in books.named_alike(kind, name, parent_id)
        if before is None or one.id != before.id
    ]
    if others:
        raise name_taken(name)
    return name


def add_item(books: Books, item_type: str, sent: Sent) -> Item:
    """A new service, non-inventory part or other charge. Raises `Refused`."""
    sales = sent.sub("SalesOrPurchase")
    if sales is None:
        raise missing("SalesOrPurchase")
    account = books.refer(rows.Account, sales, "AccountRef", item_type)
    if account is None:
        raise Refused("3270", "There is a missing posting account.")
    return _item(
        books,
        item_type,
        sent,
        account_id=account.id,
        description=sales.text("Desc"),
        price=sales.number("Price"),
        tax_code_id=books.refer_id(rows.SalesTaxCode, sent, "SalesTaxCodeRef", item_type)
        or books.preferences.taxable_code,
        part_number=sent.text("ManufacturerPartNumber"),
    )


def add_tax_item(books: Books, sent: Sent) -> Item:
    """A new sales tax item. Raises `Refused`."""
    rate = sent.number("TaxRate") or Decimal(0)
    agency = books.refer(rows.Supplier, sent, "TaxVendorRef", "ItemSalesTax")
    if rate and agency is None:
        raise missing("TaxVendorRef")
    return _item(
        books,
        "ItemSalesTax",
        sent,
        rate=rate,
        description=sent.text("ItemDesc"),
        kept={"TaxVendorRef": agency.id} if agency else {},
    )


def _item(books: Books, item_type: str, sent: Sent, **values: Any) -> Item:
    parent_id = books.parent(Item, sent)
    name = checked_name(books, Item, sent.text("Name"), parent_id)
    books.check_guid(sent.text("ExternalGUID"), item_type)
    code = sent.sub("BarCode")
    return books.add(
        Item,
        type=item_type,
        name=name,
        parent_id=parent_id,
        active=sent.get("IsActive") is not False,
        guid=sent.text("ExternalGUID"),
        barcode=code.text("BarCodeValue") if code else "",
        **values,
    )


def add_payment_method(books: Books, sent: Sent) -> PaymentMethod:
    """A new payment method. Raises `Refused`."""
    return books.add(
        PaymentMethod,
        name=checked_name(books, PaymentMethod, sent.text("Name")),
        active=sent.get("IsActive") is not False,
        type=sent.text("PaymentMethodType") or "Other",
    )
