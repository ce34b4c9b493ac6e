"""Xero behind the ledger protocol."""

from collections.abc import Collection, Iterator, Sequence

from invoicesync_cli.answers import Reply
from invoicesync_cli.config import Loaded
from invoicesync_cli.http import Meter, Network, TokenSource
from invoicesync_cli.load.ledger import Capabilities, Found, Sent, SetupLists
from invoicesync_cli.load.xero import bodies, replies, setup
from invoicesync_cli.load.xero.client import XeroClient, elements, envelope
from invoicesync_cli.model import Booking, Draft, LedgerContact, LedgerFacts, LedgerId, NewContact
from invoicesync_cli.services import Origins

COLLECTIONS = {"contact": ("Contacts", "ContactID", "Name")}
COLLECTIONS["invoice"] = ("Invoices", "InvoiceID", "InvoiceNumber")


class XeroLedger:
    """One Xero organisation."""

    capabilities = Capabilities(
        name="Xero",
        # Xero's advice for the size of a bundle.
        batch=50,
        in_flight=4,
        lists=("Organisation", "Accounts", "TaxRates", "Items"),
        lists_for={
            "period-locked": ("Organisation",),
            "currency-differs": ("Organisation", "Currencies"),
            "account-unknown": ("Accounts", "Items"),
            "tax-code-unknown": ("TaxRates",),
            "item-missing": ("Items",),
        },
        identity="Organisation",
    )

    def __init__(
        self, origins: Origins, network: Network, tokens: TokenSource, status: str
    ) -> None:
        self._client = XeroClient(origins, network, tokens)
        self._status = status

    @property
    def meter(self) -> Meter:
        """What has been asked of Xero so far."""
        return self._client.service.meter

    def read_lists(self, names: Collection[str]) -> SetupLists:
        """The named collections, as Xero gives them."""
        return {name: self._client.collection(name) for name in names}

    def facts(self, lists: SetupLists) -> LedgerFacts:
        """The lists in the tool's own terms."""
        return setup.facts(lists)

    def booking(self, facts: LedgerFacts, loaded: Loaded) -> Booking:
        """The settings of [xero] found in the lists. Raises `ConfigError`."""
        return setup.booking(facts, loaded)

    def organisations(self) -> list[tuple[str, str]]:
        """Tenant id and name of every connection."""
        rows = self._client.service.get("/connections").json()
        return [(str(row.get("tenantId") or ""), str(row.get("tenantName") or "")) for row in rows]

    def contacts(self) -> Iterator[LedgerContact]:
        """Every contact, archived ones too, a thousand a call."""
        for page in self._client.pages("Contacts", {"includeArchived": "true"}):
            yield from (replies.contact(element) for element in page)

    def contact_batch(self, contacts: Sequence[NewContact]) -> bytes:
        """The body of `PUT /Contacts`."""
        return envelope("Contacts", [bodies.contact(made) for made in contacts])

    def invoice_batch(self, drafts: Sequence[Draft]) -> bytes:
        """The body of `PUT /Invoices`."""
        return envelope("Invoices", [bodies.invoice(draft, self._status) for draft in drafts])

    def send(self, kind: str, body: bytes, key: str, *, key_age: float = 0.0) -> Reply:
        """Create a batch."""
        return self._client.put(COLLECTIONS[kind][0], body, key, key_age)

    def read_reply(self, kind: str, reply: Reply, names: Sequence[str]) -> list[Sent]:
        """The outcome of each element."""
        collection, id_field, name_field = COLLECTIONS[kind]
        ordered = replies.in_order(elements(reply, collection), names, name_field)
        return [replies.sent(element, id_field) for element in ordered]

    def find_invoices(self, numbers: Sequence[str]) -> dict[str, Found]:
        """Sales invoices by number; one that is alive goes before one that is not."""
        by_number: dict[str, Found] = {}
        for element in self._client.named("Invoices", "InvoiceNumbers", numbers):
            found = replies.found(element)
            # Xero tells numbers apart without regard to case.
            number = found.number.casefold()
            known = by_number.get(number)
            if element.get("Type") == "ACCREC" and (known is None or not known.alive):
                by_number[number] = found
        return {
            number: by_number[number.casefold()]
            for number in numbers
            if number.casefold() in by_number
        }

    def invoices(self, ids: Sequence[LedgerId]) -> dict[LedgerId, Found]:
        """Invoices by Xero's id."""
        elements_found = self._client.named("Invoices", "IDs", ids)
        return {found.id: found for found in map(replies.found, elements_found)}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
