"""Accounts, tax codes and items that the ledger does not have: all of them reported in one run."""

from pathlib import Path

import pytest

from invoicesync_cli.config import WrongSettings
from tests.kits.qbo_company import WITH_MONEY, quickbooks
from tests.kits.rehearsal import Rehearsal


def wrong(rehearsal: Rehearsal) -> dict[str, str]:
    """What each setting that stops a run is said to be, by its key."""
    rehearsal.order()
    with pytest.raises(WrongSettings) as caught:
        rehearsal.sync()
    assert caught.value.exit_code == 5
    assert caught.value.message.count("\n") == len(caught.value.problems) - 1
    for problem in caught.value.problems:
        assert problem.where in caught.value.message
        assert problem.hint in f"{caught.value.message} {caught.value.hint}"
    return {problem.key: f"{problem.code}: {problem}" for problem in caught.value.problems}


def test_three_mistakes_for_xero_are_reported_in_one_run(tmp_path: Path) -> None:
    settings = {
        **WITH_MONEY,
        "xero.account": "2000",
        "xero.shipping_account": "090",
        "xero.tax_type": "OUTPUT3",
        "payments.account": "200",
    }
    rehearsal = Rehearsal(tmp_path, **settings)

    found = wrong(rehearsal)

    assert list(found) == [
        "xero.account",
        "xero.shipping_account",
        "xero.tax_type",
        "payments.account",
    ]
    assert found["xero.account"].startswith("account-unknown: ")
    assert "Did you mean '200'?" in found["xero.account"]
    assert "'090' (Business current account) is none for sales" in found["xero.shipping_account"]
    assert found["xero.tax_type"].startswith("tax-code-unknown: ")
    assert "Did you mean 'OUTPUT2'?" in found["xero.tax_type"]
    assert "'200' (Sales) takes no payments" in found["payments.account"]
    assert rehearsal.xero.writes() == []


def test_account_tax_code_and_item_for_quickbooks_are_reported_in_one_run(tmp_path: Path) -> None:
    settings = {
        **WITH_MONEY,
        "payments.account": "Busines current account",
        "qbo.taxable_code": "20.0% X",
        "qbo.non_taxable_code": "20.0% S",
        "qbo.default_item": "Sale",
    }
    rehearsal = quickbooks(tmp_path, **settings)
    before = len(rehearsal.qbo.invoices)

    found = wrong(rehearsal)

    assert {key: text.partition(":")[0] for key, text in found.items()} == {
        "qbo.taxable_code": "tax-code-unknown",
        "qbo.non_taxable_code": "tax-code-unknown",
        "payments.account": "account-unknown",
        "qbo.default_item": "item-missing",
    }
    assert "adds 20 % tax" in found["qbo.non_taxable_code"]
    assert len(rehearsal.qbo.invoices) == before


def test_account_that_is_archived_is_said_to_be(tmp_path: Path) -> None:
    found = wrong(Rehearsal(tmp_path, **{"xero.account": "299"}))
    assert "'299' (Market stall sales) is archived." in found["xero.account"]
    assert "Restore it in Xero, or name another account" in found["xero.account"]
