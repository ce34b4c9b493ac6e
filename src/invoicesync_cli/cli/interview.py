"""Asking for settings at a terminal, or taking them from options: one question, one answer."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from invoicesync_cli.cli.prompt import Terminal
from invoicesync_cli.config.draft import ConfigDraft, WrongAnswer
from invoicesync_cli.errors import ConfigError, UsageError
from invoicesync_cli.load.questions import Asked, Choice, OptionalQuestions, Question

SHOWN = 9
"""Entries of a list that are shown at a time."""
EVERYTHING = "*"
WIDE = 30
"""Letters of the longest label up to which a text goes on below where it began."""
HANG = 3
"""How far to the right of its number an entry goes on otherwise."""
WORD = 3
"""Letters that a word has to have to be looked for in what the answers mean."""


@dataclass
class Interview:
    """Whoever answers, and the draft that the answers go into.

    `typed` are the options by their settings: what is there is not asked. Without a person, what
    is needed and nowhere is remembered in `missing`.
    """

    draft: ConfigDraft
    terminal: Terminal
    typed: Mapping[str, Any]
    missing: list[str] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def ask_all(self, questions: Iterable[Asked]) -> None:
        """Ask one after another; what comes later may depend on what was answered."""
        for asked in questions:
            if isinstance(asked, OptionalQuestions):
                self._ask_optional(asked)
            else:
                self.ask(asked)

    def ask(self, question: Question) -> Any:
        """The answer, which is in the draft from then on.

        Raises `UsageError` when there is nobody to answer any more, `ConfigError` for an option
        that names what the ledger does not have.
        """
        if question.key in self.typed:
            self._used.add(question.key)
            value = self._of_option(question, self.typed[question.key])
        elif self.terminal.no_input:
            value = self._unasked(question)
        else:
            value = self._asked(question)
        if value in question.warnings and not self.terminal.no_input:
            self.terminal.say(question.warnings[value])
        return value

    def take_rest(self) -> None:
        """Take the options that no question was about this time; they were meant all the same."""
        for key in self.typed:
            if key not in self._used:
                self.ask(Question(key, key, blank="not set"))

    def _ask_optional(self, asked: OptionalQuestions) -> None:
        keys = [question.key for question in asked.questions]
        given = any(key in self.typed for key in keys)
        if given or self.terminal.no_input:
            wanted = [item for item in asked.questions if item.key in self.typed]
        elif self.terminal.agrees(asked.text, default=any(map(self.draft.has, keys))):
            wanted = list(asked.questions)
        else:
            wanted = []
        self.ask_all(wanted)

    def _of_option(self, question: Question, typed: Any) -> Any:
        option = option_of(question.key)
        value = question.reads(typed) if isinstance(typed, str) else typed
        if question.closed and typed != "":
            found = _exactly(question.choices, str(typed))
            if not found:
                raise _unknown(question, option, str(typed))
            value = _as_typed(found.value, self.draft.value(question.key))
        try:
            self.draft.answer(question.key, value)
        except WrongAnswer as error:
            raise UsageError(f"{option}: {error.what}", hint=error.hint) from None
        return value

    def _unasked(self, question: Question) -> Any:
        """What is set; what a list offers first is a guess that nobody has seen."""
        value = self.draft.value(question.key)
        if value == "":
            if not question.blank:
                self.missing.append(question.key)
        elif question.closed and not _exactly(question.choices, str(value)):
            raise _unknown(question, question.key, str(value))
        return value

    def _asked(self, question: Question) -> Any:
        default = self._default(question)
        self.terminal.say("")
        for text in filter(None, (question.explain, question.text)):
            self.terminal.say(text)
        self._show(question.choices)
        what = "Number, code or name" if question.closed and question.what else ""
        what = what or ("Number" if question.closed else "Answer")
        shown = question.choices[:SHOWN]
        while True:
            stands = _stands(question, default)
            typed = self.terminal.answer(f"{what}{f' [{stands}]' if stands else ''}: ")
            if typed is None:
                raise UsageError(
                    f"{question.text.rstrip('?')}: an answer is needed, and none is to come.",
                    hint=f"Give it with {option_of(question.key)}.",
                    code="input-needed",
                )
            if typed in {"-", "none"} and question.blank:
                value: Any = ""
            elif typed == "":
                value = default
            elif question.choices:
                found, shown = self._picked(question, typed, shown)
                if found is None:
                    continue
                value = found
            else:
                value = question.reads(typed)
            if value == "" and not question.blank:
                self.terminal.say("This needs an answer; Ctrl-C ends.")
                continue
            try:
                self.draft.answer(question.key, _as_typed(value, self.draft.value(question.key)))
            except WrongAnswer as error:
                self.terminal.say(f"{error.what} {error.hint}")
                continue
            return self.draft.value(question.key)

    def _default(self, question: Question) -> Any:
        """What Enter takes: what is set and still likely, else a guess, else the setting's own
        default."""
        if question.instead:
            return question.instead
        value = self.draft.value(question.key)
        fits = not question.closed or _exactly(question.choices, str(value)) or value == ""
        if self.draft.has(question.key) and value != "":
            if fits:
                return value
            self.terminal.say(f"{question.key} is {value!r} now, and there is no such entry.")
            return question.default
        return question.default or (value if fits else "")

    def _picked(
        self, question: Question, typed: str, shown: Sequence[Choice]
    ) -> tuple[str | None, Sequence[Choice]]:
        """What was meant, None while that is not clear; and the entries that numbers stand for."""
        exact = _exactly(question.choices, typed)
        if exact:
            return exact.value, shown
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(shown):
            return shown[int(typed) - 1].value, shown
        if typed == EVERYTHING:
            found = list(question.choices)
        elif question.what or len(typed) >= WORD:
            found = [item for item in question.choices if _contains(item, typed)]
        else:
            found = []
        if len(found) == 1:
            self.terminal.say(_line(found[0]))
            return found[0].value, shown
        if not found and not question.closed:
            return typed, shown
        if not found:
            near = _meant(question.choices, typed)
            self.terminal.say(f"There is no {question.what or 'such answer'} {typed!r}.{near}")
            return None, shown
        self._show(found, at_most=len(found))
        return None, found

    def _show(self, choices: Sequence[Choice], at_most: int = SHOWN) -> None:
        width = max((len(item.label) for item in choices[:at_most]), default=0)
        for number, item in enumerate(choices[:at_most], 1):
            text = "" if item.text == item.label else item.text
            label = f"{number:>2}  {item.label:<{width}}  "
            hang = len(label.lstrip()) if width <= WIDE else HANG
            self.terminal.say(f"  {label}{text}".rstrip(), hang)
        more = len(choices) - at_most
        if more > 0:
            self.terminal.say(
                f"      and {more} more: type a part of the name, or {EVERYTHING} for all"
            )


def option_of(key: str) -> str:
    """The option that answers the question about a setting."""
    from invoicesync_cli.cli.setting_options import OPTIONS

    return OPTIONS[".".join(key.split(".")[:2])].name.partition("/")[0]


def _stands(question: Question, default: Any) -> str:
    """What Enter takes, as the list shows it; blank where nothing does."""
    if default == "":
        return f"none: {question.blank}" if question.blank else ""
    found = _exactly(question.choices, str(default))
    return found.label if found else str(default)


def _unknown(question: Question, name: str, value: str) -> ConfigError:
    """The error for a value that is none of those that there are."""
    return ConfigError(
        f"{name}: there is no {question.what or 'such value'} {value!r}."
        f"{_meant(question.choices, value)}",
        hint=f"There are: {_listed(question.choices)}. Choose with {option_of(question.key)}.",
        code=question.unknown or "config",
    )


def _exactly(choices: Sequence[Choice], typed: str) -> Choice | None:
    """The choice of this value, or that goes by this word alone."""
    wanted = typed.strip().casefold()
    for item in choices:
        if item.value.casefold() == wanted:
            return item
    named = [item for item in choices if wanted in map(str.casefold, (item.text, *item.words))]
    return named[0] if len(named) == 1 and wanted else None


def _contains(item: Choice, typed: str) -> bool:
    wanted = typed.casefold()
    return any(wanted in text.casefold() for text in (item.value, item.text, *item.words))


def _meant(choices: Sequence[Choice], typed: str) -> str:
    names = {text: item for item in choices for text in (item.value, item.text) if text}
    near = difflib.get_close_matches(typed, names, 1, 0.6)
    return f" Did you mean {_line(names[near[0]])}?" if near else ""


def _listed(choices: Sequence[Choice]) -> str:
    more = len(choices) - SHOWN
    return ", ".join(map(_line, choices[:SHOWN])) + (f" and {more} more" if more > 0 else "")


def _line(item: Choice) -> str:
    return item.label if item.text == item.label else f"{item.label} {item.text}".strip()


def _as_typed(value: Any, now: Any) -> Any:
    """A typed number for a setting that is a number, and a yes or no for one that is either."""
    if isinstance(now, bool):
        return value == "true" if isinstance(value, str) else value
    if isinstance(now, int) and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return value
