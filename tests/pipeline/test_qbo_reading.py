"""What is read from QuickBooks when it does not answer a query as asked."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import TryLater
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import LedgerId
from tests.kits.rehearsal import Rehearsal


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path, to="qbo")


@pytest.fixture
def ledger(r: Rehearsal) -> Iterator[Ledger]:
    with Workspace(r.environ, r.network).run(Call(), {}, dry_run=True) as deps:
        yield deps.ledger


def answer_with_a_fault(r: Rehearsal, kind: str, code: str) -> None:
    error = {"Message": "No", "Detail": "Not here", "code": code, "element": ""}
    item = {"bId": "1", "Fault": {"Error": [error], "type": kind}}
    body = json.dumps({"BatchItemResponse": [item], "time": "2026-11-20T01:00:00.000-08:00"})
    r.qbo.fail(kind="reply", path="/batch", status=200, body=body, content_type="application/json")


def test_list_that_the_settings_do_not_let_be_asked_for_is_empty(
    r: Rehearsal, ledger: Ledger
) -> None:
    answer_with_a_fault(r, "ValidationFault", "6000")
    assert ledger.read_lists(["CompanyCurrency"]) == {"CompanyCurrency": []}


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [("CompanyCurrency", "SystemFault", "10000"), ("Account", "ValidationFault", "6000")],
    ids=["trouble of QuickBooks' own", "a list that there always is"],
)
def test_list_that_should_have_been_answered_ends_the_run(
    r: Rehearsal, ledger: Ledger, name: str, kind: str, code: str
) -> None:
    answer_with_a_fault(r, kind, code)
    with pytest.raises(TryLater, match="Not here"):
        ledger.read_lists([name])


@pytest.mark.parametrize("beyond", ["fault", "truncate"])
def test_rows_beyond_what_a_batch_may_answer_are_read_all_the_same(
    r: Rehearsal, ledger: Ledger, beyond: str
) -> None:
    """A batch answers 1,000 objects in all; what it does with more is not known."""
    from dataclasses import replace

    r.qbo.switches = replace(r.qbo.switches, batch_objects_beyond=beyond)  # type: ignore[arg-type]
    names = [f"Shopper {number}" for number in range(1400)]
    ids = [LedgerId(r.qbo.add_customer(name)) for name in names]

    found = {contact.name for contact in ledger.contacts()}

    assert set(names) <= found
    from invoicesync_cli.model import ContactQuery

    sought = {contact.id for contact in ledger.contacts(ContactQuery(ids=tuple(ids)))}
    assert set(ids) <= sought
