"""Renewing tokens when things go wrong: two at once, a kill, a lost answer, a dead token."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli import lock
from invoicesync_cli.auth.records import read_access, write_sign_in
from invoicesync_cli.errors import ExitCode, SignInNeeded, TryLater
from invoicesync_cli.http.client import TokenSource
from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import CLIENT_ID, CLIENT_SECRET
from tests.kits.token_renewal import SERVICES, START, Profile

HALF_AN_HOUR = 1800


each = pytest.mark.parametrize("service", SERVICES)


def bearer(source: TokenSource) -> str:
    return source.headers()["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path, Clock(START))


@each
def test_a_token_that_has_run_out_is_renewed_once(profile: Profile, service: str) -> None:
    source = profile.process(service)

    first, second = bearer(source), bearer(source)

    assert first == second != "run-out"
    assert len(profile.refreshes(service)) == 1
    assert bearer(profile.process(service)) == first
    assert len(profile.refreshes(service)) == 1


@each
def test_a_token_is_renewed_before_it_runs_out(profile: Profile, service: str) -> None:
    source = profile.process(service)
    first = bearer(source)
    access = read_access(profile.store, service)
    assert access
    profile.clock.set(access.ends - timedelta(seconds=121))
    assert bearer(source) == first

    profile.clock.advance(2)

    assert bearer(source) != first


@each
def test_a_token_that_the_service_refuses_is_renewed_once(profile: Profile, service: str) -> None:
    one, other = profile.process(service), profile.process(service)
    used = one.headers()
    other.headers()

    assert one.renew(used)
    assert other.renew(used)
    assert one.renew(used)

    assert one.headers() == other.headers() != used
    assert len(profile.refreshes(service)) == 2


def test_requests_to_xero_name_the_organisation(profile: Profile) -> None:
    assert profile.process("xero").headers()["Xero-Tenant-Id"] == profile.box.xero.tenant_id
    assert set(profile.process("keap").headers()) == {"Authorization"}


@each
def test_of_two_processes_one_renews_and_both_go_on(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    waits = threading.Event()
    pause = time.sleep

    def reported(seconds: float) -> None:
        waits.set()
        pause(seconds)

    monkeypatch.setattr("invoicesync_cli.lock.time.sleep", reported)
    one, other = profile.process(service), profile.process(service)
    got: list[str] = []

    with HeldUp(profile.vendor(service)) as asked:
        first = threading.Thread(target=lambda: got.append(bearer(one)))
        first.start()
        assert asked.wait(20)
        second = threading.Thread(target=lambda: got.append(bearer(other)))
        second.start()
        assert waits.wait(20)
    first.join(20)
    second.join(20)

    assert len(got) == 2
    assert len(set(got)) == 1
    assert len(profile.refreshes(service)) == 1


class HeldUp:
    """Holds the vendor's answers back while the block runs; tells when one is waited for."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._goes_on = threading.Event()
        self._asked = threading.Event()

    def __enter__(self) -> threading.Event:
        worked = self._vendor.worked

        def wait(request: Any) -> Any:
            self._asked.set()
            self._goes_on.wait(20)
            return worked(request)

        self._vendor.worked = wait  # type: ignore[method-assign]
        return self._asked

    def __exit__(self, *_: object) -> None:
        self._goes_on.set()


