"""The messages of a write test in a file to send in, as they went and came.

A message stands in the file before it goes out, so that a test that was killed has all of it. A
message has no password in it, and no ticket: those are the carrier's.
"""

import os
from pathlib import Path

from invoicesync_cli import __version__
from invoicesync_cli.errors import ConfigError, InvoiceSyncError
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.load.qbd.channel import Channel
from invoicesync_cli.paths import private_folder


class MessageFile:
    """A new file, which only its owner can read. Raises `ConfigError` where there can be none."""

    def __init__(self, path: Path, about: str) -> None:
        self.path = path
        try:
            private_folder(path.parent)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written: {error.strerror}.",
                hint="Nothing was written into the company file. Make room for it, then try again.",
                code="write-test-file",
            ) from None
        self._file = os.fdopen(handle, "w", encoding="utf-8", newline="\n")
        self.write(f"invoicesync {__version__}: {about}")

    def write(self, text: str) -> None:
        """Add a text, and see that it is there."""
        self._file.write(f"{text}\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class WrittenDown:
    """A `Channel` whose messages and answers are written down."""

    def __init__(self, channel: Channel, timing: Timing, file: MessageFile) -> None:
        self._channel = channel
        self._timing = timing
        self._file = file
        self._count = 0

    def exchange(self, message: str, limit: float) -> str:
        """The answer to a message."""
        self._count += 1
        began = self._timing.monotonic()
        self._file.write(f"\n=== {self._count} sent {self._timing.now():%H:%M:%S} UTC\n{message}")
        try:
            answer = self._channel.exchange(message, limit)
        except InvoiceSyncError as error:
            self._file.write(f"--- {self._count} {error.code}: {error.message}")
            raise
        took = self._timing.monotonic() - began
        self._file.write(f"--- {self._count} answered after {took:.3f} s\n{answer}")
        return answer

    def close(self) -> None:
        """End the session."""
        self._channel.close()
