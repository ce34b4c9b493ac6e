"""One command in a process of its own, measured: its CPU time, its memory, and how long it takes.

`measure` starts that process. Waiting for a limit takes no time there unless it is to be real: the
clock is put ahead instead. Linux only, for the memory.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock


@dataclass(frozen=True)
class Measured:
    """What a command took. `seconds` has the waits in it, whether they were waited or not."""

    exit_code: int
    cpu: float
    seconds: float
    mebibytes: float


def measure(
    environment: Mapping[str, str], *command: str, days: float = 0, real: bool = False
) -> Measured:
    """Run a command of the tool `days` from now."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        subprocess.run(
            [
                sys.executable,
                "-m",
                "bench.measured",
                str(result),
                str(days),
                str(int(real)),
                *command,
            ],
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return Measured(**json.loads(result.read_text()))


class _Time:
    """Time in which waiting moves the clock of the thread that waits, and so everybody's."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._own = threading.local()
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        self._own.at = time.monotonic() + self._ahead
        return float(self._own.at)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            # From when this thread last looked: others have put the clock ahead meanwhile.
            self._ahead = max(self._ahead, self._own.at + seconds - time.monotonic())


def _run(command: Sequence[str], days: float, *, real: bool) -> Measured:
    from invoicesync_cli.cli import boundary, workspace
    from invoicesync_cli.http.client import Network
    from invoicesync_cli.http.limits import Timing

    clock = _Time()
    timing = Timing() if real else Timing(clock.monotonic, clock.sleep)
    ahead = timedelta(days=days)
    timing = replace(timing, now=lambda: datetime.now(UTC) + ahead)
    with mock.patch.object(workspace, "Network", return_value=Network(timing)):
        began, used = timing.monotonic(), time.process_time()
        code = boundary.run(list(command))
        return Measured(
            code,
            time.process_time() - used,
            timing.monotonic() - began,
            _peak(),
        )


def _peak() -> float:
    """MiB of this program at its peak. What `getrusage` says has the program in it that started
    this one."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    result, days, real, *command = sys.argv[1:]
    # What is loaded once says nothing of what a document takes.
    for loaded in ("sync", "cli.sync", "cli.verify", "cli.statement", "load.xero", "load.qbo"):
        importlib.import_module(f"invoicesync_cli.{loaded}")
    measured = _run(command, float(days), real=bool(int(real)))
    Path(result).write_text(json.dumps(asdict(measured)))
