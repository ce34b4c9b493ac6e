"""Asking whoever sits at the terminal, or reading what is piped in."""

import os
import select
import sys
import textwrap
from dataclasses import dataclass, field
from shutil import get_terminal_size

from invoicesync_cli.cli.layout import is_terminal
from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.printable import printable, printable_lines

CHUNK = 65536


@dataclass
class Terminal:
    """Standard input and error. With `no_input` nobody is asked anything.

    Lines are read from the file descriptor itself: what Python's own buffer holds would not show
    when waiting for the next line.
    """

    no_input: bool = False
    _left: bytes = field(default=b"", repr=False)
    _ended: bool = False

    @property
    def at_terminal(self) -> bool:
        """Whether somebody is there to be asked."""
        return not self.no_input and sys.stdin is not None and sys.stdin.isatty()

    def say(self, text: str, hang: int = 0) -> None:
        """Say something that is needed to go on; shown with --quiet and --json too. At a terminal
        a line goes on below itself, `hang` further to the right."""
        lines = printable_lines(text).split("\n")
        if is_terminal(sys.stderr):
            lines = [_whole_words(line, hang) for line in lines]
        sys.stderr.write("\n".join(lines) + "\n")
        sys.stderr.flush()

    def line(self, question: str, seconds: float) -> str:
        """A line, waited for up to `seconds` where the system can see that there is none yet.

        Raises `SignInNeeded` when there is none to come.
        """
        if self.no_input:
            raise _nobody(question)
        if self.at_terminal:
            self._prompt(question)
        found = self._read_line(seconds)
        if not found.strip():
            raise SignInNeeded(
                "Nothing was entered.",
                hint="Start again, and paste what was asked for.",
                code="nothing-entered",
            )
        return found.strip()

    def answer(self, question: str) -> str | None:
        """What is typed after a question, blank for Enter alone; None when nobody can be asked, or
        there is nothing more to come."""
        if self.no_input:
            return None
        self._prompt(question)
        found = self._read_line(None)
        ended = self._ended and not found
        if ended or not self.at_terminal:
            self.say("" if ended else printable(found))
        return None if ended else found.strip()

    def agrees(self, question: str, *, default: bool) -> bool:
        """Yes or no; the default for Enter alone, and no where there is nobody to ask."""
        words = {"y": True, "yes": True, "n": False, "no": False, "": default}
        while True:
            typed = self.answer(f"{question} [{'Y/n' if default else 'y/N'}] ")
            if typed is None:
                return False
            if typed.casefold() in words:
                return words[typed.casefold()]
            self.say("Please type y for yes or n for no.")

    def early_line(self) -> str | None:
        """A line that is there already; None while there is none, and for ever without a person."""
        if self.no_input or self._ended or os.name == "nt" or not self._waiting(0):
            return None
        found = self._read_line(1.0)
        return found.strip() or None

    def secret(self, question: str, variable: str, *, piped: bool) -> str:
        """A line that is not shown while it is typed. Raises `SignInNeeded` without one.

        With `no_input` it is read only from a pipe, and only where `piped` says that it was meant
        to come that way.
        """
        if self.at_terminal:
            import getpass

            found = getpass.getpass(question)
        elif self.no_input and (not piped or sys.stdin is None or sys.stdin.isatty()):
            found = ""
        else:
            found = self._read_line(3600.0)
        if not found.strip():
            raise SignInNeeded(
                f"{question.rstrip(': ')} is needed, and there is none.",
                hint=f"Type it when asked, pipe it in, or set {variable}.",
                code="input-needed",
            )
        return found.strip()

    def _prompt(self, question: str) -> None:
        text = printable(question)
        if is_terminal(sys.stderr):
            asked = text.rstrip(" ")
            text = _whole_words(asked) + text[len(asked) :]
        sys.stderr.write(text)
        sys.stderr.flush()

    def _read_line(self, seconds: float | None) -> str:
        """The next line; what there is at the end of the input; or a `SignInNeeded` time-out."""
        while b"\n" not in self._left and not self._ended:
            if not self._waiting(seconds):
                raise SignInNeeded(
                    f"Nothing was entered within {seconds:g} seconds.",
                    hint="Start again; --timeout SECONDS gives more time.",
                    code="timed-out",
                )
            source = _descriptor()
            chunk = os.read(source, CHUNK) if source is not None else b""
            self._ended = not chunk
            self._left += chunk
        line, _, self._left = self._left.partition(b"\n")
        return line.decode("utf-8", "replace")

    def _waiting(self, seconds: float | None) -> bool:
        """Whether there is something to read. Windows cannot say for a console, and just reads."""
        source = _descriptor()
        if b"\n" in self._left or os.name == "nt" or source is None:
            return True
        return bool(select.select([source], [], [], seconds)[0])


def _descriptor() -> int | None:
    """What standard input is read from; None where a program has none to read from."""
    try:
        return sys.stdin.fileno() if sys.stdin is not None else None
    except OSError:
        return None


def _whole_words(line: str, hang: int = 0) -> str:
    """A line for a terminal that would else break it anywhere; an address stays in one piece."""
    width = get_terminal_size().columns - 1
    if len(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(
        line.strip(),
        width,
        initial_indent=indent,
        subsequent_indent=indent + " " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _nobody(question: str) -> SignInNeeded:
    return SignInNeeded(
        f"{question.rstrip(': ')}: this needs an answer, and --no-input forbids to ask.",
        hint="Run the command without --no-input, at a terminal or with the answer piped in.",
        code="input-needed",
    )
