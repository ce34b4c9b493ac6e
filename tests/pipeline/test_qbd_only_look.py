"""A look at what became of a batch in QuickBooks Desktop: nothing of it goes out again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import TryLater
from invoicesync_cli.load.ledger import Ledger, WriteResult
from invoicesync_cli.model import Address, NewContact, PersonId
from invoicesync_sandbox.qbd.rows import Customer
from tests.kits.qbd_shop import desktop
from tests.kits.rehearsal import Rehearsal

NAMES = ("Ann Archer", "Bob Baker", "Cid Cooper")
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def rehearsal(tmp_path: Path) -> Rehearsal:
    return desktop(tmp_path)


@pytest.fixture
def ledger(rehearsal: Rehearsal) -> Iterator[Ledger]:
    with Workspace(rehearsal.environ, rehearsal.network).ledger(Call()) as found:
        yield found


def body(ledger: Ledger) -> bytes:
    """A batch of customers."""
    people = [
        NewContact(
            person_id=PersonId(str(number)),
            name=name,
            number=f"keap-{number}",
            first_name=name.partition(" ")[0],
            last_name=name.partition(" ")[2],
            email="",
            phone="",
            address=Address(),
        )
        for number, name in enumerate(NAMES, 1)
    ]
    return ledger.body("contact", people)


def looked(rehearsal: Rehearsal, ledger: Ledger) -> list[WriteResult]:
    """What a look says of the batch; nothing goes out that writes."""
    before = len(rehearsal.qbd.writes_sent())
    found = ledger.send(
        "contact", body(ledger), KEY, NAMES, sent_at=rehearsal.clock.now(), only_look=True
    )
    assert len(rehearsal.qbd.writes_sent()) == before
    return found


def there(rehearsal: Rehearsal) -> list[str]:
    """Which of the customers QuickBooks has."""
    return sorted(row.name for row in rehearsal.qbd.customers.values() if row.name in NAMES)


def send(rehearsal: Rehearsal, ledger: Ledger) -> None:
    """The batch goes out, and neither its answer comes nor can anything be asked afterwards."""
    with pytest.raises(TryLater):
        ledger.send("contact", body(ledger), KEY, NAMES)
    rehearsal.qbd.start()


def test_what_never_arrived_is_not_sent(rehearsal: Rehearsal, ledger: Ledger) -> None:
    found = looked(rehearsal, ledger)

    # None is there, and each may be sent anew by whoever judges it.
    assert [(one.id, one.again) for one in found] == [(None, 0.0)] * 3
    assert there(rehearsal) == []


def test_what_is_there_is_the_outcome(rehearsal: Rehearsal, ledger: Ledger) -> None:
    rehearsal.qbd.break_down("die", done=3)
    send(rehearsal, ledger)

    found = looked(rehearsal, ledger)

    by_name = {row.name: row.id for row in rehearsal.qbd.customers.values()}
    assert [one.id for one in found] == [by_name[name] for name in NAMES]


def test_the_rest_of_a_batch_that_broke_off_is_not_sent(
    rehearsal: Rehearsal, ledger: Ledger
) -> None:
    rehearsal.qbd.break_down("die", done=1)
    send(rehearsal, ledger)

    first, *others = looked(rehearsal, ledger)

    assert first.id
    assert [(one.id, one.again) for one in others] == [(None, 0.0)] * 2
    assert there(rehearsal) == ["Ann Archer"]


def test_what_cannot_be_found_any_more_is_known_by_what_quickbooks_remembers(
    rehearsal: Rehearsal, ledger: Ledger
) -> None:
    rehearsal.qbd.break_down("die", done=3)
    send(rehearsal, ledger)
    ann = next(row for row in rehearsal.qbd.customers.values() if row.name == "Ann Archer")
    rehearsal.qbd.rename(Customer, ann.id, "Ann Bowman")

    assert looked(rehearsal, ledger)[0].id == ann.id
