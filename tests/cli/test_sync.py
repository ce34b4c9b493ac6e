"""`sync` and `sync-id` as a user types them, over real HTTP."""

import re
from pathlib import Path

import pytest

from invoicesync_cli import __version__
from invoicesync_cli.model import DocumentState, Reason
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Ran, Run

HELD = {
    "locked": "period-locked",
    "negative-total": "negative-total",
    "currency-differs": "currency-differs",
    "sums-differ": "totals-differ",
    "ambiguous": "contact-ambiguous",
    "archived": "contact-archived",
}


def writes(box: Sandbox) -> int:
    return len(box.xero.writes())


def test_the_demo_shop_arrives_with_equal_totals(run: Run, box: Sandbox) -> None:
    ran = run("sync", "--json")

    assert ran.code == 3
    assert ran.json["status"] == "partial"
    assert ran.json["command"] == "sync"
    data = ran.data
    assert data["invoices"]["created"] == len(CASES) - len(HELD) - 1
    assert data["invoices"]["skipped"] == 1
    assert data["invoices"]["held"] == len(HELD)
    assert data["totals"]["keap"] == data["totals"]["ledger"]
    assert data["totals"]["currency"] == "GBP"
    documents = {item["order_id"]: item for item in ran.invoices}
    assert {case: documents[CASES[case]]["reason"] for case in HELD} == HELD
    assert documents[CASES["zero-total"]]["reason"] == "zero-total"
    booked = [item for item in box.xero.invoices.values() if item.reference.startswith("Keap")]
    assert len(booked) == data["invoices"]["created"]


def test_a_second_run_writes_nothing_and_costs_eight_calls_at_most(run: Run, box: Sandbox) -> None:
    run("sync")
    before = writes(box)

    ran = run("sync", "--json")

    assert writes(box) == before
    assert ran.data["calls"]["keap"] + ran.data["calls"]["ledger"] <= 8
    assert ran.data["invoices"]["created"] == 0
    assert ran.code == 3


def test_a_dry_run_shows_the_plan_that_the_next_run_carries_out(
    run: Run, box: Sandbox, home: Path
) -> None:
    plan = run("sync", "--dry-run", "--json")

    assert writes(box) == 0
    assert not (home / "state.sqlite3").exists()
    done = run("sync", "--json")
    planned = [{**item, "ledger_id": ""} for item in plan.invoices]
    carried_out = [{**item, "ledger_id": ""} for item in done.invoices]
    assert planned == carried_out
    assert plan.data["totals"] == done.data["totals"]
    assert plan.data["dry_run"] is True


def test_a_dry_run_leaves_an_existing_state_as_it_was(run: Run, box: Sandbox, home: Path) -> None:
    run("sync")
    box.keap.add_order(contact_id="101", order_time=box.clock.now(), items=[Item("PRODUCT", "5")])
    before = run("status", "--json").data

    plan = run("sync", "--dry-run", "--json")

    assert plan.data["invoices"]["created"] == 1
    assert run("status", "--json").data == before
    assert len(run("log", "--json").invoices) == len(CASES)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--since-date", "2026-11-11"), {"1050", "1051", "1052", "1053", "1054", "1055"}),
        (("--since-id", "1052"), {"1054", "1055"}),
        (("--since-date", "2026-11-15", "--until-date", "2026-11-15"), {"1054"}),
    ],
)
def test_a_range_names_its_invoices_inclusively(
    run: Run, box: Sandbox, options: tuple[str, ...], expected: set[str]
) -> None:
    ran = run("sync", *options, "--json")

    assert ran.code == 0
    assert {item["order_id"] for item in ran.invoices} == expected
    assert {item.number for item in box.xero.invoices.values()} - {"INV-0001"} == {
        item["number"] for item in ran.invoices
    }


def test_the_rest_follows_after_a_range(run: Run, box: Sandbox) -> None:
    run("sync", "--since-date", "2026-11-10")

    ran = run("sync", "--json")

    total = len(CASES) - len(HELD) - 1
    assert len(box.xero.invoices) == total + 1
    assert ran.data["invoices"]["created"] < total


