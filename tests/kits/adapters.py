"""An adapter of each ledger in front of its simulated service."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from invoicesync_cli.load.ledger import Capabilities, Ledger, WriteResult
from invoicesync_cli.model import (
    CreditNote,
    DocumentKind,
    Draft,
    Invoice,
    KeapContact,
    LedgerId,
    NewContact,
    PaymentDraft,
    PersonId,
)
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_sandbox.keap import Item
from tests.kits.ledgers import LedgerKit, box, kit
from tests.kits.rehearsal import Rehearsal


@dataclass
class Adapter:
    """An adapter that is signed in to its sandbox, with the demo ledger behind it."""

    rehearsal: Rehearsal
    ledger: Ledger
    rules: DraftSettings
    orders: Any
    keys: int = 0

    @property
    def kit(self) -> LedgerKit:
        """What is peculiar to this ledger's service."""
        return kit(self.rehearsal)

    @property
    def box(self) -> Any:
        """The simulated service."""
        return box(self.rehearsal)

    @property
    def can(self) -> Capabilities:
        """What this ledger declares."""
        return self.ledger.capabilities

    def send(self, kind: str, payloads: Sequence[Any], names: Sequence[str]) -> list[WriteResult]:
        """A batch under a key of its own."""
        self.keys += 1
        return self.again(kind, payloads, names)

    def again(self, kind: str, payloads: Sequence[Any], names: Sequence[str]) -> list[WriteResult]:
        """A batch under the key of the last one."""
        body = self.ledger.body(kind, payloads)
        return self.ledger.send(kind, body, f"key-{self.keys}", names)

    def person(self, name: str = "Ann Other", number: str = "keap-77", **more: Any) -> NewContact:
        """A contact to be made."""
        first, _, last = name.partition(" ")
        fields: dict[str, Any] = {
            "email": "ann@other.example",
            "phone": "01 234",
            "address": replace(KeapContact(PersonId("1")).billing, line1="1 Row", city="Leeds"),
            "currency": self.rules.keap_currency,
        }
        return NewContact(
            person_id=PersonId(number.removeprefix("keap-")),
            name=name,
            number=number,
            first_name=first,
            last_name=last,
            **(fields | more),
        )

    def contact(self, name: str = "Ann Other", number: str = "keap-77") -> LedgerId:
        """The id of a contact that is made now."""
        (made,) = self.send("contact", [self.person(name, number, email="")], [name])
        assert made.id
        return made.id

    def draft(self, *items: Item, contact: LedgerId) -> Draft:
        """The draft of a new order in Keap."""
        return self.drafted(self.order(*items), contact)

    def order(self, *items: Item) -> Invoice:
        """A new order in Keap, as read from there."""
        (found,) = self.orders([self.rehearsal.order(*items)])
        assert found.invoice
        invoice: Invoice = found.invoice
        return invoice

    def drafted(self, invoice: Invoice, contact: LedgerId) -> Draft:
        """The draft of an order."""
        return make_draft(invoice, [], self.rules, []).with_contact(contact)

    def invoice(self, *items: Item, contact: LedgerId | None = None) -> tuple[Draft, LedgerId]:
        """An invoice that is made now."""
        draft = self.draft(*items, contact=contact or self.contact())
        (made,) = self.send("invoice", [draft], [draft.number])
        assert made.id, made.words
        return draft, made.id

    def money(self, draft: Draft, invoice: LedgerId, amount: str, **more: Any) -> PaymentDraft:
        """Money on an invoice."""
        account = self.rules.payable(self.rules.config.payments.account)
        fields: dict[str, Any] = {"kind": DocumentKind.PAYMENT, "account": account, "note": None}
        return PaymentDraft(
            key="9",
            order_id=draft.order_id,
            invoice_id=draft.invoice_id,
            payment_id=more.pop("payment_id", "9"),
            date=draft.date,
            amount=Decimal(amount),
            currency=draft.currency,
            reference=more.pop("reference", "ch_1"),
            invoice=invoice,
            contact_id=draft.contact_id or LedgerId(""),
            **(fields | more),
        )

    def note(
        self, draft: Draft, invoice: LedgerId, amount: str, kind: DocumentKind
    ) -> PaymentDraft:
        """A credit or a refund of an untaxed invoice."""
        routing, ledger = self.rules.ledger.items, self.rules.ledger
        credit = kind is DocumentKind.CREDIT
        item = (routing.default or routing.unmatched).id if routing else ""
        note = CreditNote(
            number="CR-9" if credit else "RF-9",
            contact_id=draft.contact_id or LedgerId(""),
            account=ledger.discount_account if credit else ledger.account,
            tax_code=ledger.untaxed.code,
            net=Decimal(amount),
            tax=Decimal("0.00"),
            description="Came broken",
            item_code=item,
        )
        account = None if credit else self.rules.payable(self.rules.config.payments.account)
        return self.money(draft, invoice, amount, kind=kind, note=note, account=account)
