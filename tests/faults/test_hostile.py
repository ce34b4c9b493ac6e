"""Answers of every service that make no sense: no crash, nothing wrong in the books, little memory.

A sample; `python -m tests.kits.hostile` tries 10,000 for each service. `INVOICESYNC_HOSTILE=500:7`
takes so many, by that seed.
"""

import os
import random
import subprocess
import sys
from typing import Any

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.load.ledger import Ledger
from tests.kits.hostile.answers import BODIES, CUT, VALUES, Change, Menu, changed, places
from tests.kits.hostile.between import SERVICES, Tampering
from tests.kits.hostile.rounds import Rounds, undisturbed
from tests.kits.hostile.scenes import SCENES

COUNT, SEED = (int(part) for part in os.environ.get("INVOICESYNC_HOSTILE", "60:12").split(":"))
OWN = 300
"""MiB that the tool may take of it, where the system lets that be told apart."""
MEMORY = 600
"""MiB that a process may have at the most, the simulated services and a text of 10 MB included."""

pytestmark = pytest.mark.off_spec


@pytest.mark.parametrize("service", SERVICES)
def test_hostile_answers(service: str) -> None:
    rounds = Rounds(service, SEED)
    tally = rounds.play(COUNT)
    assert set(rounds.kinds) >= {*VALUES, *BODIES, CUT}
    print(f"INVOICESYNC_HOSTILE={COUNT}:{SEED}, {service}: {tally.codes}")  # noqa: T201
    assert tally.answers >= COUNT
    assert "\n".join(map(str, tally.findings)) == ""


def test_every_value_and_every_body_has_its_turn() -> None:
    body, menu = b'{"rows": [{"id": 1}]}', Menu(random.Random(0))  # noqa: S311
    data = {"rows": [{"id": 1}]}
    picked = [menu.pick(body, data) for _ in range(400)]
    assert {change.place for change in picked} == {"", *places(data)}
    assert {change.what for change in picked if change.place == "rows.0.id"} == set(VALUES)
    assert set(BODIES) <= {change.what for change in picked}
    assert {f"cut off at {at}" for at in (0, 10, 20)} <= {change.what for change in picked}
    for change in picked:
        if "list without" not in change.what:
            changed(change, body, data)


def test_peak_memory_is_bounded() -> None:
    """Of a process of its own, whose services answer with bombs and with texts of 10 MB."""
    line = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    print(done.stdout)  # noqa: T201
    most, own = map(float, done.stdout.split())
    assert 50 < most < MEMORY
    assert own < OWN


PROGRAM = """
from itertools import cycle
from tests.kits.hostile.answers import Change, Menu
from tests.kits.hostile.rounds import Rounds

bomb, long = Change("", "gzip bomb"), Change(".", "10 MB")
turn = cycle([bomb, long])
Menu.pick = lambda menu, body, data: bomb if data is None else next(turn)
rounds = [Rounds(service, 1) for service in ("keap", "xero")]
for one in rounds:
    assert not one.play(8).findings
print(max(one.memory.peak for one in rounds), max(one.memory.most for one in rounds))
"""


# --- what was found so --------------------------------------------------------------------------


def apply_once(where: str, change: Change, *, has: tuple[str | int, ...] = ()) -> Tampering:
    """Services of which one answers an address once with a change: the first time that the answer
    has this place."""

    class Once(Tampering):
        def _spoil(self, at: str, _: Any, response: Any) -> Any:
            if at != where or self.changes or not _has(response.get_json(), has):
                return response
            self.changes.append((at, change))
            body = response.get_data()
            return changed(change, body, response.get_json())

    return Once(where.split()[0], random.Random(0))  # noqa: S311


def _has(part: Any, place: tuple[str | int, ...]) -> bool:
    try:
        for name in place:
            part = part[name]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def test_failed_charge_is_reported_although_the_money_could_not_be_read() -> None:
    """The run ends after the invoices; the next one does not look at them again."""
    tampering = apply_once("keap GET /crm/rest/v2/orders/*/payments", Change("", "nothing"))
    world = SCENES["xero"].world(tampering)
    SCENES["xero"].steps[0].enter(world)
    tampering.arm(1.0)
    assert world.type("sync").code == 7
    tampering.disarm()
    world.type("sync")
    assert ("skipped", "payment-failed") in world.records().values()
    world.close()


