"""`python -m tests.kits.hostile`: so many hostile answers of one service, or of each."""

import argparse
import time

from tests.kits.hostile.between import SERVICES
from tests.kits.hostile.rounds import Rounds, peak

SLICE = 1000
"""After so many answers it is said how far it is."""


def say(what: object) -> None:
    """Print at once."""
    print(what, flush=True)  # noqa: T201 - what was asked for


def main() -> int:
    """Play, print, and give 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.kits.hostile", description=__doc__)
    parser.add_argument("--service", choices=SERVICES, action="append")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    bad = False
    for service in wanted.service or SERVICES:
        rounds = Rounds(service, wanted.seed, say)
        began = time.monotonic()
        for count in (*range(SLICE, wanted.count, SLICE), wanted.count):
            tally = rounds.play(count)
            codes = ", ".join(f"{code}: {often}" for code, often in sorted(tally.codes.items()))
            left = "".join(f", {often} {what}" for what, often in tally.tolerated.items())
            places = sum(len(menu.used) for menu in rounds.menus.values())
            say(
                f"{service}: {tally.answers} hostile answers in {tally.commands} commands at "
                f"{len(rounds.menus)} addresses and {places} fields, seed {wanted.seed}: "
                f"{len(tally.findings)} findings{left}; exit codes {codes}; "
                f"peak memory {peak():.0f} MiB; {time.monotonic() - began:.0f} s"
            )
        bad = bad or bool(rounds.tally.findings)
    return int(bad)


raise SystemExit(main())