@each
def test_the_new_refresh_token_is_kept_before_the_new_token_is_used(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    before = profile.kept(service).refresh_token
    profile.clock.advance(86400)

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("invoicesync_cli.auth.stores._flush_folder", broken)
    with pytest.raises(SignInNeeded, match="No space left on device"):
        profile.process(service).headers()
    monkeypatch.undo()

    assert profile.kept(service).refresh_token != before
    assert bearer(profile.process(service)) != "run-out"


@each
def test_an_answer_that_is_lost(profile: Profile, service: str) -> None:
    profile.vendor(service).fail(kind="lose", path="token")
    source = profile.process(service)

    if service == "xero":
        # The old refresh token is good for another half hour.
        assert bearer(source) != "run-out"
    else:
        with pytest.raises(SignInNeeded) as caught:
            source.headers()
        assert caught.value.exit_code == ExitCode.SIGN_IN
        assert "cut off halfway" in caught.value.hint
        assert f"invoicesync auth {service}" in caught.value.hint
        assert profile.kept(service).refused


@each
def test_a_request_that_never_arrived_is_made_again(profile: Profile, service: str) -> None:
    profile.vendor(service).fail(kind="drop", path="token")

    assert bearer(profile.process(service)) != "run-out"


@each
def test_a_service_that_is_down_costs_nothing(profile: Profile, service: str) -> None:
    before = profile.kept(service)
    profile.vendor(service).fail(path="token", status=503)

    with pytest.raises(TryLater):
        profile.process(service).headers()

    assert profile.kept(service) == before
    assert bearer(profile.process(service)) != "run-out"


@each
def test_a_token_that_another_program_has_renewed_is_read_again(
    profile: Profile, service: str
) -> None:
    source = profile.process(service)
    dead = profile.kept(service)
    other = profile.process(service)
    vendor = profile.vendor(service)
    vendor.sign_in.refresh_tokens.pop(dead.refresh_token)
    profile.sign_in(service)
    fresh = profile.kept(service)
    write_sign_in(profile.store, dead)

    # A program without our lock puts its own in while the vendor refuses ours.
    worked = vendor.worked

    def overtaken(request: Any) -> Any:
        write_sign_in(profile.store, fresh)
        return worked(request)

    vendor.worked = overtaken

    assert bearer(source) != "run-out"
    assert bearer(other) == bearer(source)
    assert not profile.kept(service).refused


@each
def test_a_sign_in_that_is_gone_says_so(profile: Profile, service: str) -> None:
    source = profile.process(service)
    profile.store.delete(service)

    with pytest.raises(SignInNeeded, match="any more") as caught:
        source.headers()

    assert f"invoicesync auth {service}" in caught.value.hint


@pytest.mark.parametrize("service", ["keap", "qbo"])
def test_a_client_secret_that_was_changed_is_named(profile: Profile, service: str) -> None:
    vendor = profile.vendor(service)
    app = vendor.sign_in.apps[CLIENT_ID]
    vendor.sign_in.apps[CLIENT_ID] = replace(app, secret="renewed")

    with pytest.raises(SignInNeeded, match="refused the client id or secret") as caught:
        profile.process(service).headers()

    assert caught.value.code == "wrong-client"
    assert not profile.kept(service).refused


def test_a_process_that_hangs_is_not_waited_for_for_ever(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoicesync_cli.auth.refresh.LOCK_PATIENCE", 0.1)
    path = profile.paths.state.with_name("sign-in-xero.lock")

    with lock.held(path, 1, "test"), pytest.raises(TryLater, match="for too long"):
        profile.process("xero").headers()

    assert bearer(profile.process("xero")) != "run-out"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Starts programs of their own, against a sandbox on loopback."""
    found = Profile(tmp_path, Clock())
    with serving(found.box.vendors) as roots:
        found.roots = roots
        for service in SERVICES:
            found.sign_in(service)
        for name, value in {
            "HOME": str(tmp_path),
            **{f"{name.upper()}_ROOT": root for name, root in roots.items()},
            "KEAP_CLIENT_SECRET": CLIENT_SECRET,
            "QBO_CLIENT_SECRET": CLIENT_SECRET,
        }.items():
            monkeypatch.setenv(f"INVOICESYNC_{name}", value)
        (tmp_path / "config.toml").write_text(
            '[auth]\nstorage = "file"\n[xero]\nclient_id = "x"\ntax_type = "OUTPUT2"\n'
            'zero_tax_type = "ZERORATEDOUTPUT"\n[payments]\naccount = "090"\n'
        )

        def start(script: str = "", *typed: str) -> subprocess.Popen[str]:
            program = ["-c", script] if script else ["-m", "invoicesync_cli"]
            return subprocess.Popen(
                [sys.executable, *program, *typed],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=dict(os.environ),
            )

        start.profile = found  # type: ignore[attr-defined]
        yield start


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    out, err = process.communicate(timeout=90)
    return process.returncode, out + err


KILLED = """
import os, signal, sys
from invoicesync_cli.auth import refresh
from invoicesync_cli.__main__ import main
write = refresh.write_sign_in
def killed(store, sign_in):
    if sign_in.service == {service!r}:
        os.kill(os.getpid(), signal.SIGKILL)
    write(store, sign_in)
refresh.write_sign_in = killed
main(["sync", "--dry-run", "--max-invoices", "1"])
"""


def test_two_programs_at_the_same_moment(served: Any) -> None:
    profile: Profile = served.profile
    arguments = ("sync", "--dry-run", "--json", "--max-invoices", "1")

    ends = [finish(program) for program in [served("", *arguments) for _ in range(2)]]

    for code, text in ends:
        assert code in {0, 3}, text
        assert '"error": null' in text
    assert len(profile.refreshes("keap")) == len(profile.refreshes("xero")) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such kill")
def test_a_kill_between_xeros_answer_and_our_write_mends_itself(served: Any) -> None:
    profile: Profile = served.profile
    before = profile.kept("xero").refresh_token

    assert finish(served(KILLED.format(service="xero")))[0] == -signal.SIGKILL
    assert len(profile.refreshes("xero")) == 1
    assert profile.kept("xero").refresh_token == before

    code, text = finish(served("", "sync", "--dry-run", "--max-invoices", "1"))
    assert code in {0, 3}, text
    assert profile.kept("xero").refresh_token != before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such kill")
@pytest.mark.parametrize(("service", "later"), [("xero", HALF_AN_HOUR + 60), ("keap", 0)])
def test_a_kill_that_cannot_be_mended_says_what_to_do(
    served: Any, service: str, later: int
) -> None:
    profile: Profile = served.profile
    assert finish(served(KILLED.format(service=service)))[0] == -signal.SIGKILL
    profile.box.clock.advance(later)

    code, text = finish(served("", "sync", "--dry-run", "--json", "--max-invoices", "1"))

    error = json.loads(text)["error"]
    assert (code, error["code"]) == (4, "sign-in-expired")
    assert "cut off halfway" in error["hint"]
    assert f"invoicesync auth {service}" in error["hint"]