def test_invoices_that_nobody_asked_for_are_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    world = SCENES["xero"].world(Tampering("", random.Random(0)))  # noqa: S311
    usual = undisturbed(SCENES["xero"])
    SCENES["xero"].steps[0].enter(world)
    world.type("sync")
    SCENES["xero"].steps[1].enter(world)
    world.day(1)
    with Workspace(world.r.environ, world.r.network).ledger(Call()) as opened:
        kind: type[Ledger] = type(opened)
    asked = kind.invoices
    with world.r.state() as state:
        every: Any = [
            row.document.ledger_id for row in state.records_of(world.r.keap.orders, "order")
        ]
    monkeypatch.setattr(
        kind, "invoices", lambda self, ids: asked(self, [*ids, *filter(None, every)])
    )
    world.type("sync")
    assert world.books() == usual.books[1]
    world.close()


@pytest.mark.parametrize("what", ["10 MB", "markup", "5,000 digits"])
def test_page_that_no_address_could_name_ends_the_run(what: str) -> None:
    tampering = apply_once("keap GET /crm/rest/v2/orders/*/payments", Change(TOKEN, what))
    world = SCENES["xero"].world(tampering)
    SCENES["xero"].steps[0].enter(world)
    tampering.arm(1.0)
    ran = world.type("sync")
    assert (ran.code, "makes no sense" in ran.err) == (7, True)
    world.close()


TOKEN = "next_page_token"


@pytest.mark.parametrize(
    ("where", "place", "what", "line"),
    [
        ("TrackingCategories", "TrackingCategories.0.Options.1.Status", "NaN", "lookup tracking"),
        ("Organisation", "Organisations.0.OrganisationID", "unknown kind", "sync"),
        ("Organisation", "Organisations.0.OrganisationID", "text of -1", "sync"),
        ("Items", "Items", "list of null", "sync"),
    ],
)
def test_row_of_a_setup_list_that_makes_no_sense(
    where: str, place: str, what: str, line: str
) -> None:
    tampering = apply_once(f"xero GET /api.xro/2.0/{where}", Change(place, what))
    scene = SCENES["drafts"]
    world = scene.world(tampering)
    scene.steps[0].enter(world)
    tampering.arm(1.0)
    first = world.type(line)
    tampering.disarm()
    assert tampering.changes
    assert first.code in {0, 5, 7}, first
    world.type("sync")
    assert world.books() == undisturbed(scene).books[0]
    world.close()


@pytest.mark.parametrize(
    ("to", "where", "list_at", "name"),
    [
        ("xero", "xero GET /api.xro/2.0/Invoices", ("Invoices",), "InvoiceID"),
        (
            "qbo",
            "qbo POST /v3/company/*/batch of queries",
            ("BatchItemResponse", 0, "QueryResponse", "Invoice"),
            "Id",
        ),
    ],
)
def test_invoice_whose_id_nothing_can_store_is_held(
    to: str, where: str, list_at: tuple[Any, ...], name: str
) -> None:
    """Once it can be read, it becomes an order, as the others did at once."""
    place = ".".join(map(str, (*list_at, 1, name)))
    tampering = apply_once(where, Change(place, "half a surrogate"), has=list_at)
    scene = SCENES[f"back from {to}"]
    world = scene.world(tampering)
    scene.steps[0].enter(world)
    tampering.arm(1.0)
    first = world.type("reverse-sync")
    tampering.disarm()
    assert tampering.changes
    assert (first.code, "form that" in first.out or "should be" in first.out) == (3, True), first
    assert len(world.r.keap.orders) == 2
    world.type("reverse-sync")
    assert world.books() == undisturbed(scene).books[0]
    world.close()
