"""`python -m tests.kits.hostile`: so many hostile answers of one service, or of each.

A seed is a share of the work that stands by itself: four times 2,500 answers by four seeds are
10,000, in whichever order, on whichever machine.
"""

import argparse
import time

from tests.kits.hostile.between import SERVICES
from tests.kits.hostile.memory import MEASURED
from tests.kits.hostile.rounds import BOOKS_DIFFER, CRASHES, WRONG, Rounds

SLICE = 500
"""After so many answers it is said how far it is, so that what was found is there at any end."""


def say(what: object) -> None:
    """Print at once."""
    print(what, flush=True)  # noqa: T201 - what was asked for


def summary(rounds: Rounds, seconds: float) -> str:
    """How far it is, and what was found."""
    tally = rounds.tally
    codes = ", ".join(f"{code}: {often}" for code, often in sorted(tally.codes.items()))
    left = "".join(f", {often} {what}" for what, often in sorted(tally.tolerated.items()))
    places = sum(len(menu.used) for menu in rounds.menus.values())
    own = f"{rounds.memory.most:.0f} MiB of it the tool's" if MEASURED else "not told apart here"
    return (
        f"{rounds.service}, seed {rounds.seed}: {tally.answers} answers altered at "
        f"{len(rounds.menus)} addresses and {places} fields, {tally.plays} plays, "
        f"{tally.commands} commands; {tally.found(*CRASHES)} crashes, {tally.found(WRONG)} wrong "
        f"bookings, {tally.found(BOOKS_DIFFER)} not put right{left}; exit codes {codes}; peak "
        f"memory {rounds.memory.peak:.0f} MiB, {own}; {seconds:.0f} s of computing"
    )


def main() -> int:
    """Play, print, and give 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.kits.hostile", description=__doc__)
    parser.add_argument("--service", choices=SERVICES, action="append")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, action="append", help="several: the count for each")
    wanted = parser.parse_args()
    bad = False
    for service in wanted.service or SERVICES:
        for seed in wanted.seed or [1]:
            rounds, began = Rounds(service, seed, say), time.process_time()
            for count in (*range(SLICE, wanted.count, SLICE), wanted.count):
                rounds.play(count)
                say(summary(rounds, time.process_time() - began))
            bad = bad or bool(rounds.tally.findings)
    return int(bad)


raise SystemExit(main())
