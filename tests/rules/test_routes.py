"""Rule R5 as functions: the account or item of each line, and QuickBooks' own lines."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.model import (
    Decision,
    ItemRouting,
    LedgerItem,
    Line,
    LineType,
    TaxMode,
)
from invoicesync_cli.transform.accounts import Items, Route, account_of
from invoicesync_cli.transform.items import NativeLines, item_of, native_lines
from invoicesync_cli.transform.lines import Valued
from invoicesync_cli.transform.verdicts import Held
from tests.kits.keap_side import CHARGE, POST, line, valued
from tests.kits.ledger_side import ITEMS, ROUTING, TAXED, UNMATCHED, UNTAXED, rules

CANDLE = line("PRODUCT", "100.00", sku="TIL")
PLAIN = line("PRODUCT", "50.00")
OFF = line("DISCOUNT", "10.00")


# --- items by SKU ---------------------------------------------------------------------------------


def test_item_is_found_exactly_and_then_ignoring_case_and_outer_blanks() -> None:
    """R5: match exactly, then ignoring case and outer blanks; of two alike, the first."""
    upper, lower = LedgerItem("TIL", "Tea lights", "201"), LedgerItem("til", "Tile", "202")
    twin, padded = LedgerItem("til", "Tile too", "203"), LedgerItem(" Wick ", "Wick", "204")
    items = Items((upper, lower, twin, padded))
    expected = {"TIL": upper, "til": lower, "Til": upper, " TIL ": upper, "WICK": padded}
    assert {sku: items.find(sku) for sku in expected} == expected
    for nothing in ("", "  ", "TI", "XYZ"):
        assert items.find(nothing) is None


def test_blank_sku_finds_no_item_without_a_code() -> None:
    """R5: a line without a SKU has no item, even where an item has no code."""
    assert Items((LedgerItem("", "Nothing", "201"),)).find(" ") is None


def test_items_by_name() -> None:
    """R5: the item whose SKU (or name, by `match_items_by`) equals the Keap SKU."""
    by_name = Items(ITEMS, by_name=True)
    assert by_name.find("tea LIGHTS") == ITEMS[0]
    assert by_name.find("TIL") is None
    assert Items(ITEMS).find("Tea lights") is None


# --- accounts, Xero -------------------------------------------------------------------------------


def to_account(made: Line, **ledger: Any) -> tuple[str, str, Decision]:
    """Account, item code and grounds of a line."""
    (one,) = valued(made)
    route = account_of(one, rules(**ledger).ledger, Items(ITEMS))
    assert (route.type, route.note) == (LineType.ITEM, "")
    return route.account, route.item_code, route.decision


def because(account: str, text: str) -> Decision:
    """The decision for the account of line 7."""
    return Decision("line 7 account", account, "R5", text)


@pytest.mark.parametrize(
    ("kind", "account", "text"),
    [
        ("DISCOUNT", "460", "discount lines go to discount_account (blank: account)"),
        ("SHIPPING", "425", "shipping lines go to shipping_account (blank: account)"),
        (
            "FINANCE_CHARGE",
            "260",
            "finance charge lines go to finance_charge_account (blank: account)",
        ),
    ],
)
def test_lines_with_an_account_of_their_own(kind: str, account: str, text: str) -> None:
    """R5: discount, finance charge and shipping lines → their own account, whatever their SKU."""
    made = line(kind, "10.00", sku="TIL")
    found = to_account(made, sku_item_codes=True)
    assert found == (account, "", because(account, text))


@pytest.mark.parametrize(
    ("sku", "accounts", "codes", "account", "item_code", "text"),
    [
        ("TIL", True, False, "201", "", "the sales account of item TIL, whose code is the SKU"),
        ("til ", True, True, "201", "TIL", "the sales account of item TIL, whose code is the SKU"),
        ("TIL", False, True, "200", "TIL", "the default account (sku_accounts is off)"),
        ("TIL", False, False, "200", "", "the default account"),
        ("XYZ", True, False, "200", "", "no item has the code 'XYZ'"),
        ("XYZ", False, True, "200", "", "no item has the code 'XYZ'"),
        ("XYZ", False, False, "200", "", "the default account"),
        (" ", True, True, "200", "", "the default account"),
        ("GIFT", True, False, "200", "", "item GIFT has no sales account, so the default account"),
        (
            "GIFT",
            True,
            True,
            "200",
            "GIFT",
            "item GIFT has no sales account, so the default account",
        ),
    ],
)
def test_account_of_a_product(
    sku: str, accounts: bool, codes: bool, account: str, item_code: str, text: str
) -> None:
    """R5, the examples: `TIL` → 201; `XYZ` with no item → 200; the code when that is asked for."""
    made = line("PRODUCT", "9.00", sku=sku)
    found = to_account(made, sku_accounts=accounts, sku_item_codes=codes)
    assert found == (account, item_code, because(account, text))


def test_account_that_cannot_take_sales_is_held() -> None:
    """R5: `account-unknown` for an item's account that is archived, or not there at all."""
    made = line("PRODUCT", "9.00", sku="OLD")
    with pytest.raises(Held) as held:
        to_account(made)
    assert held.value.reason == "account-unknown"
    assert held.value.message == (
        "Item OLD is booked to account 290, which is archived or cannot take sales."
    )
    assert held.value.hint == (
        "Give item OLD another sales account in the ledger, or restore the old."
    )
    assert to_account(made, sku_accounts=False, sku_item_codes=True)[:2] == ("200", "OLD")


