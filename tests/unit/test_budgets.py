"""What a run may cost: calls per thousand invoices, and in a run with nothing new."""

from pathlib import Path

from invoicesync_cli.model import Kind
from invoicesync_cli.sandbox.shop.generator import generate
from tests.rehearsal import Rehearsal


def test_a_thousand_invoices_of_new_people_cost_few_calls(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    generate(rehearsal.keap, 1000)

    result = rehearsal.sync()

    assert result.counts(Kind.INVOICE)["created"] == 1000
    assert result.counts(Kind.PAYMENT)["created"] == 1000
    keap, ledger = result.totals()
    assert keap == ledger
    assert result.calls["ledger"] <= 65
    assert result.calls["keap"] <= 30

    again = rehearsal.sync()

    assert again.calls["keap"] + again.calls["ledger"] <= 6
    assert again.documents == []


def test_people_known_from_earlier_runs_are_not_looked_up_again(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    person = rehearsal.person()
    rehearsal.order(contact=person)
    rehearsal.sync()
    rehearsal.order(contact=person)
    before = len(rehearsal.xero.calls)

    rehearsal.sync()

    paths = [call.path.rpartition("/")[2] for call in rehearsal.xero.calls[before:]]
    assert "Contacts" not in paths
