"""How far a command is, on a line at the bottom of a terminal."""

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from invoicesync_cli.cli.command import CURRENT, Call
from invoicesync_cli.cli.layout import is_terminal, print_line
from invoicesync_cli.progress import SILENT, ProgressListener, spoken

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import ProgressColumn, Task

    from invoicesync_cli.cli.report import Screen

BAR = 12
"""Characters of the bar: with the phase, the counts and the time the line has to fit into 80."""
SPACES = 6
"""Characters of the line that are spinner and spaces, without a bar."""


@contextlib.contextmanager
def progress(call: Call) -> Iterator[ProgressListener]:
    """Show how far the command is while the block runs: on stderr, and only on a terminal. What is
    announced is shown anywhere."""
    if call.screen.quiet or call.verbose > 1 or not is_terminal(sys.stderr):
        yield Announcements(call.screen)
        return
    with TerminalProgress(call.screen.err) as shown:
        call.progress = shown
        try:
            yield shown
        finally:
            call.progress = SILENT


@contextlib.contextmanager
def waits(for_what: str, seconds: float) -> Iterator[None]:
    """Show a wait on the line of the command that runs, if it has one."""
    with CURRENT.progress.waits(for_what, seconds):
        yield


class Announcements(ProgressListener):
    """What is announced, as lines beside the result; nothing with --quiet."""

    def __init__(self, screen: "Screen") -> None:
        self._screen = screen

    def announce(self, text: str) -> None:
        """Show it now."""
        self._screen.note(text)


class TerminalProgress(ProgressListener):
    """One line: the phase, a bar, how many of how many, and the time left or what is waited for.

    It goes away at its end. `clock` gives seconds, as `time.monotonic` does.
    """

    def __init__(
        self,
        console: "Console",
        clock: Callable[[], float] = time.monotonic,
        *,
        refreshes: bool = True,
    ) -> None:
        from rich.progress import Progress, SpinnerColumn

        self._clock = clock
        self._tasks: dict[str, Task] = {}
        self._waits: list[tuple[str, float]] = []
        self._progress = Progress(
            SpinnerColumn(),
            _column(lambda task: task.description),
            _column(self._bar),
            _column(lambda task: counted(task.completed, task.total)),
            _column(self._outlook),
            console=console,
            get_time=clock,
            auto_refresh=refreshes,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> "TerminalProgress":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def phase(self, what: str, total: int | None = None) -> None:
        """A phase begins, or goes on."""
        for task in self._tasks.values():
            self._progress.update(task.id, visible=False)
        known = self._tasks.get(what)
        if known is None:
            ident = self._progress.add_task(what, total=total)
            self._tasks[what] = next(item for item in self._progress.tasks if item.id == ident)
        else:
            more = None if total is None else (known.total or 0) + total
            self._progress.update(known.id, total=more, visible=True)
        self._progress.refresh()

    def advance(self, count: int) -> None:
        """So many more are done."""
        for task in self._tasks.values():
            if task.visible:
                self._progress.advance(task.id, count)
        self._progress.refresh()

    def announce(self, text: str) -> None:
        """Print it above the line."""
        print_line(self._progress.console, text, "")

    @contextlib.contextmanager
    def waits(self, for_what: str, seconds: float) -> Iterator[None]:
        """Show what is waited for, and how long still."""
        wait = (for_what, self._clock() + seconds)
        self._waits.append(wait)
        try:
            yield
        finally:
            self._waits.remove(wait)

    def _bar(self, task: "Task") -> "RenderableType":
        from rich.progress_bar import ProgressBar

        if task.total is None or self._waits:
            # The words of a wait need the place.
            return ""
        return ProgressBar(total=task.total, completed=task.completed, width=BAR)

    def _outlook(self, task: "Task") -> str:
        """The time left, what is waited for, or both where there is room."""
        remaining = task.time_remaining
        left = f"{spoken(remaining)} left" if remaining else ""
        # A lock here could wait for one that the display holds: a copy of the list needs none.
        longest = max(list(self._waits), key=lambda wait: wait[1], default=None)
        if longest is None:
            return left
        wait = f"waits for {longest[0]}, {max(1, math.ceil(longest[1] - self._clock()))} s"
        both = f"{left}; {wait}" if left else wait
        taken = len(task.description) + len(counted(task.completed, task.total)) + SPACES
        return both if taken + len(both) <= self._progress.console.width else wait


def _column(render: "Callable[[Task], RenderableType]") -> "ProgressColumn":
    from rich import table
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Column(ProgressColumn):
        def render(self, task: "Task") -> "RenderableType":
            found = render(task)
            return Text(found) if isinstance(found, str) else found

    return Column(table.Column(no_wrap=True))


def counted(done: float, total: float | None) -> str:
    """`200 of 1,000`; without a total what is done alone, once that is something."""
    if total is not None:
        return f"{done:,.0f} of {total:,.0f}"
    return f"{done:,.0f}" if done else ""
