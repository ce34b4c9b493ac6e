"""What a recording may show: by an allow-list of fields, everything else under a mask.

A mask stands for one word and is the same for the same word, whatever its case, so that a name
still equals the name that it equalled. It is made with a key that is thrown away, so that nobody
can try out which word it stands for. Signs between words stay.
"""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

ALPHABET = "bcdfghjklmnpqrstvwxz"
LENGTH = 9
"""Letters of a mask: two words have the same one in less than one of 10^11 cases."""
LEFT_OUT = "…"
"""Stands for what is nested beyond all sense, and for a number that is out of range."""
DEEPEST = 50
WORD = re.compile(r"[^\W_]+")

ID = r"\d{1,20}|TAX|NON|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
TIME = r"\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-][\d:]+)?)?|/Date\(-?\d+([+-]\d{4})?\)/"
STATE = r"[A-Za-z0-9_]{1,40}"
CODE = r"[A-Za-z0-9._/# -]{0,40}"
NUMBER = r"(?=.*\d)[A-Za-z0-9._/#-]{1,60}"
ZONE = r"[A-Za-z]+(/[A-Za-z0-9_+-]+){0,2}"
SUM = r"-?[^\w\s]{0,2}[A-Z]{0,3} ?[\d,]+(\.\d+)?"
REFERENCE = r"\d{1,20}|[A-Z]{3}|SHIPPING_ITEM_ID"

IDS = (
    {"id", "invoice_id", "payment_id", "contact_id", "order_id", "order_ids", "product_id"}
    | {"subscription_id", "merchant_account_id", "special_item_id", "refund_payment_id"}
    | {"refund_invoice_payment_id", "default_merchant", "default_merchant_account_id"}
    | {"Id", "ID", "ContactID", "InvoiceID", "LineItemID", "PaymentID", "CreditNoteID"}
    | {"AllocationID", "AccountID", "ItemID", "OrganisationID", "BatchPaymentID"}
    | {"BrandingThemeID", "tenantId", "authEventId"}
    | {"TxnId", "SyncToken", "bId", "code"}
)
TIMES = (
    {"creation_time", "modification_time", "order_time", "sent_time", "due_time", "pay_time"}
    | {"payment_time", "update_time", "create_time", "last_updated_time", "transaction_time"}
    | {"initial_payment_date", "plan_start_date", "due_date"}
    | {"Date", "DueDate", "DateString", "DueDateString", "UpdatedDateUTC", "DateTimeUTC"}
    | {"UpdatedDateUTCString", "FullyPaidOnDate", "ExpectedPaymentDate", "PeriodLockDate"}
    | {"EndOfYearLockDate", "createdDateUtc", "updatedDateUtc"}
    | {"TxnDate", "CreateTime", "LastUpdatedTime", "BookCloseDate", "EffectiveDate", "EndDate"}
    | {"time"}
)
STATES = (
    {"status", "order_type", "source_type", "item_type", "refund_status", "credit_status"}
    | {"pay_status", "transaction_method", "merchant_account_type", "discount_method"}
    | {"cycle_type", "frequency", "field", "currency", "currency_code"}
    | {"Type", "Status", "Class", "ContactStatus", "LineAmountTypes", "CurrencyCode"}
    | {"TaxType", "ReportTaxType", "PaymentType", "StatusAttributeString", "AddressType"}
    | {"PhoneType", "SystemAccount", "BankAccountType", "BaseCurrency", "DefaultCurrency"}
    | {"CountryCode", "Timezone", "OrganisationStatus", "OrganisationType", "tenantType"}
    | {"error", "token_type", "grant_type"}
    | {"TxnType", "TxnStatus", "DetailType", "GlobalTaxCalculation", "AccountSubType"}
    | {"TaxReviewStatus", "operation", "domain", "SpecialTaxType", "DisplayType"}
    | {"TaxTypeApplicable", "EmailStatus", "PrintStatus"}
)
CODES = {"sku", "Sku", "Code", "AccountCode", "ItemCode", "AccountType", "Classification"}
NUMBERS = {"invoice_number", "InvoiceNumber", "CreditNoteNumber", "DocNumber"}

KEPT: Mapping[str, str] = {
    **dict.fromkeys(IDS, ID),
    **dict.fromkeys(TIMES, TIME),
    **dict.fromkeys(STATES, STATE),
    **dict.fromkeys(CODES, CODE),
    **dict.fromkeys(NUMBERS, NUMBER),
    **dict.fromkeys(("formatted_amount", "amount"), SUM),
    "time_zone": ZONE,
    "value": REFERENCE,
    # All that QuickBooks' rules of tax hang on.
    "Country": "US|USA",
}
"""The fields whose text is harmless, and what it has to look like to be kept."""

TYPES = frozenset(
    {"adjustment", "authorize.net", "bank transfer", "cash", "check", "cheque", "credit"}
    | {"credit card", "debit card", "direct debit", "eway", "free", "keap pay", "manual"}
    | {"money order", "other", "paypal", "refund", "stripe", "wepay", "write-off"}
)
"""Types of payment and gateways as the vendors call them. Anybody may add types of their own."""
TYPED = {"type", "name"}

