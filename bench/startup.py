"""Start-up of the command line, as a ratio to that of an empty Python: one run, medians."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
BUDGET = {"--version": 2.0, "--help": 7.0}


def median(arguments: list[str]) -> float:
    """Median seconds of a process with these arguments."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


if __name__ == "__main__":
    floor = median(["-c", "pass"])
    for option, budget in BUDGET.items():
        ratio = median(["-m", "invoicesync_cli", option]) / floor
        sys.stdout.write(f"{option}: {ratio:.1f} x python -c pass (budget {budget:.0f} x)\n")
