"""`python -m tests.kits.crash`: all of the crash matrix, on every ledger; nox -s crash-matrix."""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable

from tests.kits.crash.matrix import Matrix, drawn, matrices


def main() -> int:
    """Print how many positions and pairs were played, and each that came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.kits.crash", description=__doc__)
    parser.add_argument("--only", default="", help="lines with this in their name")
    parser.add_argument("--pairs", type=int, default=100, help="drawn for each line")
    parser.add_argument("--seed", type=int, default=1, help="of the pairs")
    typed = parser.parse_args()
    _say(f"pairs are drawn with seed {typed.seed}")
    total: Counter[str] = Counter()
    for line in matrices():
        if typed.only in line.name:
            with line as matrix:
                total += _all_of(matrix, typed.pairs, random.Random(typed.seed))  # noqa: S311 - a sample
    _say(", ".join(f"{count:,} {name}" for name, count in total.items()))
    return 1 if total["wrong"] else 0


def _all_of(matrix: Matrix, pairs: int, chance: random.Random) -> Counter[str]:
    began = time.monotonic()
    done: Counter[str] = Counter()
    for memory in matrix.memories:
        after = [item for item in matrix.aftermaths if item.memory == memory]
        done["positions"] += len(matrix.positions(after[0])) * len(after)
        for position in matrix.different(after[0]):
            played = _note(matrix.wrong(position, after))
            done += Counter(plays=played["plays"], wrong=played["wrong"])
    for _ in range(pairs):
        first, aftermath, second = drawn(matrix, chance)
        played = _note(matrix.wrong(first, [aftermath], second))
        done += Counter(pairs=played["struck"], wrong=played["wrong"])
    counted = matrix.undisturbed(matrix.aftermaths[0]).first.counted
    said = ", ".join(f"{count} {name}s" for name, count in sorted(counted.items()))
    found = ", ".join(f"{count:,} {name}" for name, count in done.items())
    _say(f"{matrix.name}: {said}; {found}; {time.monotonic() - began:.0f} s")
    return done


def _note(outcomes: Iterable[tuple[str, bool, list[str]]]) -> Counter[str]:
    done: Counter[str] = Counter()
    for played, struck, wrong in outcomes:
        done += Counter(plays=1, struck=struck, wrong=bool(wrong))
        if wrong:
            _say("\n    ".join([f"WRONG {played}", *wrong]))
    return done


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
