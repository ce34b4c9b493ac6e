"""Measures what the tool costs on the sandbox; writes docs/benchmark.md, its picture and the
README's section about it.

Run from the repository's root, with the test extra: `python -m bench`. Every command is a process
of its own, and so are the services. Times are ratios to what was measured or reckoned beside them.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import baseline, deep, readme, startup, transform
from bench.findings import (
    AFTER,
    FIRST,
    KNOWN,
    LATENCY,
    LEDGERS,
    LOOKS,
    QUIET,
    THOUSAND,
    Findings,
    Taken,
    Wall,
)
from bench.measured import measure
from bench.page import page, panels
from bench.plot import picture
from bench.services import Services

ROOT = Path(__file__).parent.parent
DAYS = 2
"""Between two runs: more than the lists of changes overlap."""
SIZES = (1_000, 10_000, 100_000)
PLAYED, COPIES, MORE = 2_000, 200, 2_000
"""Orders that are played, copies of all that there are then, and orders of the sync that is
measured before and after."""
AGAIN = 10_000
"""At most so many buyers order a second time."""
DEEP_LOOKS = ("status", "log --limit 20", "todo")


def at_size(to: str, orders: int, *, only_first: bool = False) -> Taken:
    """Sync so many paid orders of new buyers; unless that is all, then nothing new; look at it all;
    then, of not too many, what all of them order again."""
    taken, days = Taken(), 0
    with tempfile.TemporaryDirectory() as home, Services(to, orders, Path(home)) as services:

        def take(name: str, command: str) -> None:
            before = services.calls()
            found = measure(services.environment, *command.split(), days=days)
            after = services.calls()
            if found.exit_code:
                raise SystemExit(f"{command}, {to}, {orders:,} orders: exit {found.exit_code}")
            taken.measured[name] = found
            taken.calls[name] = (after["keap"] - before["keap"], after[to] - before[to])
            sys.stderr.write(f"{to} {orders:,} {name}: {found} {taken.calls[name]}\n")

        take(FIRST, "sync")
        if only_first:
            return taken
        for name in (AFTER, QUIET):
            days += DAYS
            services.days_pass(DAYS)
            take(name, "sync")
        for look in LOOKS:
            take(look, look)
        if orders <= AGAIN:
            services.order_again()
            take(KNOWN, "sync")
    return taken


def wall_time(to: str) -> Wall:
    """Measure a thousand orders under the ledger's real limits, and count the baseline's calls."""
    with tempfile.TemporaryDirectory() as home, Services(to, THOUSAND, Path(home)) as services:
        each = baseline.calls_each(services)
        services.be_real(LATENCY)
        found = measure(services.environment, "sync", real=True)
        sys.stderr.write(f"{to}, real limits: {found}\n")
        return Wall(found.seconds, each)


def fill(found: Findings, ledgers: Sequence[str], sizes: Sequence[int], copies: int) -> None:
    """Measure what is not known yet."""
    for to in ledgers:
        known = found.taken.setdefault(to, {})
        for size in sizes:
            if size not in known:
                known[size] = at_size(to, size)
                found.write()
        if len(sizes) > 1 and to not in found.again:
            found.again[to] = at_size(to, sizes[0], only_first=True).measured[FIRST]
            found.write()
        if to not in found.walls:
            found.walls[to] = wall_time(to)
            found.transform[to] = transform.rate(to)
            found.write()
        if copies and to not in found.deep:
            found.deep[to] = deep.after_many(to, PLAYED, copies, MORE, DEEP_LOOKS)
            found.write()
    found.startup = found.startup or startup.ratios()
    found.write()


def main() -> None:
    """Measure, and write what was found once both ledgers were measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="ORDERS")
    parser.add_argument(
        "--copies",
        type=int,
        default=COPIES,
        help=f"times {PLAYED + deep.ENDED + MORE:,} orders behind a sync; 0: none",
    )
    parser.add_argument("--keep", type=Path, help="go on with what was measured into this file")
    parser.add_argument("--to", choices=LEDGERS, help="measure only this ledger for now")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = Findings.read(asked.keep or Path(folder) / "measured.json")
        fill(found, [asked.to] if asked.to else LEDGERS, sorted(asked.sizes), asked.copies)
    if missing := [to for to in LEDGERS if to not in found.walls]:
        sys.exit(f"Nothing is written: {', '.join(missing)} is not measured yet.")
    write(found)


def write(found: Findings, root: Path = ROOT) -> None:
    """Write the page, the picture and the section of the README."""
    (root / readme.PAGE).write_text(page(found), encoding="utf-8")
    (root / readme.PICTURE).write_text(picture(panels(found)), encoding="utf-8")
    text = (root / "README.md").read_text(encoding="utf-8")
    (root / "README.md").write_text(readme.with_section(text, found), encoding="utf-8")


if __name__ == "__main__":
    main()
