"""Programs beside this one that answer JSON lines: one question, one answer, each on a line.

Such a process can be ended while it hangs, as a thread cannot.
"""

import contextlib
import json
import os
import queue
import shlex
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

LONGEST = 80 << 20
"""Characters of a line."""


class ProgramEnded(Exception):
    """No answer came: the program has ended, took too long, or said something else. It may have
    done what it was asked for. The text says which, for a person."""


class Program(Protocol):
    """A program that answers, or what stands for it inside this process."""

    def ask(self, line: Mapping[str, Any], limit: float) -> dict[str, Any]:
        """The answer to a line, within so many seconds. Raises `ProgramEnded`, and `OSError` where
        it cannot be reached any more."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class ChildProcess:
    """A program as a child process. An interrupt of this one does not reach it: it ends when its
    input does, or is ended."""

    def __init__(self, command: str | Sequence[str]) -> None:
        if isinstance(command, str) and os.name != "nt":
            command = shlex.split(command)
        flags: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command, or ours
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                errors="replace",
                **flags,
            )
        except OSError as error:
            raise ProgramEnded(f"it cannot be started ({error.strerror})") from None
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, line: Mapping[str, Any], limit: float) -> dict[str, Any]:
        """As `Program` says."""
        assert self._process.stdin  # noqa: S101 - it is a pipe
        try:
            self._process.stdin.write(json.dumps(line) + "\n")
            self._process.stdin.flush()
            text = self._lines.get(timeout=limit)
        except queue.Empty:
            raise ProgramEnded(f"there was no answer in {limit:.0f} seconds") from None
        except (OSError, ValueError):
            raise ProgramEnded("its process has ended") from None
        if not text:
            raise ProgramEnded("its process has ended")
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise ProgramEnded("its process said something else")
        return answer

    def close(self) -> None:
        """End it, at once if it is at work."""
        with contextlib.suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        """Pass its lines on, and a blank one at their end."""
        assert self._process.stdout  # noqa: S101 - it is a pipe
        with contextlib.suppress(OSError, ValueError), self._process.stdout as lines:
            while text := lines.readline(LONGEST):
                self._lines.put(text)
        self._lines.put("")