def test_skipped_ones_are_judged_again_when_a_range_covers_them(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    run("sync")
    edit("skip_zero_total = true", "skip_zero_total = false")
    zero = CASES["zero-total"]

    assert run("sync", "--json").data["invoices"]["created"] == 0
    ran = run("sync", "--from-start", "--json")

    created = [item for item in ran.invoices if item["state"] == "created"]
    assert [item["order_id"] for item in created] == [zero]
    assert created[0]["ledger_total"] == "0.00"


def test_sync_id_takes_a_list_and_tells_what_keap_does_not_know(run: Run, box: Sandbox) -> None:
    ran = run("sync-id", "1048,1049", "4711", "--json")

    states = {item["invoice_id"]: (item["state"], item["reason"]) for item in ran.invoices}
    assert states == {
        "1048": ("created", ""),
        "1049": ("created", ""),
        "4711": ("failed", "not-found"),
    }
    assert ran.code == 3
    # Invoice 1048 is order 1050: ids that people type are invoice ids.
    assert {item.number for item in box.xero.invoices.values()} == {"INV-0001", "1050", "1051"}
    # An id that does not exist is no document that could stay open.
    assert run("sync-id", "1048", "--json").code == 0


def test_the_help_says_where_keap_shows_which_id(run: Run) -> None:
    page = " ".join(run("sync-id", "--help").out.split())

    assert "as Invoice Id and Order Id" in page
    assert "printed invoice and the report All Sales Itemized" in page
    assert "is the order id: --by order." in page


def test_sync_id_by_order(run: Run, box: Sandbox) -> None:
    ran = run("sync-id", "1050", "99", "--by", "order", "--json")

    assert [(item["order_id"], item["invoice_id"]) for item in ran.invoices] == [
        ("1050", "1048"),
        ("99", ""),
    ]


def test_sync_id_works_on_skipped_and_on_older_than_start(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    edit("[invoices]", '[sync]\nstart = "2026-11-10"\n\n[invoices]')
    first = run("sync", "--json")
    assert {item["order_id"] for item in first.invoices} <= {
        str(number) for number in range(1049, 1056)
    }

    ran = run("sync-id", "1010", "--json")

    assert ran.code == 0
    assert ran.data["invoices"]["created"] == 1
    assert ran.invoices[0]["date"] == "2026-10-13"


def test_older_than_start_is_reported_when_a_range_covers_it(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    edit("[invoices]", '[sync]\nstart = "id:1050"\n\n[invoices]')

    ran = run("sync", "--since-id", "1049", "--json")

    reasons = {item["invoice_id"]: item["reason"] for item in ran.invoices}
    assert reasons["1049"] == "before-start"
    assert reasons["1050"] == ""
    assert len(run("log", "--json").invoices) == len(reasons) - 1


def test_a_synced_invoice_is_not_sent_again_by_name(run: Run, box: Sandbox) -> None:
    run("sync-id", "1048")
    before = writes(box)

    ran = run("sync-id", "1048", "--json")

    assert writes(box) == before
    assert ran.invoices[0]["reason"] == "already-synced"
    assert ran.invoices[0]["state"] == "skipped"
    assert ran.invoices[0]["hint"].startswith("invoicesync sync-id 1048 --recreate makes it anew")
    assert ran.code == 0


def test_recreate_makes_a_voided_document_anew(run: Run, box: Sandbox) -> None:
    old = run("sync-id", "1048", "--no-payments", "--json").invoices[0]["ledger_id"]
    again = ("sync-id", "1048", "--recreate", "--no-payments", "--json")
    assert run(*again).data["invoices"]["created"] == 0
    box.xero.void_invoice(old)

    ran = run(*again)

    made = ran.invoices[0]
    assert made["state"] == "created"
    assert made["number"] == "1050-2"
    assert made["ledger_id"] != old


def test_max_invoices_stops_and_the_next_run_goes_on(run: Run, box: Sandbox) -> None:
    first = run("sync", "--max-invoices", "5", "--json")
    assert first.data["invoices"]["created"] == 5
    second = run("sync", "--max-invoices", "100", "--json")

    assert second.data["invoices"]["created"] == len(CASES) - len(HELD) - 1 - 5


def test_order_status_filters(run: Run, box: Sandbox) -> None:
    ran = run("sync", "--order-status", "unpaid", "--since-date", "2026-11-03", "--json")

    reasons = {item["order_id"]: item["reason"] for item in ran.invoices}
    assert reasons[CASES["unpaid"]] == ""
    assert reasons[CASES["paid-at-once"]] == "order-status"


def test_mode_off_sends_nothing_and_says_so(run: Run, box: Sandbox, edit: Edit) -> None:
    edit("[invoices]", '[sync]\nmode = "off"\n\n[invoices]')

    ran = run("sync")

    assert ran.code == 0
    assert writes(box) == 0
    assert "off" in ran.err


def test_verbose_tells_what_a_run_cost(run: Run, box: Sandbox) -> None:
    assert "Calls: " in run("sync", "-v").out


def test_common_options_may_stand_before_the_command(run: Run, box: Sandbox) -> None:
    assert run("--json", "status").json["command"] == "status"


@pytest.mark.parametrize("typed", ["--version", "sync --version", "auth status --version --json"])
def test_the_version_is_said_wherever_it_is_asked_for(run: Run, box: Sandbox, typed: str) -> None:
    ran = run(*typed.split())

    assert (ran.code, ran.out) == (0, f"invoicesync {__version__}\n")
    assert box.keap.calls == []


def last_lines(ran: Ran, count: int) -> list[str]:
    return ran.out.rstrip("\n").splitlines()[-count:]


def test_a_run_ends_with_what_it_created_and_what_the_ledger_has_not(
    run: Run, box: Sandbox
) -> None:
    created = len(CASES) - len(HELD) - 1

    ran = run("sync")

    booked = [item for item in box.xero.invoices.values() if item.reference.startswith("Keap")]
    total = sum(item.total for item in booked)
    assert last_lines(ran, 2) == [
        f"Created: {created} invoices, {total:.2f} GBP; the ledger has {total:.2f} GBP of them",
        "Not in the ledger: 6 held, 402.00 GBP and 100.00 USD",
    ]
    # What is open from earlier runs is not in the ledger either.
    again = run("sync")
    assert last_lines(again, 1) == ["Not in the ledger: 6 held, 402.00 GBP and 100.00 USD"]
    assert "Created: " not in again.out


def test_one_invoice_is_said_as_one(run: Run, box: Sandbox) -> None:
    ran = run("sync-id", "1048")

    assert last_lines(ran, 1)[0].startswith("Created: 1 invoice, ")
    assert "Not in the ledger" not in ran.out


def test_a_dry_run_says_would_throughout(run: Run, box: Sandbox) -> None:
    ran = run("sync", "--dry-run")

    would_be, missing, nothing = last_lines(ran, 3)
    assert would_be.startswith("Would be created: 46 invoices, ")
    assert would_be.endswith(" GBP of them")
    assert "; the ledger would have " in would_be
    assert missing == "Would not be in the ledger: 6 held, 402.00 GBP and 100.00 USD"
    assert nothing == "Nothing was changed."
    assert "Invoices: 46 would be created, 1 would be skipped, 6 would be held." in ran.out
    assert "Left out" not in ran.out


def test_money_that_waits_for_booked_invoices_is_not_in_the_ledger(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    edit('status = "authorised"', 'status = "draft"')

    ran = run("sync-id", "1002,1001")

    assert last_lines(ran, 1) == [
        "Not in the ledger: 1 held, 72.00 GBP; 1 payment waiting, 120.00 GBP"
    ]


def test_what_waits_or_was_skipped_is_said_in_groups(run: Run, box: Sandbox, edit: Edit) -> None:
    """A line each would be thousands with drafts, in every run."""
    edit('status = "authorised"', 'status = "draft"')

    first, whole = run("sync"), run("sync", "-v")

    waiting = run("status", "--json").data["open"]["waiting"]
    assert waiting > 30
    # Also where no money waits for it somebody has to approve them.
    assert "Not approved yet" in first.out
    assert "Not approved yet" not in whole.out
    lines = [line for line in first.out.splitlines() if re.match(r"\d+ payments wait", line)]
    assert len(lines) == 2
    meaning = Reason.INVOICE_NOT_SYNCED.meaning_in(DocumentState.WAITING)
    assert (
        lines[0] == f"5 payments waiting, 407.00 GBP and 100.00 USD: invoice-not-synced. {meaning}"
    )
    assert re.fullmatch(
        r"45 payments wait for their invoices to be approved in Xero, [\d.]+ GBP: "
        r"invoice-not-approved\.",
        lines[1],
    )
    assert not re.findall(r"^ *waiting +payment ", first.out, re.MULTILINE)
    # Whatever needs a person is listed one by one; with -v everything is.
    assert len(re.findall(r"^ *held +invoice ", first.out, re.MULTILINE)) == 6
    assert len(re.findall(r"^ *waiting +payment ", whole.out, re.MULTILINE)) > 30


def test_a_group_of_a_dry_run_only_would_be_so(run: Run, box: Sandbox) -> None:
    out = run("sync", "--dry-run").out

    assert "1 invoice would be skipped, 0.00 GBP: zero-total. The total is zero" in out


def test_day_that_will_not_do_is_said_before_anything_is_sent(run: Run, box: Sandbox) -> None:
    """On stderr, as it is known, and with what to do; nothing of it with --quiet."""
    box.xero.enforce_limits = True

    def at_the_limit(*options: str) -> Ran:
        used = len(box.xero.calls)
        box.xero.limits.day = used + 9
        return run("sync", "--dry-run", *options)

    shown = at_the_limit()

    assert "Calls left today, Xero: " in shown.err
    assert "That will not do" in shown.err
    assert "will not do" not in shown.out
    assert "will not do" not in at_the_limit("--quiet").err
    found = at_the_limit("--json").data["forecast"]
    assert found["day"]["service"] == "Xero"
    assert found["calls"]["ledger"] > 0
    assert found["max_invoices"] == 0
