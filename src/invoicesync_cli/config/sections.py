"""The tables and keys of the config file, with their defaults."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from invoicesync_cli.config import desktop
from invoicesync_cli.config.checks import check_date, check_landing
from invoicesync_cli.config.wording import SettingFinding
from invoicesync_cli.vendors import ledgers

Count = Annotated[int, Field(ge=0)]
if TYPE_CHECKING:
    Destination = str
else:
    Destination = Literal[ledgers()]


class Section(BaseModel):
    """A table of the config: unknown keys are errors, nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


LOCALHOST = "http://localhost:8743/callback"
"""Where a browser on this machine can land after a sign-in."""


class VendorSection(Section):
    """What the section of every vendor answers."""

    @property
    def app_id(self) -> str:
        """The client id of the user's own app; blank while none is set."""
        return ""

    @property
    def needs_app(self) -> bool:
        """Whether signing in takes an app of the user's own."""
        return False

    @property
    def landing(self) -> str:
        """The address that a sign-in in a browser ends on; blank while none is set."""
        return ""

    @property
    def tracked(self) -> bool:
        """Whether anything is set by which the ledger tracks sales (R15)."""
        return False

    @property
    def polled(self) -> bool:
        """Whether the ledger comes and asks: then a program of ours has to run all the time."""
        return False

    def signs_in_by(self, kind: str) -> bool:
        """Whether this is the way to sign in that the section asks for."""
        return getattr(self, "sign_in", "") == kind

    def problems(self, config: "Config") -> Iterator[SettingFinding]:  # noqa: ARG002 - for those that do
        """What has to be set when this is the ledger, and is not."""
        return iter(())

    def warnings(self) -> Iterator[tuple[str, str, str, str]]:
        """What is allowed, and worth a second thought: a code, the key, message and hint."""
        return iter(())


class AppSection(VendorSection):
    """The section of a vendor to which a person signs in by an app of their own."""

    client_id: str = ""
    redirect_uri: str = ""

    @field_validator("redirect_uri")
    @classmethod
    def _redirect_uri(cls, value: str) -> str:
        check_landing(value)
        return value

    @property
    def app_id(self) -> str:
        """As it is set."""
        return self.client_id

    @property
    def needs_app(self) -> bool:
        """Nobody signs in without it."""
        return True

    @property
    def landing(self) -> str:
        """As it is set."""
        return self.redirect_uri


class Sync(Section):
    """[sync]"""

    destination: Destination = "xero"
    mode: Literal["invoices", "invoices-and-payments", "paid-only", "off"] = "invoices-and-payments"
    start: str = "first"
    max_invoices: Count = 0
    max_payments: Count = 0

    @field_validator("start")
    @classmethod
    def _start(cls, value: str) -> str:
        if value != "first" and not re.fullmatch(r"id:[0-9]{1,18}", value):
            check_date(value, 'Write a date such as "2026-01-31", "first", or "id:1234".')
        return value


class Keap(AppSection):
    """[keap]"""

    sign_in: Literal["api-key", "oauth"] = "api-key"
    currency: Literal["auto", "AUD", "EUR", "GBP", "NZD", "USD"] = "auto"

    @property
    def needs_app(self) -> bool:
        """A key is enough."""
        return self.sign_in == "oauth"


class Invoices(Section):
    """[invoices]"""

    number: Literal["order", "invoice"] = "order"
    number_prefix: str = ""
    due_days: Count = 14
    order_status: Literal["any", "paid", "unpaid"] = "any"
    skip_synced: bool = True
    skip_zero_total: bool = False
    paid_only_when: Literal["fully-paid", "any-payment"] = "fully-paid"


class Tax(Section):
    """[tax]"""

    untaxed_invoices: Literal["exempt", "inclusive", "exclusive"] = "exempt"
    tax_finance_charges: bool = False


