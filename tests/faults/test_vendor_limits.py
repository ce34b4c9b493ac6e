"""Limits that only one vendor has, and how it says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from invoicesync_cli.errors import ExitCode, SignInNeeded, TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap.limits import API_KEY, Quota
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.faults import between, check_booked, failure, sent
from tests.kits.journal import unsettled
from tests.kits.qbo_faults import check_books, everything, forms, quickbooks, snapshot, writes
from tests.kits.rehearsal import Rehearsal

LIMITED = {
    "xml": QboSwitches(),
    "json": QboSwitches(throttle_body="json"),
    "gateway": QboSwitches(throttle_body="gateway"),
    "403": QboSwitches(throttle_status=403),
    "gateway 403": QboSwitches(throttle_status=403, throttle_body="gateway"),
    "told": QboSwitches(retry_after=True),
    "json 403 told": QboSwitches(throttle_body="json", throttle_status=403, retry_after=True),
}


def test_day_limit_in_the_middle_of_a_run(tmp_path: Path) -> None:
    """Contacts and the first wave of invoices go through, then the day's calls are used up."""
    rehearsal = Rehearsal(tmp_path)
    for _ in range(260):
        rehearsal.order(contact=rehearsal.person() if not rehearsal.keap.contacts else "101")
    rehearsal.xero.limits.day = 10

    error = failure(rehearsal)

    assert isinstance(error, TryLater)
    assert error.exit_code == ExitCode.TRY_LATER
    assert "limit is reached" in error.message
    assert "takes requests again from 2026-11-2" in error.hint
    done = len(sent(rehearsal))
    assert 0 < done < 260
    partial = error.partial
    assert partial["invoices"]["created"] == done or partial["calls"]  # type: ignore[index]
    with rehearsal.state() as state:
        assert len(state.records_in(DocumentKind.INVOICE, DocumentState.CREATED)) == done
        assert not unsettled(state)
        last = state.history.last_run()
    assert last
    assert last["status"] == "error"
    # Nothing is slept through.
    assert sum(rehearsal.ticker.slept) < 120

    rehearsal.xero.limits.day = 1000
    rehearsal.ticker.pass_time(timedelta(days=1).total_seconds())
    rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.parametrize("calls", [1, 2, 3])
@pytest.mark.parametrize("body", ["fault", "code"])
@pytest.mark.parametrize("retry_after", [True, False])
def test_used_up_day_of_keap_ends_a_run_at_once(
    tmp_path: Path, calls: int, body: Literal["fault", "code"], retry_after: bool
) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    limits = rehearsal.keap.limits
    limits.enforced = True
    limits.key_quota = Quota(per_second=10, per_minute=240, per_day=calls)
    rehearsal.keap.switches = replace(
        rehearsal.keap.switches, quota_body=body, retry_after=retry_after
    )

    error = failure(rehearsal)

    assert (error.exit_code, error.code) == (ExitCode.TRY_LATER, "limit-reached")
    midnight = datetime(2026, 11, 21, tzinfo=UTC).astimezone()
    assert f"takes requests again from {midnight:%Y-%m-%d %H:%M}" in error.hint
    assert sum(rehearsal.ticker.slept) < 5
    assert len(rehearsal.keap.calls) == calls

    rehearsal.ticker.pass_time(timedelta(days=1).total_seconds())
    limits.key_quota = API_KEY
    rehearsal.sync()
    check_booked(rehearsal)


def test_minute_limit_is_waited_for_as_long_as_xero_says(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.xero.fail(
        kind="reply",
        method="PUT",
        path="/Invoices",
        status=429,
        headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "37"},
    )
    rehearsal.sync()
    assert 37 in rehearsal.ticker.slept
    check_booked(rehearsal)


def test_concurrent_limit_without_a_time_is_waited_for_in_growing_steps(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.xero.fail(
        kind="reply",
        method="PUT",
        path="/Invoices",
        status=429,
        headers={"X-Rate-Limit-Problem": "concurrent"},
        times=4,
    )
    rehearsal.sync()
    assert [seconds for seconds in rehearsal.ticker.slept if seconds >= 2] == [2, 4, 8, 16]
    check_booked(rehearsal)


def test_sign_in_that_answers_nonsense_is_tried_later(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.xero.fail(kind="reply", path="/connect/token", status=200, body="{}")
    assert failure(rehearsal).exit_code == ExitCode.TRY_LATER
    rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.parametrize("form", LIMITED)
@pytest.mark.parametrize("text", ['"Query"', '"operation"'])
def test_limit_is_waited_for(tmp_path: Path, form: str, text: str) -> None:
    rehearsal = quickbooks(tmp_path, LIMITED[form])
    everything(rehearsal)
    limits = rehearsal.qbo.company.limits
    place = between(rehearsal)["qbo"]

    def close(request: Any) -> None:
        """After the first such call the minute is full."""
        if text in request.get_data(as_text=True) and limits.batches == 40:
            limits.batches = 1

    def sleep(seconds: float) -> None:
        rehearsal.ticker.sleep(seconds)
        if seconds > 20:
            limits.batches = 41

    place.meanwhile = close
    rehearsal.network.timing = replace(rehearsal.network.timing, sleep=sleep)
    rehearsal.sync()
    assert limits.batches == 41
    check_books(rehearsal)


def test_company_that_the_sign_in_is_not_for(tmp_path: Path) -> None:
    """Intuit refuses a token for another company, or keys of its sandbox at the real service."""
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    name = rehearsal.qbo.companies.pop(rehearsal.qbo.realm)

    error = failure(rehearsal)

    assert isinstance(error, SignInNeeded)
    assert error.exit_code == ExitCode.SIGN_IN
    assert "3100" in error.message or "AuthorizationFailed" in error.message
    assert "invoicesync auth qbo" in error.hint
    assert writes(rehearsal) == []
    rehearsal.qbo.companies[rehearsal.qbo.realm] = name
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("seconds", [0, 600])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_subscription_that_ends(tmp_path: Path, seconds: int, after: int) -> None:
    """Before anything is sent, after the item, or after the customers."""
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    place = between(rehearsal)["qbo"]

    def end(_: Any) -> None:
        rehearsal.qbo.subscription_ended = len(writes(rehearsal)) >= after

    place.meanwhile = end
    error = failure(rehearsal)

    assert error.exit_code == ExitCode.TRY_LATER
    assert error.code == "company-closed"
    assert "Subscription period has ended" in error.message
    assert "billing" in error.hint
    assert forms(rehearsal) == {}
    before = snapshot(rehearsal)
    failure(rehearsal)
    assert snapshot(rehearsal) == before
    place.meanwhile = lambda _: None
    rehearsal.qbo.subscription_ended = False
    rehearsal.ticker.pass_time(seconds)
    rehearsal.sync()
    check_books(rehearsal)
