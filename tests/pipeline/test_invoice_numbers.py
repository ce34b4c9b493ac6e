"""Rule R1: the number and the marker by which an order is found again in Xero."""

from pathlib import Path

import pytest

from invoicesync_cli.errors import ConfigError, ExitCode
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only

CANDLE = Item("PRODUCT", "12.50", name="Candle")
MARKER = "Keap order 812, invoice 811"


@pytest.mark.parametrize(
    ("chosen", "prefix", "number"),
    [
        ("order", "", "812"),
        ("invoice", "", "811"),
        ("order", "WW-", "WW-812"),
        ("invoice", "WW-", "WW-811"),
    ],
)
def test_invoice_has_the_number_that_was_chosen_and_the_marker(
    tmp_path: Path, chosen: str, prefix: str, number: str
) -> None:
    """R1: `number_prefix` + the id chosen by `invoices.number`; the marker names both ids."""
    settings = {"invoices.number": chosen, "invoices.number_prefix": prefix}
    rehearsal = Rehearsal(tmp_path, **settings)
    rehearsal.order(CANDLE, id=812, invoice_id=811)
    document = only(rehearsal.sync())
    assert (document.number, document.reference) == (number, MARKER)
    invoice = rehearsal.booked(number)
    assert (invoice["InvoiceNumber"], invoice["Reference"]) == (number, MARKER)


def test_order_id_is_the_number_unless_set_otherwise(tmp_path: Path) -> None:
    """R1, S100: without any setting the order id is the document number."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(CANDLE, id=812, invoice_id=811)
    rehearsal.sync()
    assert rehearsal.numbers() == ["812"]


@pytest.mark.parametrize("asked", ["811", "812"])
def test_log_shows_both_ids_and_finds_either(tmp_path: Path, asked: str) -> None:
    """R1: both ids are kept on every record and shown by the log."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(CANDLE, id=812, invoice_id=811)
    rehearsal.sync()
    with rehearsal.state() as state:
        record = state.records(DocumentKind.INVOICE, ["812"])["812"]
        reported = [document for _, _, document in state.history.events(ident=asked)]
    assert (record.document.order_id, record.document.invoice_id) == ("812", "811")
    assert [(document.order_id, document.invoice_id) for document in reported] == [("812", "811")]


def test_document_that_is_left_out_keeps_both_ids_too(tmp_path: Path) -> None:
    """R1: both ids are kept on every record, whatever became of it."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(CANDLE, id=812, invoice_id=811, currency="USD")
    document = only(rehearsal.sync())
    assert document.state is DocumentState.HELD
    assert (document.order_id, document.invoice_id) == ("812", "811")


def test_longest_prefix_leaves_the_whole_id_on_the_invoice(tmp_path: Path) -> None:
    """R1: a prefix leaves at least 10 of Xero's 255 places, and nothing is truncated."""
    prefix = "W" * 245
    rehearsal = Rehearsal(tmp_path, **{"invoices.number_prefix": prefix})
    order = rehearsal.order(CANDLE, id=9876543210)
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert rehearsal.numbers() == [prefix + order]


def test_number_that_is_too_long_is_refused_rather_than_cut(tmp_path: Path) -> None:
    """R1: nothing is ever truncated, not even an id that no prefix could leave room for."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.number_prefix": "W" * 245})
    rehearsal.order(CANDLE, id=98765432109)
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "number-too-long")
    assert "255" in document.message
    assert rehearsal.numbers() == []


@pytest.mark.parametrize(
    ("prefix", "words"),
    [("W" * 246, "less than 10"), ("Ké-", "printable ASCII"), ("W\t", "printable ASCII")],
    ids=["long", "accent", "tab"],
)
def test_prefix_that_cannot_be_used_stops_the_run_at_its_start(
    tmp_path: Path, prefix: str, words: str
) -> None:
    """R1: such a prefix is a configuration error at start, before anything is asked or sent."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.number_prefix": prefix})
    rehearsal.order(CANDLE)
    with pytest.raises(ConfigError, match=words) as caught:
        rehearsal.sync()
    assert caught.value.exit_code is ExitCode.CONFIG
    assert "invoices.number_prefix" in caught.value.message
    assert rehearsal.keap.calls == rehearsal.xero.calls == []
