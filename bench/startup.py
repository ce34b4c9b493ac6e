"""Start-up of the command line, as a ratio to that of an empty Python: medians of one run."""

import resource
import statistics
import subprocess
import sys

ROUNDS = 15
BUDGET = {"--version": 2.0, "--help": 7.0}


def ratios() -> dict[str, float]:
    """How many times as long as `python -c pass` each option takes."""
    least = _median(["-c", "pass"])
    return {option: _median(["-m", "invoicesync_cli", option]) / least for option in BUDGET}


def _median(arguments: list[str]) -> float:
    """Median CPU seconds of a process with these arguments: others may be at work beside it."""
    taken = []
    for _ in range(ROUNDS):
        begun = _children()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        taken.append(_children() - begun)
    return statistics.median(taken)


def _children() -> float:
    """CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
