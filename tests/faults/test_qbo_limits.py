"""QuickBooks' limits, maintenance and gateway errors, and sign-ins that end in the middle."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from invoicesync_cli.errors import ExitCode, SignInNeeded, TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.faults import Trouble, between, failure
from tests.kits.journal import unsettled
from tests.kits.qbo_faults import GARBLED as ANSWERS
from tests.kits.qbo_faults import (
    check_books,
    everything,
    forms,
    quickbooks,
    snapshot,
    writes,
)

LIMITED = {
    "xml": QboSwitches(),
    "json": QboSwitches(throttle_body="json"),
    "gateway": QboSwitches(throttle_body="gateway"),
    "403": QboSwitches(throttle_status=403),
    "gateway 403": QboSwitches(throttle_status=403, throttle_body="gateway"),
    "told": QboSwitches(retry_after=True),
    "json 403 told": QboSwitches(throttle_body="json", throttle_status=403, retry_after=True),
}
WRITES = '"operation"'
READS = '"Query"'
INNER = (
    '{"Fault":{"Error":[{"Message":"An application error has occurred while processing your '
    'request","Detail":"System Failure Error: java.lang.Error","code":"10000"}],'
    '"type":"SystemFault"}}'
)
REVOKED = (
    '{"fault":{"error":[{"message":"message=AuthenticationFailed; errorCode=003200; '
    'statusCode=401","detail":"Token revoked","code":"3200"}],"type":"AUTHENTICATION"}}'
)
GARBLED = {
    **ANSWERS,
    "10000": lambda: Response(INNER, 500, content_type="application/json"),
}


@pytest.mark.parametrize("form", LIMITED)
@pytest.mark.parametrize("text", [READS, WRITES])
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


@pytest.mark.parametrize("text", [READS, WRITES])
def test_limit_that_never_ends_is_given_up(tmp_path: Path, text: str) -> None:
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("before", text=text, times=999, answer=GARBLED["throttled"])]

    error = failure(rehearsal)

    assert error.exit_code == ExitCode.TRY_LATER
    assert error.code == "limit-reached"
    assert "takes no more requests" in error.message
    assert error.hint
    assert sum(rehearsal.ticker.slept) < 600
    place.planned = []
    rehearsal.sync()
    check_books(rehearsal)


def test_wait_that_is_too_long_ends_the_run(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    place = between(rehearsal)["qbo"]
    answer = Response("", 429, {"Retry-After": "3600"})
    place.planned = [Trouble("before", text=WRITES, times=999, answer=lambda: answer)]
    assert failure(rehearsal).exit_code == ExitCode.TRY_LATER
    assert sum(rehearsal.ticker.slept) < 60
    place.planned = []
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("text", [READS, WRITES])
@pytest.mark.parametrize("how", ["503", "half", "nothing", "10000"])
def test_trouble_of_quickbooks_own_is_told_in_its_words(
    tmp_path: Path, text: str, how: str
) -> None:
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("before", text=text, times=999, answer=GARBLED[how])]

    error = failure(rehearsal)

    assert isinstance(error, TryLater)
    assert error.exit_code == ExitCode.TRY_LATER
    words = {"503": "503 Unavailable", "10000": "System Failure Error"}
    assert words.get(how, "QuickBooks answered with") in error.message
    assert "<" not in error.message
    assert error.hint
    place.planned = []
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("text", [READS, WRITES])
@pytest.mark.parametrize("how", ["503", "504", "half", "10000"])
def test_trouble_that_passes_is_waited_for(tmp_path: Path, text: str, how: str) -> None:
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("before", text=text, times=2, answer=GARBLED[how])]
    rehearsal.sync()
    check_books(rehearsal)


def test_token_that_expires_in_the_middle_is_renewed(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    place = between(rehearsal)["qbo"]
    sign_in = rehearsal.qbo.sign_in

    def expire(request: Any) -> None:
        if '"Customer":{' in request.get_data(as_text=True):
            sign_in.access_tokens.clear()

    place.meanwhile = expire
    rehearsal.sync()
    place.meanwhile = lambda _: None
    statuses = [call.status for call in rehearsal.qbo.calls if "/batch" in call.path]
    assert statuses.count(401) == 1
    check_books(rehearsal)


def test_refused_sign_in_undoes_what_was_about_to_be_sent(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    ids = everything(rehearsal)
    place = between(rehearsal)["qbo"]
    answer = Response(REVOKED, 401)
    place.planned = [Trouble("before", text='"Invoice":{"Cust', times=9, answer=lambda: answer)]

    error = failure(rehearsal)

    assert isinstance(error, SignInNeeded)
    assert error.exit_code == ExitCode.SIGN_IN
    assert "invoicesync auth qbo" in error.hint
    assert "Token revoked" in error.message
    with rehearsal.state() as state:
        record = state.record(DocumentKind.INVOICE, ids["invoice"])
        assert not unsettled(state)
    assert record
    assert record.state is DocumentState.NEW
    place.planned = []
    rehearsal.sync()
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