OWN_WORDS = (
    r"\(Keap \d+\)|Keap contact \d+|Keap order \d+, invoice \d+|(?<![^\W_])keap-\d+"
    r"|^Voided|^unknown_do_not_delete$"
)
"""What this tool itself writes into names, numbers and notes, and what stands before a voided one's
note."""
ERROR_FIELDS = {
    "Message",
    "message",
    "Detail",
    "Title",
    "faultstring",
    "errorcode",
    "error_description",
}
"""Fields in which a service says what is wrong."""
PHRASES = (
    "already assigned to another contact",
    "must be unique",
    "lock date",
    "archived contact",
    "not subscribed to currency",
    "tax type",
    "taxtype",
    "account code",
    "item code",
    "exceeds the amount outstanding",
    "authorised documents",
    "specified contactid could not be found",
    "specified contact could not be found",
    "not of valid status",
    "duplicate document number",
    "duplicate name exists",
    "period has closed",
    "account period closed",
    "rate before you save",
    "while calculating tax",
    "has deleted this transaction",
    "check the fields with accounts.",
    "different type of account",
    "currency of the transaction",
    "has been made inactive",
    "list element that has been deleted",
    "type of name assigned",
    "must select a customer",
)
"""Phrases that verdicts hang on; they name nobody."""

FILTERS = r"(id|ids|order_ids?|invoice_id|contact_ids?|paid|is_successful|\w+_time)([=<>!]+)[^;]*"
PARAMETERS = {
    **dict.fromkeys(("page", "pageSize", "page_size", "unitdp", "minorversion"), r"\d+"),
    **dict.fromkeys(("summarizeErrors", "includeArchived", "summaryOnly"), "true|false"),
    **dict.fromkeys(("IDs", "InvoiceNumbers"), rf"({ID}|{NUMBER})(,({ID}|{NUMBER}))*"),
    **dict.fromkeys(("fields", "entities"), r"[A-Za-z_,]+"),
    "changedSince": TIME,
    "order_by": r"[a-z_]+( asc| desc)?",
    "filter": rf"{FILTERS}(;{FILTERS})*",
    "where": rf'[\w.]+==(guid\("[0-9a-fA-F-]+"\)|"{NUMBER}")',
}
"""The parameters of addresses that are harmless, and what each has to look like."""

STATED = {"Query", "query"}
"""Statements of this tool's own: only what is quoted in them can name anybody."""
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")

SEGMENT = re.compile(rf"[A-Za-z:]+|api\.xro|[v0-9.]+|{ID}|{NUMBER}")


class Mask:
    """Masks for the words of one recording."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def word(self, word: str) -> str:
        """The mask of a word."""
        digest = hmac.digest(self._key, word.casefold().encode(errors="replace"), "sha256")
        number = int.from_bytes(digest, "big")
        letters = []
        for _ in range(LENGTH):
            number, place = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[place])
        return "".join(letters)

    def text(self, text: str, keep: str = OWN_WORDS) -> str:
        """`text` with every word under its mask, but for what the pattern `keep` finds."""
        shown, last = [], 0
        text = unicodedata.normalize("NFKC", text)
        for kept in re.finditer(keep, text, re.IGNORECASE):
            shown += [self._words(text[last : kept.start()]), kept[0]]
            last = kept.end()
        return "".join([*shown, self._words(text[last:])])

    def _words(self, text: str) -> str:
        return WORD.sub(lambda found: self.word(found[0]), text)

    def field(self, name: str, value: str) -> str:
        """The text of a field, as it is where that is harmless."""
        if not value or (name in KEPT and re.fullmatch(KEPT[name], value)):
            return value
        if name in TYPED and value.strip().casefold() in TYPES:
            return value
        if name in STATED:
            return self.statement(value)
        if name in ERROR_FIELDS:
            return self.text(value, "|".join(map(re.escape, PHRASES)))
        return self.text(value)

    def statement(self, text: str) -> str:
        """A query with what is quoted in it masked, but for numbers."""

        def mask(found: re.Match[str]) -> str:
            inner = found[0][1:-1]
            kept = re.fullmatch(rf"{ID}|{NUMBER}|{TIME}", inner)
            return f"'{inner if kept else self.text(inner)}'"

        return QUOTED.sub(mask, text)

    def data(self, value: Any, name: str = "", depth: int = 0) -> Any:
        """JSON with every text masked that is not known to be harmless. Numbers stay."""
        if depth > DEEPEST:
            return LEFT_OUT
        if isinstance(value, dict):
            return {
                key if key.isidentifier() else self.text(key): self.data(item, key, depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.data(item, name, depth + 1) for item in value]
        if value is None or isinstance(value, bool | int | Decimal):
            return value
        return self.field(name, value) if isinstance(value, str) else LEFT_OUT

    def query(self, pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
        """The parameters of an address."""
        return [
            [name, self.statement(value)]
            if name in STATED
            else [name, value]
            if name in PARAMETERS and re.fullmatch(PARAMETERS[name], value)
            else [name, self.text(value)]
            for name, value in pairs
        ]

    def path(self, path: str) -> str:
        """An address without its parameters; what is neither a word of it nor an id is masked."""
        return "/".join(
            part if not part or SEGMENT.fullmatch(part) else self.text(part)
            for part in path.split("/")
        )
