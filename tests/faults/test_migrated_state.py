"""A state file that an older version wrote opens, and the runs go on from there."""

import json
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.load.xero import XeroLedger
from invoicesync_cli.model import DocumentKind, DocumentState, Reason
from invoicesync_cli.state.schema import MIGRATIONS
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal

DUMPS = Path(__file__).parents[1] / "kits"
CANDLE = Item("PRODUCT", "100.00", name="Candle")


class Killed(BaseException):
    """The process ended."""


@pytest.fixture(params=[1, 3], ids=["version-1", "version-3"])
def r(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Rehearsal:
    """The shop and the books that the dumps were made with, and a dump as the state file.

    The newer one has what is written in it as it was before one codec wrote all of it.
    """
    r = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    a, b, c, d, e, f = [r.order(CANDLE) for _ in range(6)]
    r.keap.add_payment(order_id=a, amount="100.00")
    r.keap.add_payment(order_id=b, amount="40.00")
    r.keap.add_payment(order_ids=[c, d], amount="100.00", allocations={c: "60.00", d: "40.00"})
    paid = r.keap.add_payment(order_id=e, amount="100.00")
    r.keap.add_refund(paid.id, "30.00")
    r.sync()
    r.keap.add_payment(order_id=f, amount="100.00")
    send = XeroLedger.send

    def killed(self: XeroLedger, kind: str, *args: object, **more: object) -> None:
        send(self, kind, *args, **more)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(XeroLedger, "send", killed)
    with pytest.raises(Killed):
        r.sync()
    monkeypatch.setattr(XeroLedger, "send", send)
    _put_dump(r, request.param)
    return r


def _put_dump(r: Rehearsal, version: int) -> None:
    """Put the dump in the place of the state file, with the ids that the ledger has given now."""
    script = (DUMPS / f"state_version_{version}.sql").read_text()
    path = r.home / "state.sqlite3"
    with sqlite3.connect(path) as now:
        ids = {
            (kind, order, payment): ledger_id
            for kind, order, payment, ledger_id in now.execute(
                "SELECT kind, order_id, payment_id, ledger_id FROM records WHERE ledger_id <> ''"
            )
        }
    for leftover in r.home.glob("state.sqlite3*"):
        leftover.unlink()
    old = sqlite3.connect(path)
    old.executescript(script)
    for kind, order, payment, before in old.execute(
        "SELECT kind, order_id, payment_id, ledger_id FROM records WHERE ledger_id <> ''"
    ):
        script = re.sub(before, ids[kind, order, payment], script)
    old.close()
    path.unlink()
    renewed = sqlite3.connect(path)
    renewed.executescript(script + f"PRAGMA user_version = {version};")
    renewed.close()


def version_of(r: Rehearsal) -> int:
    with sqlite3.connect(r.home / "state.sqlite3") as file:
        return int(file.execute("PRAGMA user_version").fetchone()[0])


def payments(r: Rehearsal) -> int:
    return sum(item.status == "AUTHORISED" for item in r.xero.payments.values())


def test_nothing_is_booked_twice_and_what_was_on_its_way_is_found(r: Rehearsal) -> None:
    before, invoices, version = payments(r), len(r.xero.invoices), version_of(r)

    result = r.sync()

    assert result.exit_code is ExitCode.OK
    if version < len(MIGRATIONS):
        kept = r.home / f"state.sqlite3.v{version}-backup"
        assert kept.stat().st_mode & 0o777 == 0o600
        with sqlite3.connect(kept) as older:
            assert older.execute("PRAGMA user_version").fetchone() == (version,)
    assert (payments(r), len(r.xero.invoices)) == (before, invoices)
    with r.state() as state:
        money = {
            record.key: record.state
            for kind in (DocumentKind.PAYMENT, DocumentKind.REFUND)
            for record in state.records_in(kind, DocumentState.CREATED)
        }
    assert money == dict.fromkeys(
        ["1:1001", "2:1002", "3:1003", "3:1004", "4:1005", "5:1005", "6:1006"],
        DocumentState.CREATED,
    )
    assert r.sync().documents == []


def test_edits_in_keap_are_still_noticed(r: Rehearsal) -> None:
    r.sync()
    r.keap.edit_payment("2", amount="35.00")

    (document,) = r.sync().documents

    assert (document.payment_id, document.reason) == ("2", "changed-after-sync")


def test_a_payment_put_on_two_orders_since_is_not_booked_again(r: Rehearsal) -> None:
    before = payments(r)
    paid = r.keap.payments["2"]
    r.keap.delete_payment("2")
    r.keap.add_payment(
        id="2",
        order_ids=["1002", "1004"],
        amount="40.00",
        time=paid.payment_time,
        allocations={"1002": "25.00", "1004": "15.00"},
    )

    result = r.sync()

    assert payments(r) == before
    assert {item.reason for item in result.documents if item.payment_id == "2"} == {
        "changed-after-sync"
    }


def _as_before(text: str) -> str:
    """A draft as text with every field, as it was before what is so by default was left out."""
    kept = {"tax": None, "item_code": "", "net": None, "type": "item"}
    data = json.loads(text)
    data["lines"] = [{**kept, **line} for line in data["lines"]]
    defaults = {"contact": None, "stated_tax": None, "tax_after_discount": None, "receipt": None}
    return json.dumps({"note": "", **defaults, **data}, ensure_ascii=False)


def test_what_was_refused_is_not_sent_again_for_being_written_otherwise(tmp_path: Path) -> None:
    """The last table: a rejected one is sent again only when its draft has changed."""
    r = Rehearsal(tmp_path)
    order = r.order(Item("PRODUCT", "99999999.99", 1000, name="Factory"))
    assert r.sync().exit_code is ExitCode.NEEDS_PERSON
    with r.state() as state, state.transaction():
        (record,) = state.records_of([order], "order")
        assert record.document.reason is Reason.REJECTED
        assert _as_before(record.draft) != record.draft
        state.save(replace(record, draft=_as_before(record.draft)))
    sent = len(r.xero.writes())

    assert r.sync().exit_code is ExitCode.NEEDS_PERSON

    assert len(r.xero.writes()) == sent
