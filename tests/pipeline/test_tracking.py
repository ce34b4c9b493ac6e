"""Rule R15: tracking categories in Xero, classes and locations in QuickBooks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError
from invoicesync_sandbox.keap import Item
from tests.kits.qbo_company import WITH_MONEY, decisions, discount, quickbooks, sent, shipping
from tests.kits.rehearsal import Rehearsal
from tests.kits.xero_invoices import booked

LINES = (
    Item("PRODUCT", "100.00", name="Candle", sku="TIL", taxable=True),
    Item("PRODUCT", "50.00", name="Holder", sku="XYZ", taxable=True),
)


def tracked_xero(home: Path, **settings: Any) -> Rehearsal:
    """Xero with the demo's tracking category `Region` and another, and these settings."""
    rehearsal = Rehearsal(home, **settings)
    rehearsal.xero.add_tracking_category("Channel", "Web", "Fair")
    return rehearsal


def tracking(line: Mapping[str, Any]) -> dict[str, str]:
    """What a line of Xero is tracked by."""
    return {pair["Name"]: pair["Option"] for pair in line["Tracking"]}


def test_every_line_is_tracked_and_a_sku_goes_before(tmp_path: Path) -> None:
    rehearsal = tracked_xero(
        tmp_path,
        **{
            "xero.tracking": {"Region": "North", "Channel": "Web"},
            "xero.tracking_by_sku": {" til ": {"region": "South"}},
        },
    )

    invoice = booked(rehearsal, *LINES, Item("SHIPPING", "8.00"))

    assert [tracking(line) for line in invoice["LineItems"]] == [
        {"Region": "South", "Channel": "Web"},
        {"Region": "North", "Channel": "Web"},
        {"Region": "North", "Channel": "Web"},
    ]


def test_credit_notes_are_tracked_as_every_line_is(tmp_path: Path) -> None:
    rehearsal = tracked_xero(
        tmp_path,
        **WITH_MONEY,
        **{"xero.tracking": {"Region": "North"}, "xero.status": "authorised"},
    )
    order = rehearsal.order(*LINES)
    rehearsal.keap.add_payment(order_id=order, amount="20.00", type="Credit")
    rehearsal.sync()

    (note,) = rehearsal.xero.credit_notes.values()

    (category,) = [row for row in rehearsal.xero.tracking.values() if row.name == "Region"]
    assert note.lines[0].tracking == ((category.id, category.options[0].id),)


def test_the_list_is_only_read_where_it_is_named(tmp_path: Path) -> None:
    plain, named = tracked_xero(tmp_path / "a"), tracked_xero(tmp_path / "b")
    named.configure({"xero.tracking": {"Region": "North"}})
    for rehearsal in (plain, named):
        booked(rehearsal, *LINES)

    read = [
        sum(call.path.endswith("/TrackingCategories") for call in rehearsal.xero.calls)
        for rehearsal in (plain, named)
    ]
    assert read == [0, 1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"xero.tracking": {"Reggion": "North"}}, "category 'Reggion'. Did you mean 'Region'?"),
        ({"xero.tracking": {"Region": "Nort"}}, "option of Region 'Nort'. Did you mean 'North'?"),
        ({"xero.tracking_by_sku": {"TIL": {"Region": "West"}}}, "option of Region 'West'"),
    ],
)
def test_a_name_that_xero_does_not_have_sends_nothing(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    rehearsal = tracked_xero(tmp_path, **settings)
    rehearsal.order(*LINES)

    with pytest.raises(ConfigError) as wrong:
        rehearsal.sync()

    assert words in wrong.value.message
    assert rehearsal.numbers() == []


def test_an_archived_option_is_none(tmp_path: Path) -> None:
    rehearsal = tracked_xero(tmp_path, **{"xero.tracking": {"Region": "North"}})
    rehearsal.xero.archive_tracking_option("Region", "North")
    rehearsal.order(*LINES)

    with pytest.raises(ConfigError, match="option of Region 'North'"):
        rehearsal.sync()


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("company", ["uk", "us"])
def test_classes_go_on_lines(tmp_path: Path, company: str, kept: bool) -> None:
    rehearsal = quickbooks(
        tmp_path,
        company,
        **{"qbo.class": "Online", "qbo.class_by_sku": {"TIL": "Online:Candles"}},
    )
    rehearsal.qbo.switches = type(rehearsal.qbo.switches)(discount_lines_keep_class=kept)
    online, candles = rehearsal.qbo.classes

    form = sent(rehearsal, *LINES, shipping("8.00"), discount("5.00"))

    found = {(line.kind, line.description): line.class_id for line in form.lines}
    assert found["sale", "Candle"] == candles
    assert found["sale", "Holder"] == online
    assert [found[key] for key in found if key[0] == "shipping"] == [online]
    assert [found[key] for key in found if key[0] == "discount"] == [online if kept else ""]


def test_a_company_with_classes_on_forms_has_one_on_each(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path, **{"qbo.class": "Online", "qbo.location": "Leeds"})
    rehearsal.qbo.set_preferences(classes_on_lines=False, classes_on_forms=True)
    (online, _), (leeds,) = rehearsal.qbo.classes, rehearsal.qbo.departments

    form = sent(rehearsal, *LINES)

    assert form.kept["ClassRef"] == online
    assert form.kept["DepartmentRef"] == leeds
    assert {line.class_id for line in form.lines} == {""}
    assert decisions(rehearsal, form.number)["location"][:2] == ("Leeds", "R15")


def test_refunds_and_credits_have_class_and_location(tmp_path: Path) -> None:
    rehearsal = quickbooks(
        tmp_path, **WITH_MONEY, **{"qbo.class": "Online", "qbo.location": "Leeds"}
    )
    (online, _), (leeds,) = rehearsal.qbo.classes, rehearsal.qbo.departments
    order = rehearsal.order(*LINES)
    paid = rehearsal.keap.add_payment(order_id=order, amount="100.00")
    rehearsal.keap.add_payment(order_id=order, amount="20.00", type="Credit")
    rehearsal.keap.add_refund(paid.id, "30.00")
    rehearsal.sync()

    forms = [
        *rehearsal.qbo.credit_memos.values(),
        *rehearsal.qbo.refund_receipts.values(),
    ]

    ours = [form for form in forms if form.private_note.startswith("Keap order")]
    assert len(ours) == 2
    assert {line.class_id for form in ours for line in form.lines} == {online}
    assert {form.kept["DepartmentRef"] for form in ours} == {leeds}


@pytest.mark.parametrize(
    ("preferences", "settings", "words"),
    [
        ({}, {"qbo.class": "Online"}, "it has no classes here"),
        (
            {"classes_on_forms": True},
            {"qbo.class_by_sku": {"TIL": "Online"}},
            "classes are for whole forms here",
        ),
        ({"classes_on_lines": True}, {"qbo.class": "Onlin"}, "Did you mean 'Online'?"),
        ({}, {"qbo.location": "Leeds"}, "has no locations here"),
        ({"departments": True}, {"qbo.location": "York"}, "no location 'York'"),
    ],
)
def test_what_quickbooks_cannot_track_sends_nothing(
    tmp_path: Path, preferences: dict[str, bool], settings: dict[str, Any], words: str
) -> None:
    rehearsal = quickbooks(tmp_path, **settings)
    rehearsal.qbo.set_preferences(
        **{"classes_on_lines": False, "departments": False, **preferences}
    )
    rehearsal.order(*LINES)

    with pytest.raises(ConfigError) as wrong:
        rehearsal.sync()

    assert words in wrong.value.message
