"""The file of the kept contacts: runs that end early, and what may have become of it."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from invoicesync_cli.state import Store
from invoicesync_cli.sync import kept_contacts
from invoicesync_cli.transform.contact_book import ContactBook
from tests.kits.faults import Trouble, Where, altered, attempt, between
from tests.kits.new_buyers import WHOLE, asked, buys, customer, kept, with_contacts
from tests.kits.rehearsal import Rehearsal


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    return with_contacts(tmp_path / "home")


# --- what ends a reading --------------------------------------------------------------------------


def test_who_cannot_be_read_is_asked_for_again(shop: Rehearsal) -> None:
    """A contact that was made meanwhile, in answers that are spoilt for a while."""
    made = shop.xero.add_contact("Ida Quill", email="ida@new.example")

    def spoil(body: dict[str, list[dict[str, object]]]) -> None:
        for row in body["Contacts"]:
            if row["ContactID"] == made:
                row["ContactID"] = ["none"]

    answer = shop.xero.handle
    altered(shop, spoil, method="GET", path="/Contacts")
    buys(shop, "Ivo")
    # Xero says that there is one more: it is asked some more times.
    assert set(asked(shop)) == {"2026-11-20T09:55:00"}
    shop.xero.handle = answer  # type: ignore[method-assign]
    shop.clock.advance(3600)
    order = buys(shop, "I", "Q", emails=("ida@new.example",))

    assert asked(shop) == ["2026-11-20T09:55:00"]
    assert customer(shop, order) == made


@pytest.mark.parametrize("whole", [False, True])
def test_list_that_breaks_off_leaves_what_is_kept(shop: Rehearsal, whole: bool) -> None:
    before = kept(shop).read_bytes()
    if whole:
        shop.clock.advance(8 * 86400)
    order = buys(shop, "Ida")
    place = between(shop)["xero"]
    place.planned = [
        Trouble(path="/Contacts", at=2 if whole else 1, killed=KeyboardInterrupt, method="GET")
    ]
    attempt(shop)
    assert place.planned[0].seen
    assert kept(shop).read_bytes() == before
    assert asked(shop) == (WHOLE if whole else ["2026-11-20T09:55:00"])
    assert customer(shop, order)


@pytest.mark.parametrize("where", ["before", "after"])
def test_run_that_is_killed_adds_nothing_to_what_is_kept(shop: Rehearsal, where: Where) -> None:
    """While it makes a contact: whether there is one only Xero can tell."""
    order, there = buys(shop, "Ida"), set(shop.xero.contacts)
    place = between(shop)["xero"]
    place.planned = [Trouble(where, path="/Contacts", method="PUT", killed=KeyboardInterrupt)]
    attempt(shop)
    assert place.planned[0].seen
    with contextlib.closing(sqlite3.connect(kept(shop))) as file:
        known = {row[0] for row in file.execute("SELECT id FROM contacts")}
    assert known == there

    shop.sync()

    assert customer(shop, order)
    numbers = [row.contact_number for row in shop.xero.contacts.values() if row.contact_number]
    assert sorted(numbers) == ["keap-101", "keap-102"]


@pytest.mark.parametrize("at", range(4))
def test_run_that_is_killed_while_it_keeps_them(
    shop: Rehearsal, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after the copy, before it is in place, and before the state knows of it."""
    order = buys(shop, "Ida")
    ends = [(ContactBook, "save"), (kept_contacts, "_sum"), (Path, "replace"), (Store, "set_meta")]
    owner, name = ends[at]

    def end(*args: object) -> object:
        if name == "set_meta" and args[1] != kept_contacts.FACT:
            return original(*args)
        if name == "_sum" and not str(args[0]).endswith("-unfinished"):
            return original(*args)
        raise KeyboardInterrupt

    original = getattr(owner, name)
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, end)
        assert isinstance(attempt(shop), BaseException)
    made = shop.xero.add_contact("Ida Quill", email="ida@new.example")

    # The new file is in place, and nobody knows that it is the right one.
    assert asked(shop) == (WHOLE if name == "set_meta" else ["2026-11-20T09:55:00"])
    assert customer(shop, order) == made


# --- the file -------------------------------------------------------------------------------------


def _damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil",
    [
        Path.unlink,
        _damaged,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("none"),
        _linked,
        _pipe,
    ],
    ids=["gone", "one bit", "empty", "garbage", "link", "pipe"],
)
def test_any_other_file_is_passed_over_and_replaced(
    shop: Rehearsal, spoil: Callable[[Path], object]
) -> None:
    spoil(kept(shop))
    buys(shop, "Ida")
    assert asked(shop) == WHOLE
    assert kept(shop).is_file()
    assert not kept(shop).is_symlink()
    buys(shop, "Ivo")
    assert len(asked(shop)) == 1


def test_file_that_goes_while_it_is_read_is_done_without(
    shop: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = kept_contacts._sum

    def gone(path: Path) -> str:
        found = original(path)
        if path == kept(shop):
            path.unlink()
        return found

    order = buys(shop, "Ida")
    with monkeypatch.context() as patched:
        patched.setattr(kept_contacts, "_sum", gone)
        assert asked(shop) == WHOLE
    assert customer(shop, order)
    buys(shop, "Ivo")
    assert len(asked(shop)) == 1


def test_what_is_behind_a_link_stays_as_it_is(shop: Rehearsal) -> None:
    other = shop.home / "other"
    other.write_text("somebody else's")
    kept(shop).unlink()
    kept(shop).symlink_to(other)
    buys(shop, "Ida")
    asked(shop)
    assert other.read_text() == "somebody else's"


def test_file_is_its_owners_only_and_alone(shop: Rehearsal) -> None:
    """Also where somebody has widened its mode."""
    kept(shop).chmod(0o666)
    (shop.home / "contacts.sqlite3-unfinished").write_text("of a run that was killed")
    buys(shop, "Ida")
    assert len(asked(shop)) == 1
    assert kept(shop).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in shop.home.glob("contacts*")] == ["contacts.sqlite3"]


def test_where_it_cannot_be_written_the_run_goes_on(shop: Rehearsal) -> None:
    kept(shop).unlink()
    kept(shop).mkdir()
    order = buys(shop, "Ida")
    assert asked(shop) == WHOLE
    assert customer(shop, order)
    buys(shop, "Ivo")
    assert asked(shop) == WHOLE


@pytest.mark.parametrize("other", ["another state", "an older state", "another version"])
def test_file_is_that_of_its_state(
    shop: Rehearsal, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another organisation there is another state."""
    state, saved = shop.home / "state.sqlite3", shop.home / "saved"
    with shop.state() as opened:
        opened.db.execute("VACUUM INTO ?", (str(saved),))
    buys(shop, "Ida")
    assert len(asked(shop)) == 1
    if other == "another version":
        monkeypatch.setattr("invoicesync_cli.transform.contact_book.__version__", "0.0.1")
    else:
        state.unlink()
        if other == "an older state":
            saved.rename(state)
    contacts = len(shop.xero.contacts)
    buys(shop, "Ivo")

    assert asked(shop) == WHOLE
    assert len(shop.xero.contacts) == contacts + 1