# --- items, QuickBooks ----------------------------------------------------------------------------

DEFAULT = LedgerItem("", "Sales", "210", "21")
CHARGES = LedgerItem("", "Late fees", "260", "22")
DISCOUNTS = LedgerItem("", "Discounts", "460", "23")
FREIGHT = LedgerItem("", "Freight", "425", "24")
NAMED = replace(
    ROUTING, default=DEFAULT, finance_charge=CHARGES, discount=DISCOUNTS, shipping=FREIGHT
)


def to_item(made: Line, routing: ItemRouting, own: LineType = LineType.ITEM) -> Route:
    """Where a line goes, where lines go to items."""
    (one,) = valued(made)
    return item_of(one, own, routing, Items(ITEMS))


def item(name: str, text: str) -> Decision:
    """The decision for the item of line 7."""
    return Decision("line 7 item", name, "R5", text)


@pytest.mark.parametrize(
    ("made", "routing", "item_code", "account", "name", "text"),
    [
        (CANDLE, NAMED, "11", "201", "Tea lights", "the item whose SKU is the Keap SKU 'TIL'"),
        (
            CANDLE,
            replace(NAMED, by="name"),
            "11",
            "201",
            "Tea lights",
            "the item whose name is the Keap SKU 'TIL'",
        ),
        (
            replace(CANDLE, sku="XYZ"),
            NAMED,
            "21",
            "210",
            "Sales",
            "no item has the SKU 'XYZ', so default_item",
        ),
        (
            replace(PLAIN, product_id="9"),
            NAMED,
            "21",
            "210",
            "Sales",
            "the Keap product has no SKU, so default_item",
        ),
        (OFF, NAMED, "23", "460", "Discounts", "discount lines go to discount_item"),
        (POST, NAMED, "24", "425", "Freight", "shipping lines go to shipping_item"),
        (
            CHARGE,
            NAMED,
            "22",
            "260",
            "Late fees",
            "finance charge lines go to finance_charge_item",
        ),
        (
            CHARGE,
            replace(NAMED, finance_charge=None),
            "21",
            "210",
            "Sales",
            "finance charge lines go to default_item",
        ),
        (
            replace(CANDLE, sku="XYZ"),
            replace(NAMED, default=replace(DEFAULT, id="")),
            "(to be made)",
            "210",
            "Sales",
            "no item has the SKU 'XYZ', so default_item",
        ),
    ],
)
def test_item_of_a_line(
    made: Line, routing: ItemRouting, item_code: str, account: str, name: str, text: str
) -> None:
    """R5: the matched item, else the next in the chain."""
    expected = Route(account, item_code, item(name, text))
    assert to_item(made, routing) == expected


BARE = replace(NAMED, default=None, finance_charge=None, discount=None, shipping=None)
IN_KEAP = (
    "in Keap sell it as a product whose SKU is the SKU of a QuickBooks item, or name another item "
    "as qbo.unmatched_item"
)
BY_CHARGE = "name a qbo.finance_charge_item or a qbo.default_item"
BY_DISCOUNT = "name a qbo.discount_item"
BY_SHIPPING = "name a qbo.shipping_item"
DEFAULTS = replace(BARE, default=DEFAULT)
GIVE = "give the Keap product the SKU of a QuickBooks item as its SKU, or name a qbo.default_item"


