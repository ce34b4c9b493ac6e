"""`sync --dry-run --save` and `apply`: what stands in the file is sent, and nothing else."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.sync import plan_file
from invoicesync_cli.sync.plan_file import waiting
from invoicesync_cli.sync.result import Result
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Ran, Run


@pytest.fixture(params=["box", "company"])
def shop(request: pytest.FixtureRequest) -> Sandbox:
    """The demo shop, with its books in Xero and in QuickBooks."""
    found: Sandbox = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def plan(run: Run, shop: Sandbox, tmp_path: Path) -> Path:
    """A plan of all that the shop has."""
    file = tmp_path / "october.plan"
    ran = run("sync", "--dry-run", "--save", str(file))
    assert ran.code == 3, ran.err
    assert "Kept as a plan" in ran.err
    return file


def listed(plan: Path, kind: str = "") -> list[dict[str, Any]]:
    """The documents in a plan."""
    found = json.loads(plan.read_text())["documents"]
    return [item for item in found if kind in {"", item["kind"]}]


def rows(shop: Sandbox) -> tuple[int, int]:
    """How many invoices and payments the books have."""
    invoices = len(shop.xero.invoices) + len(shop.qbo.invoices)
    return invoices, len(shop.xero.payments) + len(shop.qbo.payments)


def outcomes(ran: Ran) -> dict[tuple[str, str], tuple[str, str]]:
    """State and reason of everything that a run tells of, by kind and key."""
    return {
        (item["kind"], item["order_id"] + item["payment_id"]): (item["state"], item["reason"])
        for item in ran.data["documents"]
    }


def test_all_of_a_plan_is_sent_and_the_same_as_without_one(
    run: Run, shop: Sandbox, plan: Path
) -> None:
    entries = listed(plan)
    assert entries
    assert {"kind", "draft", "fingerprint", "total", "hint"} <= entries[0].keys()
    assert plan.stat().st_mode & 0o077 == 0
    before = rows(shop)

    ran = run("apply", str(plan), "--json")

    # QuickBooks refuses one for its tax, which no dry run can know; its payment waits.
    refused = 0 if shop.xero.payments else 2
    created = [item for item in ran.data["documents"] if item["state"] == "created"]
    assert len(created) == len(entries) - refused
    assert ran.code == (3 if refused else 0)
    assert rows(shop)[0] - before[0] == len(listed(plan, "invoice")) - refused // 2
    assert run("sync", "--json").data["invoices"]["created"] == 0


def test_applying_twice_sends_nothing_twice(run: Run, shop: Sandbox, plan: Path) -> None:
    run("apply", str(plan))
    before = rows(shop)

    ran = run("apply", str(plan), "--json")

    assert ran.data["invoices"]["created"] == ran.data["payments"]["created"] == 0
    assert rows(shop) == before
    assert ran.code != 6


@pytest.mark.parametrize("state", ["older", "lost"])
def test_what_the_ledger_has_though_the_state_does_not_is_left_alone(
    run: Run, shop: Sandbox, plan: Path, tmp_path: Path, home: Path, state: str
) -> None:
    """The state of before a run is put back, or there is none, and the plan of before is applied:
    nothing is booked again, and nothing waits for ever."""
    kept = tmp_path / "before.backup"
    run("backup", str(kept))
    run("sync")
    before = rows(shop)
    for path in home.glob("state.sqlite3*"):
        path.unlink()
    if state == "older":
        assert run("restore", str(kept), "--force").code == 0

    applied = run("apply", str(plan), "--json")

    assert rows(shop) == before
    assert applied.code in {0, 3}
    assert outcomes(applied)["invoice", CASES["unpaid"]] == ("skipped", "already-synced")
    assert [item for item in applied.data["documents"] if item["reason"] == "plan-differs"] == []
    assert run("sync", "--json").code == 3
    shop.keap.add_payment(order_id=CASES["unpaid"], amount="10.00")
    late = run("sync", "--json")
    (paid,) = [one for one in late.data["documents"] if one["state"] == "created"]
    assert (paid["kind"], paid["order_id"], paid["total"]) == ("payment", CASES["unpaid"], "10.00")
    assert late.code == 3


def test_three_that_changed_wait_with_what_differs(run: Run, shop: Sandbox, plan: Path) -> None:
    amount, contact = CASES["taxed-simple"], CASES["quantity"]
    shop.keap.edit_order(amount, items=(Item("PRODUCT", "130.00", name="Pillar candle"),))
    shop.keap.edit_order(contact, contact_id=shop.keap.orders[CASES["locked"]].contact_id)

    ran = run("apply", str(plan), "--json")

    assert ran.code == 6
    assert ran.json["status"] == "differences"
    differing = [item for item in ran.data["documents"] if item["reason"] == "plan-differs"]
    assert {item["order_id"] for item in differing} == {amount, contact}
    assert all(item["state"] == "waiting" for item in differing)
    assert all("was" in item["message"] or "would be" in item["message"] for item in differing)
    sent = sum(item["state"] == "created" for item in ran.data["documents"])
    assert sent > 80


def test_of_forty_documents_three_that_changed_wait_and_the_rest_is_sent(
    run: Run, shop: Sandbox, tmp_path: Path
) -> None:
    """22 invoices and 18 payments; an amount, a buyer and a payment change before `apply`. No
    payment is all of its invoice, as what is paid in full is due at once."""
    run("sync")
    people = [
        shop.keap.add_contact(given_name="Ann", family_name=f"Buyer{place}") for place in range(22)
    ]
    orders = [
        shop.keap.add_order(
            contact_id=person,
            items=[Item("PRODUCT", f"{place}.50", name="Candle")],
            order_time=shop.clock.now(),
        ).id
        for place, person in enumerate(people, 10)
    ]
    payments = [
        shop.keap.add_payment(order_id=order, amount=f"{place}.00", type="Cash")
        for place, order in enumerate(orders[:18], 10)
    ]
    dearer, other_buyer = orders[20:]
    file = tmp_path / "plan"
    run("sync", "--dry-run", "--save", str(file))
    assert len(listed(file)) == 40
    before = rows(shop)
    shop.keap.edit_order(dearer, items=[Item("PRODUCT", "99.00", name="Candle")])
    shop.keap.edit_order(other_buyer, contact_id=people[0])
    shop.keap.edit_payment(payments[0].id, amount="4.00")

    ran = run("apply", str(file), "--json")

    assert ran.code == 6
    states = Counter(item["state"] for item in ran.data["documents"])
    assert states == {"created": 37, "waiting": 3}
    differing = {
        (item["kind"], item["order_id"]): item["message"]
        for item in ran.data["documents"]
        if item["reason"] == "plan-differs"
    }
    assert differing.keys() == {
        ("invoice", dearer),
        ("invoice", other_buyer),
        ("payment", orders[0]),
    }
    assert "30.50" in differing["invoice", dearer]
    assert "99.00" in differing["invoice", dearer]
    assert "contact was" in differing["invoice", other_buyer]
    assert "4.00" in differing["payment", orders[0]]
    # Who reads the text sees each of them as well.
    text = run("apply", str(file)).out
    assert text.count("It is not as in the plan: ") == 3
    assert text.count("Not as in the plan") == 1
    assert rows(shop) == (before[0] + 20, before[1] + 17)
    after = run("sync", "--json")
    assert (after.data["invoices"]["created"], after.data["payments"]["created"]) == (2, 1)
    assert after.code != 6
    assert rows(shop) == (before[0] + 22, before[1] + 18)


def test_what_came_since_is_left_for_the_next_run(run: Run, shop: Sandbox, plan: Path) -> None:
    item = Item("PRODUCT", "10.00", name="Candle")
    person = shop.keap.orders[CASES["unpaid"]].contact_id
    later = shop.keap.add_order(contact_id=person, items=(item,), order_time=shop.clock.now())
    shop.keap.add_payment(order_id=CASES["unpaid"], amount="10.00")

    ran = run("apply", str(plan), "--json")

    assert str(later.id) not in {item["order_id"] for item in ran.data["documents"]}
    paid = [
        item
        for item in ran.data["documents"]
        if item["order_id"] == CASES["unpaid"] and item["kind"] == "payment"
    ]
    assert paid == []
    after = outcomes(run("sync", "--json"))
    assert ("invoice", str(later.id)) in after
    assert [key for key in after if key[0] == "payment" and key[1].startswith(CASES["unpaid"])]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("documents", 3),
        ("documents", [{}]),
        ("documents", [{"kind": "sale", "key": "1", "order_id": "1", "decided_by": {}}]),
        ("documents", [{"kind": "invoice", "key": 1, "order_id": [], "decided_by": 2}]),
        ("documents", [{"kind": "invoice", "key": "x", "order_id": "x", "decided_by": {}}]),
        ("books", {"profile": ""}),
        ("books", None),
    ],
)
def test_a_doctored_file_with_a_right_checksum_is_refused(
    run: Run, box: Sandbox, tmp_path: Path, field: str, value: object
) -> None:
    """The checksum is no secret: whoever writes another file can work one out."""
    plan = tmp_path / "plan"
    run("sync", "--dry-run", "--save", str(plan))
    held = json.loads(plan.read_text())
    held.pop("checksum")
    held[field] = value
    plan.write_text(json.dumps({**held, "checksum": plan_file._checksum(held)}))

    ran = run("apply", str(plan))

    assert ran.code == 5
    assert "cannot be applied" in ran.err
    assert len(box.xero.payments) == 0


def test_orders_that_nobody_has_are_reported(run: Run, box: Sandbox, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    run("sync", "--dry-run", "--save", str(plan))
    held = json.loads(plan.read_text())
    held.pop("checksum")
    held["documents"] = [dict(held["documents"][0], key="99999", order_id="99999")]
    plan.write_text(json.dumps({**held, "checksum": plan_file._checksum(held)}))

    ran = run("apply", str(plan), "--json")

    assert [item["reason"] for item in ran.data["documents"]] == ["not-found"]
    assert ran.code == 3


def test_a_file_that_cannot_be_written_is_said_before_the_run(
    run: Run, box: Sandbox, tmp_path: Path
) -> None:
    calls = len(box.keap.calls)
    for place in (tmp_path, tmp_path / "missing" / "plan"):
        ran = run("sync", "--dry-run", "--save", str(place))
        assert (ran.code, "folder" in ran.err) == (2, True)
        assert run("report", "--html", str(place)).code == 2
    assert run("apply", str(tmp_path)).code == 2
    assert len(box.keap.calls) == calls
    assert list(tmp_path.parent.glob("*unfinished")) == []


@pytest.mark.parametrize("change", ["amount", "half", "form", "words", "empty"])
def test_a_file_that_was_touched_sends_nothing(
    run: Run, shop: Sandbox, plan: Path, change: str
) -> None:
    text, before = plan.read_text(), rows(shop)
    plan.write_text(
        {
            "amount": text.replace('"120.00"', '"121.00"', 1),
            "half": text[: len(text) // 2],
            "form": text.replace('"form": 1', '"form": 2'),
            "words": "no plan",
            "empty": "{}",
        }[change]
    )

    assert run("apply", str(plan)).code == 5
    assert rows(shop) == before


def test_a_plan_is_for_one_profile_and_a_file_has_to_be_there(
    run: Run, box: Sandbox, tmp_path: Path, home: Path
) -> None:
    plan = tmp_path / "plan"
    run("sync", "--dry-run", "--save", str(plan))
    other = home / "profiles" / "second"
    other.mkdir(parents=True)
    (other / "config.toml").write_text((home / "config.toml").read_text())

    ran = run("--profile", "second", "apply", str(plan))

    assert ran.code == 5
    assert "'second'" in ran.err
    assert run("apply", str(tmp_path / "nothing")).code == 2
    assert run("sync", "--save", str(plan)).code == 2
    assert len(box.xero.payments) == 0


@pytest.mark.parametrize(("applies", "code"), [(True, 6), (False, 0)])
def test_only_where_a_plan_is_applied_a_difference_from_it_counts(applies: bool, code: int) -> None:
    """Elsewhere what waits because of a plan waits like anything else."""
    document = Document(DocumentKind.INVOICE, DocumentState.NEW, order_id="1", invoice_id="1")
    result = Result("20261128T090000-1", dry_run=False)
    result.applies_plan = applies

    result.report([waiting(document, "total was 1.00, is 2.00")])

    assert result.exit_code == code


def test_a_plan_without_documents_is_for_one_profile_too(
    run: Run, box: Sandbox, tmp_path: Path, home: Path
) -> None:
    """And what an earlier run has held needs a person all the same."""
    plan = tmp_path / "plan"
    run("sync")
    run("sync", "--dry-run", "--save", str(plan))
    other = home / "profiles" / "second"
    other.mkdir(parents=True)
    (other / "config.toml").write_text((home / "config.toml").read_text())
    written = len(box.xero.writes())

    elsewhere, here = run("--profile", "second", "apply", str(plan)), run("apply", str(plan))

    assert (elsewhere.code, here.code) == (5, 3)
    assert "The plan has no document." in here.err
    assert len(box.xero.writes()) == written
