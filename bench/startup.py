"""Start-up of the command line, as a ratio to that of an empty Python: medians of one run."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
BUDGET = {"--version": 2.0, "--help": 7.0}


def ratios() -> dict[str, float]:
    """How many times as long as `python -c pass` each option takes."""
    least = _median(["-c", "pass"])
    return {option: _median(["-m", "invoicesync_cli", option]) / least for option in BUDGET}


def _median(arguments: list[str]) -> float:
    """Median seconds of a process with these arguments."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