@pytest.mark.parametrize(
    ("made", "routing", "why", "correct"),
    [
        (PLAIN, NAMED, "the line has neither a SKU nor a product", IN_KEAP),
        (replace(PLAIN, sku=" "), NAMED, "the line has neither a SKU nor a product", IN_KEAP),
        (replace(PLAIN, product_id="9"), BARE, "the Keap product has no SKU", GIVE),
        (
            replace(PLAIN, product_id="9", sku="XYZ"),
            BARE,
            "no item has the SKU 'XYZ'",
            GIVE,
        ),
        (replace(PLAIN, sku="XYZ"), BARE, "no item has the SKU 'XYZ'", IN_KEAP),
        (CHARGE, BARE, "no item is named for finance charges", BY_CHARGE),
        (OFF, DEFAULTS, "discounts are switched off on QuickBooks' forms", BY_DISCOUNT),
        (POST, DEFAULTS, "shipping is switched off on QuickBooks' forms", BY_SHIPPING),
        (
            OFF,
            replace(DEFAULTS, discount_account=""),
            "QuickBooks' own line takes one discount, off lines that are taxed alike",
            BY_DISCOUNT,
        ),
        (
            POST,
            replace(DEFAULTS, shipping_account=""),
            "QuickBooks' own line takes one charge for shipping, beside others",
            BY_SHIPPING,
        ),
    ],
)
def test_line_without_an_item_says_how_to_mend_it(
    made: Line, routing: ItemRouting, why: str, correct: str
) -> None:
    """R5: takes `unmatched_item` and is reported with what to do about it."""
    note = f"'Candle' is booked to the item unknown_do_not_delete: {why}. To change it, {correct}."
    decision = item("unknown_do_not_delete", f"{why}, so unmatched_item")
    assert to_item(made, routing) == Route("200", "99", decision, note=note)
    to_make = replace(routing, unmatched=replace(UNMATCHED, id=""))
    assert to_item(made, to_make).item_code == "(to be made)"


@pytest.mark.parametrize(
    ("own", "made", "account", "text"),
    [
        (LineType.DISCOUNT, OFF, "460", "QuickBooks' own discount line, booked to 460"),
        (LineType.SHIPPING, POST, "425", "QuickBooks' own shipping line, booked to 425"),
        (LineType.DISCOUNT, OFF, "", "QuickBooks' own discount line"),
    ],
)
def test_own_line_of_quickbooks(own: LineType, made: Line, account: str, text: str) -> None:
    """R5: the discount or shipping line of the form, booked where the company says."""
    routing = (
        replace(NAMED, discount_account=account)
        if own is LineType.DISCOUNT
        else replace(NAMED, shipping_account=account)
    )
    assert to_item(made, routing, own) == Route(account, "", item(own, text), own)


def test_own_line_without_an_account_is_booked_to_none() -> None:
    """R5: where the company names none, QuickBooks knows."""
    for own, made in ((LineType.DISCOUNT, OFF), (LineType.SHIPPING, POST)):
        assert to_item(made, NAMED, own).account == ""


# --- which lines are QuickBooks' own --------------------------------------------------------------

OPEN = replace(BARE, discount_account="460", shipping_account="425")


def own_of(
    lines: tuple[Line, ...],
    taxed: str,
    routing: ItemRouting = OPEN,
    mode: TaxMode = TaxMode.EXCLUSIVE,
) -> NativeLines:
    """QuickBooks' own lines of an order; `taxed` has a T for each line that is taxed."""
    codes = [TAXED if sign == "T" else UNTAXED for sign in taxed]
    return native_lines(valued(*lines), codes, TAXED, mode, routing)


