"""`sync --scheduled`: a run as a schedule starts it, and who hears how it ended."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from invoicesync_cli.auth import Credentials
from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.failures import as_error
from invoicesync_cli.cli.mail_content import MailContext, about_run
from invoicesync_cli.cli.report import Report
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.config import Config, Problem, usable
from invoicesync_cli.errors import ConfigError, ExitCode, InvoiceSyncError, RunActive
from invoicesync_cli.notify.letter import message
from invoicesync_cli.notify.mail import deliver, smtp_password
from invoicesync_cli.notify.memory import AGAIN, Memory, recall, remember, undelivered
from invoicesync_cli.notify.occasions import Ended, When, after_mail, is_due, without_mail
from invoicesync_cli.notify.ping import ping
from invoicesync_cli.paths import Paths
from invoicesync_cli.state import Store
from invoicesync_cli.state.history import stamp
from invoicesync_cli.state.todo import Pages

MAIL_KEYS = ("email", "to", "from", "smtp_host", "smtp_port", "smtp_security", "smtp_user")
UNOPENED = "mailed-without-state"
"""The file beside a state that cannot be opened, whose time is that of the last mail about that."""


def scheduled(call: Call, work: Callable[[], Report], paused: Callable[[], Report]) -> Report:
    """Do `work` unless scheduled runs are paused; mail and ping, whatever the end is.

    Raises what `work` raises. What cannot be delivered is a warning.
    """
    notifier = Notifier(call)
    try:
        if _is_paused(call):
            notifier.paused()
            return paused()
        notifier.begin()
        report = work()
    except BaseException as error:
        for said in notifier.ended(as_error(error)):
            call.screen.note(said)
        raise
    report.messages += notifier.ended(None, report.exit_code, report.messages)
    return report


def _is_paused(call: Call) -> bool:
    """Whether the processing switch is off; nothing but the state is asked."""
    with Store.read(Workspace().paths(call).state) as state:
        return state.is_paused()


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


class Notifier:
    """Lets people and monitoring services know how a scheduled run ended, by what of the config
    can be read: also where it is wrong elsewhere, and the run did not even begin."""

    def __init__(self, call: Call) -> None:
        self._workspace, self._worded = Workspace(), call.for_profile
        self._paths = self._workspace.paths(call)
        self._config, problems = _usable(self._paths)
        wrong = {problem.key for problem in problems}
        right = "notify" not in wrong and wrong.isdisjoint(f"notify.{name}" for name in MAIL_KEYS)
        self._when: When = self._config.notify.email if right else "off"
        ping_works = wrong.isdisjoint({"notify", "notify.ping_url"})
        self._ping_url = self._config.notify.ping_url if ping_works else ""
        self._since: int | None = None

    def begin(self) -> None:
        """Note what was there before the run: what comes then is new, also if the run is killed."""
        with self._state() as state:
            if state and self._when != "off":
                memory = recall(state)
                if memory.since is None:
                    memory = replace(memory, since=state.history.last_event())
                self._since = memory.since
                if reported := self._reported():
                    # While it could not be opened a mail said so: now one says that it can.
                    memory = replace(
                        memory, failures={**memory.failures, UNOPENED: stamp(reported)}
                    )
                remember(state, memory)
                self._note.unlink(missing_ok=True)

    def paused(self) -> None:
        """Ping for a run that did nothing."""
        with contextlib.suppress(Exception), self._state() as state:
            self._finish(state, ExitCode.OK, lambda memory: memory)

    def ended(
        self,
        error: InvoiceSyncError | None,
        exit_code: ExitCode = ExitCode.OK,
        notes: Sequence[str] = (),
    ) -> list[str]:
        """Ping and mail about the end of the run: what could not be delivered, the first time."""
        try:
            with self._state() as state:
                ended = self._end(state, error)
                return self._finish(
                    state,
                    error.exit_code if error else exit_code,
                    lambda memory: self._mailed(state, memory, ended, notes),
                )
        except Exception as failed:  # noqa: BLE001 - what was booked is booked, whoever hears of it
            return [f"Warning: No mail could be made: {type(failed).__name__}."]

    @contextlib.contextmanager
    def _state(self) -> Iterator[Store | None]:
        """The state; None where it cannot be opened, or is not there and nobody wants mail."""
        state = None
        if self._when != "off" or self._paths.state.exists():
            with contextlib.suppress(InvoiceSyncError, OSError, sqlite3.Error):
                state = Store.open(self._paths.state)
        try:
            yield state
        finally:
            if state:
                state.close()

    def _end(self, state: Store | None, error: InvoiceSyncError | None) -> Ended:
        new: set[tuple[str, str]] = set()
        if state and self._since is not None and not isinstance(error, RunActive):
            new = state.history.needing_since(self._since)
        return Ended(now(), error, frozenset(new))

    def _finish(
        self, state: Store | None, exit_code: ExitCode, mailed: Callable[[Memory], Memory]
    ) -> list[str]:
        """Ping, mail and remember; the warnings that were not there before."""
        before = recall(state) if state else Memory()
        memory = before
        if self._ping_url:
            memory = memory.delivered(
                "ping", _timed(ping(self._workspace.network, self._ping_url, exit_code))
            )
        memory = mailed(memory)
        if state:
            remember(state, memory)
        return [
            undelivered(way, why)
            for way, why in memory.undelivered.items()
            if way not in before.undelivered
        ]

    def _mailed(
        self, state: Store | None, memory: Memory, ended: Ended, notes: Sequence[str]
    ) -> Memory:
        """Mail if there is a reason to; what is to be remembered of that, and of the run."""
        after = (
            memory.failed(ended.error, ended.at) if ended.error else replace(memory, failing=None)
        )
        if not is_due(self._when, memory, ended) or (
            state is None and self._reported_lately(ended)
        ):
            return without_mail(self._when, after, ended)
        books = self._books(state)
        try:
            letter = about_run(books, memory, ended, notes)
            credentials = self._credentials()
            settings = self._config.notify
            refused = deliver(settings, smtp_password(credentials), message(letter, settings))
        except InvoiceSyncError as error:
            return after.delivered("mail", _timed(f"{error.message} {error.hint}"))
        if state is None:
            # Where even that cannot be noted, every run that fails so is mailed.
            with contextlib.suppress(OSError):
                self._note.touch()
            return after
        last = state.history.last_event()
        return after_mail(self._when, after.delivered("mail", _timed(refused)), ended, last)

    def _books(self, state: Store | None) -> MailContext:
        ledger = self._config.sync.destination
        pages = Pages(ledger, "", rehearsed=True)
        if state:
            # Where the services are may be what is wrong.
            with contextlib.suppress(ConfigError):
                pages = self._workspace.pages(self._config, state)
        return MailContext(self._config, self._paths, pages, state, self._worded)

    def _credentials(self) -> Credentials:
        workspace = self._workspace
        return Credentials(self._config, self._paths, workspace.network, workspace.environ)

    @property
    def _note(self) -> Path:
        return self._paths.state.with_name(UNOPENED)

    def _reported(self) -> datetime | None:
        """When a mail went out last while the state could not be opened, UTC."""
        with contextlib.suppress(OSError):
            return datetime.fromtimestamp(self._note.stat().st_mtime, UTC)
        return None

    def _reported_lately(self, ended: Ended) -> bool:
        reported = self._reported()
        return reported is not None and timedelta(0) <= ended.at - reported < AGAIN


def _timed(why: str) -> str:
    """The reason with the time before it; blank for none."""
    return f"{stamp(now())} {why.strip()}" if why else ""


def _usable(paths: Paths) -> tuple[Config, list[Problem]]:
    """What can be used of the config; without one, nobody hears anything."""
    try:
        return usable(paths.config)
    except ConfigError:
        return Config(), []
