"""Classes in QuickBooks Desktop: on the lines, named in the config, and looked up before (R15)."""

from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import ConfigError
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbd.rows import TrackingClass
from tests.kits.qbd_shop import check_messages, desktop
from tests.kits.rehearsal import Rehearsal


def lines(rehearsal: Rehearsal, of: str) -> list[tuple[str, str]]:
    """The lines of what this tool has made: the text of each and its class."""
    classes = rehearsal.qbd.books.tables[TrackingClass]
    return [
        (line.description, rehearsal.qbd.books.full_name(classes[line.class_id]))
        if line.class_id
        else (line.description, "")
        for form in getattr(rehearsal.qbd, of).values()
        if form.memo.startswith("Keap ")
        for line in form.lines
    ]


def test_lines_bear_the_class_of_their_sku_or_the_general_one(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path, **{"qbd.class": "online"})
    rehearsal.configure({"qbd.class_by_sku": {"til": "Online:Candles"}})
    product = rehearsal.keap.add_product(name="Tealights", sku="TIL")
    order = rehearsal.order(
        Item("PRODUCT", "100.00", name="Tealights", product=product, taxable=True),
        Item("SHIPPING", "8.00", name="Post"),
        Item("TAX", "10.25", name="Tax"),
    )
    rehearsal.keap.add_payment(order_id=order, amount="20.00", type="Credit")

    rehearsal.sync()

    assert lines(rehearsal, "invoices") == [
        ("Tealights", "Online:Candles"),
        ("Post", "Online"),
        ("Sales tax", ""),
    ]
    assert {name for text, name in lines(rehearsal, "credit_memos") if text != "Sales tax"} == {
        "Online"
    }
    check_messages(rehearsal)


def test_without_the_setting_no_class_is_sent(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path)
    rehearsal.order()

    rehearsal.sync()

    assert not [one for one in rehearsal.qbd.writes_sent() if "ClassRef" in one.xml]


@pytest.mark.parametrize("key", ["qbd.class", "qbd.class_by_sku"])
def test_a_class_that_is_not_there_is_an_error_before_anything_is_sent(
    tmp_path: Path, key: str
) -> None:
    rehearsal = desktop(tmp_path)
    rehearsal.configure({key: "Onlin" if key == "qbd.class" else {"TIL": "Onlin"}})
    rehearsal.order()

    with pytest.raises(ConfigError, match="Onlin") as wrong:
        rehearsal.sync()

    assert "Online" in str(wrong.value) + wrong.value.hint
    assert rehearsal.qbd.writes_sent() == []


def test_classes_that_are_off_are_an_error(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path, **{"qbd.class": "Online"})
    rehearsal.qbd.set_preferences(classes=False)
    rehearsal.order()

    with pytest.raises(ConfigError, match="switched off"):
        rehearsal.sync()

    assert rehearsal.qbd.writes_sent() == []


def test_they_are_listed(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path)
    with Workspace(rehearsal.environ, rehearsal.network).ledger(Call()) as ledger:
        found = ledger.facts(ledger.read_lists(ledger.capabilities.lists)).tracking

    assert [pair.option for pair in found] == ["Online", "Online:Candles"]
