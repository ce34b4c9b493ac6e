"""What every command has: the common options, and how its report is printed."""

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from invoicesync_cli import __version__
from invoicesync_cli.cli.completion import profiles
from invoicesync_cli.cli.help import CommandPage
from invoicesync_cli.cli.report import Report, Screen, envelope, write_json
from invoicesync_cli.errors import ExitCode, Interrupted
from invoicesync_cli.printable import printable
from invoicesync_cli.progress import SILENT, ProgressListener
from invoicesync_cli.streams import let_go

if TYPE_CHECKING:
    from invoicesync_cli.http.recording import Recorder

Function = TypeVar("Function", bound=Callable[..., object])
OptionTable = Mapping[str, tuple[Any, object]]
"""Options by their names: the type with what Typer has to know, and the default."""

COMMON: OptionTable = {
    "config": (
        Annotated[
            str | None, typer.Option("--config", metavar="PATH", help="The config file to use.")
        ],
        None,
    ),
    "profile": (
        Annotated[
            str | None,
            typer.Option(
                "--profile",
                metavar="NAME",
                help="A second company's own settings.",
                autocompletion=profiles,
            ),
        ],
        None,
    ),
    "json": (
        Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")],
        False,
    ),
    "quiet": (
        Annotated[bool, typer.Option("--quiet", "-q", help="Only what needs you.")],
        False,
    ),
    "verbose": (
        Annotated[
            int, typer.Option("--verbose", "-v", count=True, help="Say more; twice: every call.")
        ],
        0,
    ),
    "no_input": (
        Annotated[bool, typer.Option("--no-input", help="Never ask anything.")],
        False,
    ),
    "record": (
        Annotated[
            str | None,
            typer.Option(
                "--record",
                metavar="FILE",
                help="Write every call, masked, to a new file to send in.",
            ),
        ],
        None,
    ),
}
"""What every command has."""


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"invoicesync {__version__}\n")
        raise typer.Exit


VERSION: OptionTable = {
    "version": (
        Annotated[
            bool,
            typer.Option("--version", callback=_version, is_eager=True, help="Say the version."),
        ],
        False,
    ),
}
"""An option of every command too; with it nothing else is done."""


@dataclass
class Call:
    """One command as it was typed, and the screen it writes to."""

    words: tuple[str, ...] = ()
    config: str | None = None
    profile: str | None = None
    json: bool = False
    verbose: int = 0
    no_input: bool = False
    record: str | None = None
    acts: bool = False
    """Whether it does more than look: then its exit code says what became of that."""
    screen: Screen = field(default_factory=Screen)
    progress: ProgressListener = SILENT
    """What shows how far the command is."""
    for_profile: Callable[[str], str] = str
    """Words a hint with its commands for the profile in use."""
    _recorder: "Recorder | None" = None

    def begin(self, typed: list[str]) -> None:
        """Start anew, knowing of the command only what was typed so far."""
        self.words = _words(typed)
        self.config = self.profile = None
        self.json = "--json" in typed
        self.verbose = 0
        self.record = None
        self.acts = False
        self.screen = Screen()

    def take(self, values: dict[str, Any]) -> None:
        """Take over the common options."""
        self.config = values["config"]
        self.profile = values["profile"]
        self.json = values["json"]
        self.verbose = values["verbose"]
        self.no_input = values["no_input"]
        self.record = values["record"]
        self.screen = Screen(
            quiet=values["quiet"] or self.json, verbose=self.verbose, worded=self.for_profile
        )
        if self.verbose > 1:
            _log_calls()

    def recorder(self) -> "Recorder | None":
        """What writes down the calls, where that was asked for. Raises `UsageError`."""
        if self.record and self._recorder is None:
            from invoicesync_cli.http.recording import Recorder

            self._recorder = Recorder(Path(self.record))
        return self._recorder

    def end(self) -> None:
        """Close the recording, and say where it is."""
        if self._recorder:
            self._recorder.close()
            self._recorder = None
            self.screen.note(f"Recorded, with names and secrets masked: {self.record}")


CURRENT = Call()
"""The call of this process; the error boundary reads it."""

AGAIN = "Nothing is half done. Run the same command again to go on."


class _Page(CommandPage):
    everywhere = frozenset({*COMMON, *VERSION})


ROOT: dict[str, Any] = {}
"""Common options typed before the command."""

_GROUPS = {"config", "auth", "notify", "schedule"}


def _words(typed: list[str]) -> tuple[str, ...]:
    """The command words of a command line that may be wrong."""
    words: list[str] = []
    before = ""
    for word in typed:
        if not word.startswith("-") and before not in {"--config", "--profile", "--record"}:
            words.append(word)
        before = word
    return tuple(words[:2] if words and words[0] in _GROUPS else words[:1])


def _log_calls() -> None:
    import logging

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            sys.stderr.write(printable(self.format(record)) + "\n")

    logger = logging.getLogger("invoicesync")
    logger.handlers = [Handler()]
    logger.setLevel(logging.DEBUG)
    logger.propagate = False


def command(
    app: typer.Typer, words: str, **settings: Any
) -> Callable[[Callable[..., Report]], Callable[..., None]]:
    """Make a function a command with the common options.

    It gets a `Call` and its own options, and returns a `Report`, which is printed here.
    """
    parts = tuple(words.split())

    def register(function: Callable[..., Report]) -> Callable[..., None]:
        own = list(inspect.signature(function).parameters.values())[1:]

        @functools.wraps(function)
        def wrapper(**values: Any) -> None:
            CURRENT.words = parts
            values.pop("version")
            CURRENT.take(
                {
                    name: values.pop(name) or ROOT.get(name) or default
                    for name, (_, default) in COMMON.items()
                }
            )
            try:
                report = function(CURRENT, **values)
            except KeyboardInterrupt:
                # Typer would end with 130 and not a word.
                raise Interrupted(AGAIN) from None
            try:
                _finish(CURRENT, report)
            except KeyboardInterrupt:
                # What the result is now nothing more can make whole, a second one least of all.
                let_go(sys.stdout, sys.stderr)
                raise typer.Exit(int(ExitCode.INTERRUPTED)) from None

        keywords = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in own]
        takes(wrapper, [*keywords, *parameters({**COMMON, **VERSION})])
        app.command(parts[-1], cls=_Page, **settings)(wrapper)
        return wrapper

    return register


def parameters(options: OptionTable) -> list[inspect.Parameter]:
    """Options as a function declares them."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(name, keyword, default=default, annotation=kind)
        for name, (kind, default) in options.items()
    ]


def takes(function: Function, declared: Sequence[inspect.Parameter]) -> Function:
    """Declare the options of a function that takes keywords; Typer reads its signature."""
    vars(function)["__signature__"] = inspect.Signature(declared)
    function.__annotations__ = {item.name: item.annotation for item in declared}
    return function


def show(call: Call, report: Report) -> None:
    """Print a report for a person; with `--json`, of which there is one document, nothing."""
    if call.json:
        return
    for message in report.messages:
        call.screen.note(message)
    with call.screen.paged() if report.long else contextlib.nullcontext():
        report.text(call.screen)


def _finish(call: Call, report: Report) -> None:
    if report.printed:
        return
    if call.json:
        name = " ".join(call.words)
        write_json(envelope(name, report.exit_code, report.data, report.messages))
    show(call, report)
    if report.exit_code is not ExitCode.OK:
        raise typer.Exit(int(report.exit_code))


def group(help_text: str) -> typer.Typer:
    """A group of commands such as `config show`."""
    return typer.Typer(help=help_text, rich_markup_mode=None)
