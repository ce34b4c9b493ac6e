"""How much memory the tool takes, apart from the services that are simulated beside it."""

import re
import resource
import sys
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
FIELD = re.compile(r"^(VmHWM|VmRSS):\s+(\d+) kB", re.MULTILINE)
MEASURED = RESET.exists()
"""Whether the system lets a process begin to count its peak anew, as Linux does."""


def peak() -> float:
    """The most memory that this process has had, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


class Share:
    """The most that the tool has taken beyond what there was when a service had answered, in MiB:
    between an answer and the next request only the tool is at work."""

    def __init__(self) -> None:
        self.most = 0.0
        self._before = 0.0
        self._base: float | None = None

    def answered(self) -> None:
        """A service has answered: the tool goes on."""
        if MEASURED:
            self._before = max(self._before, peak())
            RESET.write_text("5")
            self._base = _now()["VmRSS"]

    @property
    def peak(self) -> float:
        """The most that the process has had, which counting anew makes the system forget."""
        return max(self._before, peak())

    def asked(self) -> None:
        """The tool has asked, or has ended."""
        if self._base is not None:
            self.most = max(self.most, _now()["VmHWM"] - self._base)
            self._base = None


def _now() -> dict[str, float]:
    return {name: int(size) / 1024 for name, size in FIELD.findall(STATUS.read_text())}