@pytest.mark.parametrize(
    ("lines", "taxed", "expected"),
    [
        # One discount on goods that are taxed alike; it lowers the base or it does not.
        ((CANDLE, OFF), "TT", NativeLines(1, None, True)),
        ((CANDLE, OFF), "T-", NativeLines(1, None, False)),
        ((CANDLE, OFF), "--", NativeLines(1, None, None)),
        ((OFF, CANDLE, PLAIN, CHARGE), "TTTT", NativeLines(0, None, True)),
        # Not taxed alike, or the discount taxed and the goods not.
        ((CANDLE, PLAIN, OFF), "T-T", NativeLines()),
        ((CANDLE, CHARGE, OFF), "T-T", NativeLines()),
        ((CANDLE, OFF), "-T", NativeLines()),
        # Two discounts, no goods, no discount.
        ((CANDLE, OFF, OFF), "TTT", NativeLines()),
        ((POST, OFF), "TT", NativeLines(None, 0)),
        ((CANDLE, POST), "TT", NativeLines(None, 1)),
        # Shipping beside it: how that is taxed does not matter, but something is taxed.
        ((CANDLE, POST, OFF), "T-T", NativeLines(2, 1, True)),
        ((CANDLE, POST, OFF), "-T-", NativeLines(2, 1, False)),
        ((CANDLE, POST, POST, OFF), "TTTT", NativeLines(3, None, True)),
        ((CANDLE, PLAIN, POST, OFF), "T-TT", NativeLines(None, 2)),
        ((CANDLE, POST, OFF), "-TT", NativeLines(None, 1)),
    ],
)
def test_which_lines_are_quickbooks_own(
    lines: tuple[Line, ...], taxed: str, expected: NativeLines
) -> None:
    """R5: one discount on goods taxed alike, one shipping line; `ApplyTaxAfterDiscount` by R6."""
    assert own_of(lines, taxed) == expected


@pytest.mark.parametrize(
    ("goods", "off", "own"),
    [
        ("10.00", "10.00", True),
        ("9.99", "10.00", False),
        ("10.00", "0.00", False),
        ("9", "0.01", True),
    ],
)
def test_discount_is_no_larger_than_the_goods(goods: str, off: str, own: bool) -> None:
    """R5: no larger than the goods (product and finance-charge lines); shipping is none."""
    lines = (line("PRODUCT", goods), replace(POST, unit_price=Decimal(99)), line("DISCOUNT", off))
    assert own_of(lines, "TTT") == NativeLines(2 if own else None, 1, True if own else None)
    both = (line("PRODUCT", "4.00"), line("FINANCE_CHARGE", "6.00"), line("DISCOUNT", "10.00"))
    assert own_of(both, "TTT").discount == 2


def test_discount_that_adds_is_no_discount_line() -> None:
    """R5: a discount line takes off."""
    adds = Valued(OFF, valued(CANDLE, OFF)[1].kind, Decimal("10.00"))
    lines = [*valued(CANDLE), adds]
    assert native_lines(lines, [TAXED, TAXED], TAXED, TaxMode.EXCLUSIVE, OPEN) == NativeLines()


@pytest.mark.parametrize(
    ("routing", "mode", "expected"),
    [
        (replace(OPEN, discount=DISCOUNTS), TaxMode.EXCLUSIVE, NativeLines(None, 1)),
        (replace(OPEN, shipping=FREIGHT), TaxMode.EXCLUSIVE, NativeLines(2, None, True)),
        (replace(OPEN, discount_account=None), TaxMode.EXCLUSIVE, NativeLines(None, 1)),
        (replace(OPEN, shipping_account=None), TaxMode.EXCLUSIVE, NativeLines(2, None, True)),
        (
            replace(OPEN, discount_account="", shipping_account=""),
            TaxMode.EXCLUSIVE,
            NativeLines(2, 1, True),
        ),
        (OPEN, TaxMode.INCLUSIVE, NativeLines(None, 1)),
    ],
)
def test_named_item_is_always_used_and_the_company_has_to_allow_the_line(
    routing: ItemRouting, mode: TaxMode, expected: NativeLines
) -> None:
    """R5: a named item as lines; else where the company allows it, on a tax-exclusive form."""
    assert own_of((CANDLE, POST, OFF), "TTT", routing, mode) == expected


def test_type_of_each_place() -> None:
    """R5: anything else is an item line."""
    own = NativeLines(discount=2, shipping=0)
    types = [own.type_of(place) for place in range(4)]
    assert types == [LineType.SHIPPING, LineType.ITEM, LineType.DISCOUNT, LineType.ITEM]
    assert NativeLines().type_of(0) is LineType.ITEM
