"""What a lost state costs in calls, and what Xero may answer to the search for markers."""

import json
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import DocumentKind
from invoicesync_sandbox.shop.generator import generate
from tests.kits.changed_answers import leave_out_references
from tests.kits.faults import Trouble, altered, between
from tests.kits.lost_state import CANDLE, books, lose_state, of_kind, shop, verdicts, writes
from tests.kits.rehearsal import Rehearsal, only

COUNT = 120


MANY = 8
"""What a lost state costs at the most besides: setup lists, people, the search, credit notes."""


def test_a_lost_state_costs_calls_by_the_thousand_not_by_the_document(r: Rehearsal) -> None:
    """Nothing is written for what is known, nothing asked for each payment."""
    generate(r.keap, COUNT)
    r.sync()
    before, written = books(r), writes(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync()

    assert verdicts(result, DocumentKind.INVOICE)["skipped", "already-synced"] == COUNT
    assert books(r) == before
    assert writes(r) == written
    assert result.calls["ledger"] <= MANY


def test_payments_that_are_listed_without_references_are_read_in_bulk(tmp_path: Path) -> None:
    """Xero's documentation shows no reference of a payment inside its invoice."""
    r = Rehearsal(tmp_path / "home", **{"sync.mode": "invoices-and-payments"})
    leave_out_references(r.xero)
    generate(r.keap, COUNT)
    orders = shop(r)
    r.sync()
    before, written = books(r), writes(r)
    lose_state(r)

    result = r.sync()

    count = COUNT + len(orders)
    assert verdicts(result, DocumentKind.INVOICE)["skipped", "already-synced"] == count
    assert {item.reason for item in of_kind(result, DocumentKind.PAYMENT)} == {"duplicate-payment"}
    assert (books(r), writes(r)) == (before, written)
    assert result.calls["ledger"] <= MANY + 1 + -(-count // 40)


def test_all_invoices_are_read_where_xero_would_not_search_them(tmp_path: Path) -> None:
    """As it refuses what it calls inefficient in an organisation with very many documents."""
    r = Rehearsal(tmp_path / "home")
    r.order(CANDLE)
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})
    refused = {"ErrorNumber": 16, "Type": "QueryParseException", "Message": "Too many rows."}
    place = between(r)["xero"]
    place.planned = [
        Trouble(method="GET", path="/Invoices", answer=lambda: Response(json.dumps(refused), 400))
    ]

    assert only(r.sync()).reason == "already-synced"
    assert place.planned[0].seen
    assert books(r) == before


@pytest.mark.parametrize("ours", [False, True])
@pytest.mark.parametrize("kind", ["Invoices", "CreditNotes"])
def test_a_document_that_cannot_be_read_counts_where_it_is_ours(
    tmp_path: Path, kind: str, ours: bool
) -> None:
    """Somebody else's does not matter, one of ours might be made again."""
    r = Rehearsal(tmp_path / "home")
    r.order(CANDLE)
    r.sync()
    before = books(r)
    lose_state(r)
    odd = {"Reference": "Keap order 77, invoice 77" if ours else "Keap order form", "Total": "NaN"}
    altered(r, lambda body: body[kind].append(odd), method="GET", path=f"/{kind}")

    if ours:
        with pytest.raises(TryLater):
            r.sync()
    else:
        assert only(r.sync()).reason == "already-synced"
    assert books(r) == before


def test_a_ledger_without_documents_of_ours_costs_one_call_at_most(r: Rehearsal) -> None:
    """One that has documents, only none of ours."""
    r.order(CANDLE)
    first = r.sync()
    r.order(CANDLE)
    second = r.sync()
    assert first.calls["ledger"] - second.calls["ledger"] <= 2
