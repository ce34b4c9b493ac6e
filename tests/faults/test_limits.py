"""Limits, maintenance and expired credentials in the middle of a run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from invoicesync_cli.errors import ExitCode, SignInNeeded, TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap.limits import API_KEY, Quota
from tests.kits.faults import check_booked, failure, puts, sent
from tests.kits.journal import unsettled
from tests.kits.rehearsal import Rehearsal

HTML = "<!DOCTYPE html><html><head><title>Down for maintenance</title></head></html>"


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


def test_limit_that_never_ends_is_given_up(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.xero.fail(kind="reply", method="PUT", path="/Invoices", status=429, times=999)
    assert failure(rehearsal).exit_code == ExitCode.TRY_LATER
    rehearsal.xero.faults.clear()
    rehearsal.sync()
    check_booked(rehearsal)


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (503, "The Organisation is offline", "text/plain"),
        (500, '{"Message": "An error occurred"}', "application/json"),
        (200, HTML, "text/html"),
        (200, '<?xml version="1.0"?><Response><Status>OK</Status></Response>', "text/xml"),
    ],
    ids=["offline", "inner error", "web page", "xml"],
)
def test_xero_in_trouble_is_told_in_its_own_words(
    tmp_path: Path, method: str, status: int, body: str, content_type: str
) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.xero.fail(
        kind="reply",
        method=method,
        path="/api.xro",
        status=status,
        body=body,
        content_type=content_type,
        times=99,
    )

    error = failure(rehearsal)

    assert error.exit_code == ExitCode.TRY_LATER
    said = ("offline", "An error occurred", "Down for maintenance", "OK")
    assert any(words in error.message for words in said)
    assert "<" not in error.message
    rehearsal.xero.faults.clear()
    rehearsal.sync()
    check_booked(rehearsal)


def test_xero_that_is_briefly_down_is_waited_for(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.xero.fail(kind="reply", path="/api.xro", status=503, times=2)
    rehearsal.sync()
    check_booked(rehearsal)


def test_expired_token_is_renewed_once_and_the_run_goes_on(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    expired = '{"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired"}'
    rehearsal.xero.fail(kind="reply", method="PUT", path="/Invoices", status=401, body=expired)
    rehearsal.sync()
    tokens = [call for call in rehearsal.xero.calls if call.path == "/connect/token"]
    assert len(tokens) == 2
    assert puts(rehearsal) == 2
    check_booked(rehearsal)


def test_refused_credential_undoes_what_was_about_to_be_sent(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order()
    rehearsal.xero.fail(kind="reply", method="PUT", path="/Invoices", status=401, times=2)

    error = failure(rehearsal)

    assert isinstance(error, SignInNeeded)
    assert error.exit_code == ExitCode.SIGN_IN
    assert "invoicesync auth xero" in error.hint
    with rehearsal.state() as state:
        record = state.record(DocumentKind.INVOICE, order)
        assert not unsettled(state)
    assert record
    assert record.state is DocumentState.NEW
    rehearsal.sync()
    check_booked(rehearsal)


def test_sign_in_that_answers_nonsense_is_tried_later(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.xero.fail(kind="reply", path="/connect/token", status=200, body="{}")
    assert failure(rehearsal).exit_code == ExitCode.TRY_LATER
    rehearsal.sync()
    check_booked(rehearsal)
