"""The demo shop's company file in QuickBooks Desktop, and how a program reaches it."""

import json
import shlex
import subprocess
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_sandbox.configs import DESKTOP
from invoicesync_sandbox.qbd.rows import Account, Item
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import Sandbox, environment


def test_the_shop_sells_in_dollars_and_its_books_are_closed() -> None:
    box = Sandbox(company="us")

    assert (box.keap.currency, box.qbd.world.currency) == ("USD", "USD")
    assert str(box.qbd.books.preferences.closing_date) == "2026-10-02"
    assert [one.total for one in box.qbd.invoices.values()] == [Decimal("50.00")]
    assert [one.total for one in box.qbd.credit_memos.values()] == [Decimal("18.00")]


def test_a_file_without_sales_tax() -> None:
    box = Sandbox(company="us-no-tax")
    assert not any(one.is_tax for one in box.qbd.items.values())


def test_made_up_orders_have_open_books() -> None:
    assert Sandbox(orders=1, company="us").qbd.books.preferences.closing_date is None


@pytest.mark.parametrize(
    "key", ["tax_item", "zero_tax_item", "default_item", "discount_item", "shipping_item"]
)
def test_the_config_names_what_there_is(key: str) -> None:
    config, box = tomllib.loads(DESKTOP), Sandbox(company="us")

    assert box.qbd.named(Item, config["qbd"][key]).active
    assert box.qbd.named(Account, config["qbd"]["unmatched_account"]).type == "Income"
    for name in (config["payments"]["account"], *config["payments"]["accounts"].values()):
        assert box.qbd.named(Account, name).type == "Bank"


def test_the_environment_has_a_worker_that_works(tmp_path: Path) -> None:
    box = Sandbox(company="us")
    with serving({"qbd": box.qbd}) as roots:
        found = environment(roots, tmp_path, DESKTOP)
        line = {"id": 1, "do": "open", "app_name": "invoicesync", "file": "", "mode": 2}
        said = subprocess.run(
            shlex.split(found["INVOICESYNC_QBD_WORKER"]),
            input=json.dumps(line) + "\n",
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert json.loads(said) == {"id": 1, "ok": True}
    assert "INVOICESYNC_QBD_ROOT" not in found
