"""What QuickBooks Online and Desktop have alike when they are set up: accounts, the items that the
config names, and the questions about these."""

from collections import Counter
from collections.abc import Iterator, Sequence

from invoicesync_cli.config.sections import Qbd, Qbo
from invoicesync_cli.load.questions import (
    Asked,
    Choice,
    CurrentConfig,
    OptionalQuestions,
    Question,
    payment_account,
)
from invoicesync_cli.load.settings import SettingsCheck
from invoicesync_cli.model import (
    ZERO,
    AccountKind,
    ItemRouting,
    LedgerAccount,
    LedgerFacts,
    LedgerItem,
    TaxCode,
    TrackingPair,
)

REPLACED = ((":", " -"), ("\t", " "), ("\r", " "), ("\n", " "))
"""What a customer's name cannot have, and what stands there instead."""
PAYABLE = {"Bank", "OtherCurrentAsset"}
KINDS: dict[str, AccountKind] = {"Bank": "bank", "Income": "income", "OtherIncome": "income"}
"""Types of account that sales and payments usually go to. Online writes them with blanks."""
UNDEPOSITED = "UndepositedFunds"
"""The kind of account that money is kept in until it is deposited, whatever it is called."""
NO_TAX = TaxCode("", "no tax", ZERO, usable=True)
"""The tax code of all lines where sales tax is switched off."""
CLASS = "class"
"""What lines are tracked by."""
UNKNOWN_TRACKING = "tracking-unknown"


def accounts(rows: Sequence[tuple[str, str, str, str]]) -> tuple[LedgerAccount, ...]:
    """The accounts with these ids, names, paths and types. Sub-accounts may share a name; then it
    takes the whole path."""
    names = Counter(name for _, name, _, _ in rows)
    return tuple(
        LedgerAccount(
            id=ident,
            code=name if names[name] == 1 else path or name,
            name=path or name,
            usable=KINDS.get(kind.replace(" ", "")) == "income",
            payable=kind.replace(" ", "") in PAYABLE,
            kind=KINDS.get(kind.replace(" ", ""), ""),
        )
        for ident, name, path, kind in rows
    )


def routing(check: SettingsCheck, key: str, income: LedgerAccount | None) -> ItemRouting:
    """The items that the section `key` of the config names, one that is not there noted; `income`
    is the account that a new one sells to."""
    section: Qbo | Qbd = getattr(check.loaded.config, key)
    fallback = LedgerItem("", section.unmatched_item, income.code if income else "")
    return ItemRouting(
        by=section.match_items_by,
        unmatched=_named(check.found, section.unmatched_item) or fallback,
        income=income,
        section=key,
        default=_item(check, f"{key}.default_item", section.default_item),
        discount=_item(check, f"{key}.discount_item", section.discount_item),
        finance_charge=_item(check, f"{key}.finance_charge_item", section.finance_charge_item),
        shipping=_item(check, f"{key}.shipping_item", section.shipping_item),
    )


def classes_of(section: Qbo | Qbd) -> dict[str, str]:
    """The classes that a section of the config names, by their keys in it."""
    general = {"class": section.class_} if section.class_ else {}
    return general | {f"class_by_sku.{sku}": name for sku, name in section.class_by_sku.items()}


def tracking_pair(
    check: SettingsCheck, key: str, category: str, name: str
) -> tuple[TrackingPair, ...]:
    """The class or location of that name or id; one that is not there is noted."""
    known = [pair for pair in check.found.tracking if pair.category == category]
    for matches in (
        [pair for pair in known if name in {pair.option, pair.id}],
        [pair for pair in known if name.strip().casefold() == pair.option.casefold()],
    ):
        if matches:
            return (matches[0],)
    listed = [(pair.option, pair.id) for pair in known]
    check.unknown(key, category, name, UNKNOWN_TRACKING, listed)
    return ()


def _item(check: SettingsCheck, key: str, wanted: str) -> LedgerItem | None:
    """The item of that name or id; one that is not there is noted."""
    item = _named(check.found, wanted)
    if wanted and item is None:
        listed = [(known.name, known.account) for known in check.found.items]
        check.unknown(key, "item for sale", wanted, "item-missing", listed)
    return item


def _named(found: LedgerFacts, wanted: str) -> LedgerItem | None:
    for matches in (
        [item for item in found.items if wanted == item.name],
        [item for item in found.items if wanted == item.id],
        [item for item in found.items if wanted.casefold() == item.name.casefold()],
    ):
        if wanted and matches:
            return matches[0]
    return None


def payment_questions(
    key: str, config: CurrentConfig, facts: LedgerFacts | None
) -> Iterator[Asked]:
    """Where money goes, and what an order becomes that is paid at once."""
    if not config().sends_payments:
        return
    yield payment_account(facts, "Undeposited Funds")
    yield Question(
        f"{key}.document",
        "What does an order become that is paid in full when it is made?",
        choices=(
            Choice("invoice", "An invoice and a payment, as every other order"),
            Choice("sales-receipt-when-paid", "A sales receipt, one document for both"),
        ),
        explain="QuickBooks knows no drafts: send one test invoice first (sync-id), and look "
        "at it there.",
        closed=True,
    )


def item_questions(
    key: str,
    config: CurrentConfig,
    items: Sequence[Choice] | None,
    *,
    compared: Sequence[Choice],
    discount: str,
    shipping: str,
    new_item: Sequence[Question] = (),
) -> Iterator[Asked]:
    """Which of the `items` lines go to (None: nobody has looked what there are). Keap's SKU is
    `compared` with one of these; `discount` and `shipping` say what no answer means."""

    def item(name: str, text: str, blank: str) -> Question:
        return Question(
            f"{key}.{name}",
            text,
            choices=items or (),
            closed=items is not None,
            blank=blank,
            what="item for sale",
            unknown="item-missing",
        )

    section: Qbo | Qbd = getattr(config(), key)
    yield Question(
        f"{key}.match_items_by", "What is Keap's SKU compared with?", choices=compared, closed=True
    )
    yield item("default_item", "Item for products that match none", section.unmatched_item)
    yield from new_item
    yield OptionalQuestions(
        "Do discounts, shipping or finance charges go to items of their own?",
        (
            item("discount_item", "Item for discounts", discount),
            item("shipping_item", "Item for shipping", shipping),
            item("finance_charge_item", "Item for finance charges", "that for products"),
            Question(
                f"{key}.unmatched_item",
                "Item for lines without a product (made when it is first needed)",
                choices=items or (),
            ),
        ),
    )
