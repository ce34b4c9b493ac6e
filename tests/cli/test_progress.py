"""How far a command is, as a terminal shows it."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.progress import TerminalProgress
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.progress import ProgressListener, spoken
from invoicesync_cli.sync import Options
from invoicesync_cli.sync import run as run_once
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run, at_terminal
from tests.kits.rehearsal import Rehearsal


class Terminal:
    """A line at the bottom of a terminal of 80 columns, and a clock that tests own."""

    def __init__(self, columns: int = 80) -> None:
        self.seconds = 0.0
        from rich.console import Console

        self._written = io.StringIO()
        console = Console(file=self._written, force_terminal=True, width=columns, color_system=None)
        self.progress = TerminalProgress(console, lambda: self.seconds, refreshes=False)

    def line(self) -> str:
        """What the line says now."""
        self._written.truncate(0)
        self._written.seek(0)
        self.progress._progress.refresh()
        shown = [part for part in self._written.getvalue().split("\r") if part.strip()]
        return shown[-1].replace("\x1b[2K", "").strip()


def test_a_phase_says_how_many_of_how_many_and_how_long_still() -> None:
    terminal = Terminal()
    with terminal.progress as progress:
        progress.phase("Sending invoices", 1000)
        assert "Sending invoices" in terminal.line()
        assert "0 of 1,000" in terminal.line()
        for _ in range(2):
            terminal.seconds += 3
            progress.advance(200)
        line = terminal.line()

    assert "400 of 1,000" in line
    assert line.endswith("9 s left")
    assert len(line) < 80


def test_a_phase_that_comes_again_goes_on() -> None:
    terminal = Terminal()
    with terminal.progress as progress:
        progress.phase("Sending invoices", 1000)
        progress.advance(1000)
        progress.phase("Sending payments", 800)
        assert "Sending invoices" not in terminal.line()
        progress.phase("Sending invoices", 1000)
        progress.advance(50)
        assert "1,050 of 2,000" in terminal.line()


def test_without_a_total_what_is_done_is_counted() -> None:
    terminal = Terminal()
    with terminal.progress as progress:
        progress.phase("Reading Keap's orders")
        assert terminal.line().endswith("Reading Keap's orders")
        progress.advance(1500)
        assert "Reading Keap's orders  1,500" in " ".join(terminal.line().split(" "))


def test_a_wait_says_for_what_and_counts_down() -> None:
    terminal = Terminal()
    with terminal.progress as progress:
        progress.phase("Sending credit notes", 100_000)
        progress.advance(99_000)
        with progress.waits("QuickBooks' minute", 59.4):
            assert terminal.line().endswith("waits for QuickBooks' minute, 60 s")
            terminal.seconds += 47.4
            with progress.waits("Keap's minute", 2.0):
                assert terminal.line().endswith("waits for QuickBooks' minute, 12 s")
        assert "waits" not in terminal.line()


def test_a_wait_leaves_the_time_left_where_there_is_room() -> None:
    terminal = Terminal()
    with terminal.progress as progress:
        progress.phase("Sending invoices", 1000)
        for _ in range(2):
            terminal.seconds += 3
            progress.advance(200)
        with progress.waits("Xero's minute", 12.0):
            line = terminal.line()

    assert line.endswith("400 of 1,000 9 s left; waits for Xero's minute, 12 s")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (12, "12 s"), (240, "4 min"), (7500, "2 h 5 min")]
)
def test_time_is_said_in_words(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


@dataclass
class Heard(ProgressListener):
    """What a command has said, each with how many invoices Xero had by then."""

    r: Rehearsal
    phases: list[str] = field(default_factory=list)
    sent: list[tuple[int, int]] = field(default_factory=list)
    waited: list[tuple[str, float]] = field(default_factory=list)

    def phase(self, what: str, total: int | None = None) -> None:
        self.phases.append(what if total is None else f"{what}: {total}")

    def advance(self, count: int) -> None:
        if self.phases[-1].startswith("Sending invoices"):
            before = self.sent[-1][0] if self.sent else 0
            self.sent.append((before + count, len(self.r.xero.invoices)))

    @contextlib.contextmanager
    def waits(self, for_what: str, seconds: float) -> Iterator[None]:
        self.waited.append((for_what, round(seconds)))
        yield


def hear(r: Rehearsal) -> Heard:
    """A run, and what it has said meanwhile."""
    heard = Heard(r)
    r.network.waiting = heard.waits
    world = Workspace(r.environ, r.network)
    with world.run(Call(), {}, dry_run=False, progress=heard) as resources:
        run_once(resources, Options())
    return heard


def test_a_run_says_what_it_does_and_how_much_of_it_is_done(home: Path) -> None:
    rehearsal = Rehearsal(home)
    before = len(rehearsal.xero.invoices)
    for _ in range(420):
        rehearsal.order()

    heard = hear(rehearsal)

    assert heard.phases == [
        "Reading Xero's settings",
        "Looking for changes in Xero",
        "Reading Keap's orders",
        "Matching contacts",
        "Creating contacts: 420",
        "Sending invoices: 420",
    ]
    # Inside the chunk too, and never more than the ledger has.
    assert [done for done, _ in heard.sent] == [50, 100, 150, 200, 250, 300, 350, 400, 420]
    assert all(done <= there - before for done, there in heard.sent)
    # Sixty calls a minute: some had to wait.
    assert {name for name, _ in heard.waited} == {"Xero's minute"}


def test_progress_is_for_a_terminal_only(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Sending" not in run("sync-id", "1048").err
    at_terminal(monkeypatch)

    assert "Sending invoices" in run("sync-id", "1047").err
    assert "Sending" not in run("sync-id", "1002", "--json").err
    assert "Sending" not in run("sync-id", "1003", "-q").err
