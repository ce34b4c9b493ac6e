"""`serve`: answers QuickBooks' Web Connector, and does what is due when it comes."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from invoicesync_cli.cli.command import Call, command, show
from invoicesync_cli.cli.failures import as_error
from invoicesync_cli.cli.report import Report
from invoicesync_cli.errors import ConfigError, Interrupted
from invoicesync_cli.patience import LISTENING
from invoicesync_cli.vendors import VENDORS

if TYPE_CHECKING:
    from invoicesync_cli.config import Config
    from invoicesync_cli.load.qbd.web_connector.sessions import Sessions

EARLY = 0.1
"""The part of the interval by which a poll may come early, as timers do, and still be due."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "serve", help="Answer QuickBooks Desktop's Web Connector until Ctrl-C (preview).")
    def _serve(call: Call) -> Report:
        from invoicesync_cli.cli.workspace import Workspace
        from invoicesync_cli.load.registry import answering

        workspace = Workspace()
        loaded = workspace.config(call)
        section = _polled(loaded.config)
        call.acts = True
        credentials = workspace.credentials(call, loaded)
        state_path = workspace.paths(call).state
        due = Due(section.poll_seconds, lambda: _paused(state_path))
        data = {"listen": section.listen, "url": section.app_url, "every": section.every}
        try:
            with answering(credentials, due) as sessions:
                due.sessions = sessions
                _announce(call, data)
                _go_on(call, due)
        except (KeyboardInterrupt, Interrupted):
            call.screen.note("The Web Connector is not answered any more.")
        return Report(data, lambda _: None, printed=True)


def _polled(config: "Config") -> Any:
    """The section of the ledger that comes and asks. Raises `ConfigError` for another one."""
    section = config.vendor(config.sync.destination)
    if not section.polled:
        title = VENDORS[config.sync.destination].title
        raise ConfigError(
            f"There is nothing to serve: {title} is asked, and does not come, by this config.",
            hint="serve is for QuickBooks Desktop by the Web Connector; for others: invoicesync "
            "schedule install",
            code="nothing-to-serve",
        )
    return section


class Due:
    """Whether a run is due when the Web Connector comes; if it is, it is begun."""

    sessions: "Sessions"

    def __init__(
        self, every: float, paused: Callable[[], bool], clock: Callable[[], float] = time.time
    ) -> None:
        """`every` are the seconds between two runs."""
        self.begins = threading.Event()
        self._every = every * (1 - EARLY)
        self._paused = paused
        self._clock = clock
        self._last: float | None = None
        self._session = contextlib.ExitStack()

    def __call__(self) -> bool:
        """Is asked by the service, in a thread of its own."""
        now = self._clock()
        # A clock that was set back is no reason to wait.
        waits = self._last is not None and 0 <= now - self._last < self._every
        if waits or self._paused():
            return False
        self._last = now
        # The session is open before the run has come so far as to need it.
        self._session.enter_context(self.sessions.run())
        self.begins.set()
        return True

    def done(self) -> None:
        """The run has ended, and the session with it."""
        self.begins.clear()
        self._session.close()
        self.sessions.ended()


def _go_on(call: Call, due: Due) -> None:
    """Do a run whenever one is due, for ever."""
    from invoicesync_cli.cli.sync import scheduled_run

    while True:
        # On Windows nothing interrupts a wait that has no end.
        if not due.begins.wait(LISTENING):
            continue
        try:
            show(call, scheduled_run(call))
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 - the next run may do better, and is not lost
            found = as_error(error)
            call.screen.note(f"invoicesync: {found.message}", style="bold red")
            if found.hint:
                call.screen.note(call.for_profile(found.hint))
        due.done()


def _paused(path: Any) -> bool:
    from invoicesync_cli.state import Store

    with Store.read(path) as state:
        return state.is_paused()


def _announce(call: Call, data: dict[str, Any]) -> None:
    """Print at once where the Web Connector is answered: the command goes on after that."""
    from invoicesync_cli.cli.report import envelope, write_json
    from invoicesync_cli.errors import ExitCode

    if call.json:
        write_json(envelope("serve", ExitCode.OK, data))
        sys.stdout.flush()
        return
    call.screen.line(f"Answering the Web Connector at {data['url']}/qbwc (preview).")
    call.screen.note(
        f"It comes by itself; a run is due every {data['every']}. At once: click Update Selected "
        "in its window. Ctrl-C ends this."
    )
