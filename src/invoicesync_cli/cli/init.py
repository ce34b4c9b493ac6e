"""`init`: asks the first-time questions and writes the config; the same by options alone."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from invoicesync_cli.cli.command import Call, command, parameters, takes
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.setting_options import OPTIONS, parameter_of, setting_options
from invoicesync_cli.errors import ExitCode, Interrupted, InvoiceSyncError, UsageError

if TYPE_CHECKING:
    from invoicesync_cli.cli.first_questions import FirstQuestions
    from invoicesync_cli.cli.interview import Interview
    from invoicesync_cli.config.draft import ConfigDraft

EPILOG = (
    "What an option answers is not asked. With --no-input nothing is asked: what is not given "
    "stays as it is in the config, or by default."
)


def register(app: typer.Typer) -> None:
    """Add the command."""

    def init(call: Call, **values: Any) -> Report:
        return _init(call, dict(_typed(values)))

    takes(
        init,
        [
            inspect.Parameter("call", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            *parameters(setting_options()),
        ],
    )
    command(app, "init", help="Ask the first-time questions and write the config.", epilog=EPILOG)(
        init
    )


def _typed(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The settings that were given as options. Raises `UsageError`."""
    for key in OPTIONS:
        value = values[parameter_of(key)]
        if isinstance(value, list):
            for item in value:
                name, found, inner = item.partition("=")
                if not found or not name.strip():
                    raise UsageError(
                        f"{OPTIONS[key].name}: {item!r} names no account.",
                        hint="Write it as NAME=ACCOUNT, such as Stripe=091.",
                    )
                yield f"{key}.{name.strip()}", inner.strip()
        elif value is not None:
            yield key, value


def _init(call: Call, typed: dict[str, Any]) -> Report:
    from invoicesync_cli.cli.first_questions import FirstQuestions
    from invoicesync_cli.cli.interview import Interview, option_of
    from invoicesync_cli.cli.prompt import Terminal
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.config.draft import ConfigDraft

    draft = ConfigDraft.of(Workspace().paths(call).config)
    interview = Interview(draft, Terminal(call.no_input), typed)
    with _kept(call, draft):
        asked = FirstQuestions(call, interview)
        asked.ask()
        if interview.missing:
            names = ", ".join(map(option_of, interview.missing))
            raise UsageError(
                f"These are needed, and --no-input forbids to ask: {names}",
                hint="See invoicesync init --help, or run it without --no-input.",
                code="input-needed",
            )
        changes = draft.changes()
        if draft.complete and changes and not _agreed(interview, changes):
            return _unchanged(asked)
    if changes:
        draft.save()
    return _written(asked, changes)


@contextlib.contextmanager
def _kept(call: Call, draft: "ConfigDraft") -> Iterator[None]:
    """Keep what was answered when the questions end early.

    A file that works already is left as it is: half of new answers could make a run go wrong.
    """
    try:
        yield
    except (KeyboardInterrupt, InvoiceSyncError) as error:
        if call.no_input or draft.complete or not draft.changes():
            kept = "Nothing was changed"
        else:
            draft.save()
            kept = f"What was answered so far is kept in {draft.path}"
        if isinstance(error, KeyboardInterrupt | Interrupted):
            raise Interrupted(f"{kept}; invoicesync init begins again from there.") from None
        if not call.no_input:
            error.hint = f"{error.hint} {kept}.".strip()
        raise


def _agreed(interview: "Interview", changes: dict[str, tuple[Any, Any]]) -> bool:
    """Whether a file that works already may be changed; options alone mean that it may."""
    if interview.terminal.no_input:
        return True
    say = interview.terminal.say
    say("\nThis would change in the config:")
    for key, (before, after) in changes.items():
        say(f"  {key}: {'not set' if before is None else repr(before)} -> {after!r}")
    return interview.terminal.agrees("Write it?", default=True)


def _unchanged(asked: "FirstQuestions") -> Report:
    data = {
        "path": str(asked.interview.draft.path),
        "written": {},
        "signed_in": asked.signed_in,
        "findings": [],
        "next": [],
    }
    return Report(data, lambda screen: screen.line("Nothing was changed."))


def _written(asked: "FirstQuestions", changes: dict[str, tuple[Any, Any]]) -> Report:
    from invoicesync_cli.cli.config import findings_of

    draft = asked.interview.draft
    findings, code = findings_of(draft.path)
    left = asked.left(findings)
    data = {
        "path": str(draft.path),
        "written": {key: after for key, (_, after) in changes.items()},
        "signed_in": asked.signed_in,
        "findings": findings,
        "next": [{"command": typed, "why": why} for typed, why in left],
    }

    def text(screen: Screen) -> None:
        done = "Written" if changes else "Nothing to change in"
        screen.line(f"{done}: {draft.path}", style="bold")
        for finding in findings:
            screen.line(f"{finding['where']}: {finding['message']} {finding['hint']}")
        screen.line()
        screen.line("What is left to do:", style="bold")
        for number, (typed, why) in enumerate(left, 1):
            screen.line(f" {number}. {why}", hang=len(f"{number}. "))
            if typed:
                screen.line(f"      {typed}")

    return Report(data, text, code if code is ExitCode.CONFIG else ExitCode.OK)