class Payments(Section):
    """[payments]"""

    account: str = ""
    skip_overpayment: bool = True
    credits: Literal["credit-note", "skip"] = "credit-note"
    refunds: Literal["credit-note", "skip"] = "credit-note"
    accounts: dict[str, str] = Field(default_factory=dict)


class Contacts(Section):
    """[contacts]"""

    match: tuple[Literal["email", "name", "company-city"], ...] = ("email", "name", "company-city")
    when_missing: Literal["create", "hold"] = "create"
    pins: dict[str, str] = Field(default_factory=dict)

    @field_validator("match", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("pins")
    @classmethod
    def _trimmed(cls, value: dict[str, str]) -> dict[str, str]:
        return {person: contact.strip() for person, contact in value.items()}


class Xero(AppSection):
    """[xero]"""

    sign_in: Literal["pkce", "custom-connection"] = "pkce"
    redirect_uri: str = LOCALHOST
    status: Literal["draft", "submitted", "authorised"] = "draft"
    account: str = "200"
    discount_account: str = ""
    finance_charge_account: str = ""
    shipping_account: str = ""
    tax_type: str = ""
    zero_tax_type: str = ""
    sku_accounts: bool = True
    sku_item_codes: bool = False
    tracking: dict[str, str] = Field(default_factory=dict)
    tracking_by_sku: dict[str, dict[str, str]] = Field(default_factory=dict)

    @property
    def tracked(self) -> bool:
        """Whether lines have options of tracking categories."""
        return bool(self.tracking or self.tracking_by_sku)

    def problems(self, config: "Config") -> Iterator[SettingFinding]:
        """Xero takes neither a payment without an account nor a line without a tax type."""
        if config.sends_payments and not config.payments.account:
            yield (
                "payments.account",
                f'mode "{config.sync.mode}" needs the Xero account that receives payments.',
                'Name its code or id, or set sync.mode = "invoices".',
            )
        if config.sync.mode == "off":
            return
        for key, what in (("tax_type", "taxed"), ("zero_tax_type", "untaxed")):
            if not getattr(self, key):
                yield (
                    f"xero.{key}",
                    f"the Xero tax type for {what} lines is not set.",
                    "In the United Kingdom these are OUTPUT2 and ZERORATEDOUTPUT, in Australia "
                    "OUTPUT and EXEMPTOUTPUT, in New Zealand OUTPUT2 and ZERORATED.",
                )
        if not self.account:
            yield "xero.account", "the default account is not set.", 'In most books it is "200".'

    def warnings(self) -> Iterator[tuple[str, str, str, str]]:
        """Authorised invoices are for good."""
        if self.status == "authorised":
            yield (
                "authorised",
                "xero.status",
                "invoices cannot be changed or deleted in Xero afterwards, only voided.",
                'Start with "draft", look at some of them in Xero, and switch then.',
            )


class Qbo(AppSection):
    """[qbo]"""

    environment: Literal["production", "sandbox"] = "production"
    document: Literal["invoice", "sales-receipt-when-paid"] = "invoice"
    taxable_code: str = "TAX"
    non_taxable_code: str = "NON"
    match_items_by: Literal["sku", "name"] = "sku"
    default_item: str = ""
    unmatched_item: str = "unknown_do_not_delete"
    discount_item: str = ""
    finance_charge_item: str = ""
    shipping_item: str = ""
    class_: Annotated[str, Field(alias="class")] = ""
    location: str = ""
    class_by_sku: dict[str, str] = Field(default_factory=dict)

    @property
    def tracked(self) -> bool:
        """Whether lines have classes, or documents a location."""
        return bool(self.class_ or self.location or self.class_by_sku)

    @property
    def landing(self) -> str:
        """Intuit takes this machine's own address for development keys."""
        return self.redirect_uri or (LOCALHOST if self.environment == "sandbox" else "")


class Qbd(VendorSection):
    """[qbd]"""

    transport: Literal["web-connector", "com"] = "web-connector"
    company_file: str = ""
    listen: str = "127.0.0.1:8085"
    url: str = ""
    every: str = "15m"
    wait: str = "20m"
    document: Literal["invoice", "sales-receipt-when-paid"] = "invoice"
    tax: Literal["line", "rate"] = "line"
    tax_item: str = ""
    zero_tax_item: str = ""
    taxable_code: str = "Tax"
    non_taxable_code: str = "Non"
    match_items_by: Literal["name", "part-number", "barcode"] = "name"
    default_item: str = ""
    unmatched_item: str = "unknown_do_not_delete"
    unmatched_account: str = ""
    discount_item: str = ""
    finance_charge_item: str = ""
    shipping_item: str = ""
    receivable_account: str = ""
    refund_method: str = ""
    class_: Annotated[str, Field(alias="class")] = ""
    class_by_sku: dict[str, str] = Field(default_factory=dict)

    @property
    def tracked(self) -> bool:
        """Whether lines have classes."""
        return bool(self.class_ or self.class_by_sku)

    def signs_in_by(self, kind: str) -> bool:
        """A sign-in is by one way to QuickBooks."""
        return kind == self.transport

    @property
    def polled(self) -> bool:
        """By the Web Connector it comes."""
        return self.transport == "web-connector"

    @property
    def poll_seconds(self) -> float:
        """How often the Web Connector comes."""
        return desktop.seconds(self.every) or 0.0

    @property
    def wait_seconds(self) -> float:
        """How long a run waits for the Web Connector."""
        return desktop.seconds(self.wait) or 0.0

    @property
    def place(self) -> tuple[str, int]:
        """Host and port that the service for the Web Connector listens on."""
        return desktop.address(self.listen) or ("127.0.0.1", 0)

    @property
    def app_url(self) -> str:
        """The origin at which the Web Connector finds the service."""
        return self.url.rstrip("/") or f"http://localhost:{self.place[1]}"

    def problems(self, config: "Config") -> Iterator[SettingFinding]:  # noqa: ARG002 - as the others
        """What is wrong with where the service listens and is found, and with durations."""
        if self.transport == "web-connector":
            yield from desktop.listening(self.listen)
            yield from desktop.found_at(self.url)
            yield from desktop.durations(every=self.every, wait=self.wait)


class Reverse(Section):
    """[reverse]"""

    enabled: bool = False
    start: str = ""

    @field_validator("start")
    @classmethod
    def _start(cls, value: str) -> str:
        if value:
            check_date(value, 'Write a date such as "2026-01-31", or "".')
        return value


class Notify(Section):
    """[notify]"""

    email: Literal["off", "problems", "daily"] = "off"
    to: str = ""
    from_: Annotated[str, Field(alias="from")] = ""
    smtp_host: str = ""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    ping_url: str = ""


class Auth(Section):
    """[auth]"""

    storage: Literal["keyring", "file"] = "keyring"


class Config(Section):
    """The whole file."""

    sync: Sync = Field(default_factory=Sync)
    keap: Keap = Field(default_factory=Keap)
    invoices: Invoices = Field(default_factory=Invoices)
    tax: Tax = Field(default_factory=Tax)
    payments: Payments = Field(default_factory=Payments)
    contacts: Contacts = Field(default_factory=Contacts)
    xero: Xero = Field(default_factory=Xero)
    qbo: Qbo = Field(default_factory=Qbo)
    qbd: Qbd = Field(default_factory=Qbd)
    reverse: Reverse = Field(default_factory=Reverse)
    notify: Notify = Field(default_factory=Notify)
    auth: Auth = Field(default_factory=Auth)

    def vendor(self, key: str) -> VendorSection:
        """The section of a vendor."""
        section: VendorSection = getattr(self, key)
        return section

    @property
    def ledger(self) -> VendorSection:
        """The section of the ledger that is written to."""
        return self.vendor(self.sync.destination)

    @property
    def sends_payments(self) -> bool:
        """Whether the mode carries payments, credits and refunds."""
        return self.sync.mode in {"invoices-and-payments", "paid-only"}
