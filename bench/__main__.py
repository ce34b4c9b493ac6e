"""Measures what the tool costs on the sandbox; writes docs/benchmark.md and its picture.

Run from the repository's root, with the test extra: `python -m bench`. Every command is a process
of its own, and so are the services. All figures come from this one run; times are ratios to what
was measured or reckoned in it.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import baseline, floor, startup, transform
from bench.measured import Measured, measure
from bench.plot import Bar, picture
from bench.services import Services
from invoicesync_cli.vendors import VENDORS

ROOT = Path(__file__).parent.parent
LEDGERS = ("xero", "qbo")
THOUSAND = 1000
LATENCY = 1.0
"""Seconds that the ledger takes for each write when time is measured."""
DAYS = 2
"""Between two runs: more than the lists of changes overlap."""
FIRST, KNOWN, QUIET = "sync", "known buyers", "nothing new"
LOOKS = ("status", "log --limit 20", "todo", "report", "verify")
SIZES = (1_000, 10_000, 100_000)


@dataclass
class Taken:
    """What was taken by command: time and memory, and calls to Keap and to the ledger."""

    measured: dict[str, Measured] = field(default_factory=dict)
    calls: dict[str, tuple[int, int]] = field(default_factory=dict)


def at_size(to: str, orders: int, *, again: bool) -> Taken:
    """Sync so many paid orders of new buyers, then what all of them order `again`, then nothing
    new; then look at it all."""
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
        if again:
            services.order_again()
            days += DAYS
            services.days_pass(DAYS)
            take(KNOWN, "sync")
        for _ in range(2):
            # The second counts: the first still sees what the run before has changed.
            days += DAYS
            services.days_pass(DAYS)
            take(QUIET, "sync")
        for look in LOOKS:
            take(look, look)
    return taken


@dataclass(frozen=True)
class Wall:
    """Seconds for a thousand paid orders of new buyers under the ledger's real limits, and how many
    calls a client makes for each that makes one for each thing."""

    seconds: float
    calls_each: float


def wall_time(to: str) -> Wall:
    """Measure both."""
    with tempfile.TemporaryDirectory() as home, Services(to, THOUSAND, Path(home)) as services:
        each = baseline.calls_each(services)
        services.be_real(LATENCY)
        found = measure(services.environment, "sync", real=True)
        sys.stderr.write(f"{to}, real limits: {found}\n")
        return Wall(found.seconds, each)


@dataclass
class Findings:
    """Everything that one run has measured, by ledger."""

    sizes: Sequence[int]
    taken: dict[str, dict[int, Taken]] = field(default_factory=dict)
    walls: dict[str, Wall] = field(default_factory=dict)
    startup: dict[str, float] = field(default_factory=dict)
    transform: dict[str, float] = field(default_factory=dict)

    def cpu(self, to: str, size: int) -> float:
        """Milliseconds of our own CPU for an invoice and its payment."""
        return self.taken[to][size].measured[FIRST].cpu * 1000 / size

    def memory(self, to: str, size: int, name: str = FIRST) -> float:
        """MiB at the peak."""
        return self.taken[to][size].measured[name].mebibytes

    def to_floor(self, to: str) -> float:
        """How many times the least time that the limits allow."""
        return self.walls[to].seconds / floor.seconds(to, THOUSAND, LATENCY)

    def one_by_one(self, to: str) -> float:
        """How many times our time a client takes that makes one call for each thing."""
        taken = floor.one_by_one(to, self.walls[to].calls_each, THOUSAND, LATENCY)
        return taken / self.walls[to].seconds


def page(found: Findings) -> str:
    """The page of figures."""
    head = ["", "budget", *(VENDORS[to].product for to in LEDGERS)]
    return PAGE.format(
        figures=_table(head, [*_calls(found), *_times(found), *_memory(found)]),
        absolute=_table(["", *(f"{size:,}" for size in found.sizes)], _absolute(found)),
        startup=_table(
            ["", "budget", "ratio"],
            [
                [f"`{option}`", f"{startup.BUDGET[option]:.0f}", f"{ratio:.1f}"]
                for option, ratio in found.startup.items()
            ],
        ),
        days=_table(["limit of a day", "calls", *(f"{10**n:,}" for n in (4, 5, 6))], _days(found)),
    )


def _calls(found: Findings) -> list[list[str]]:
    """Rows of calls."""
    least = {to: found.taken[to][found.sizes[0]].calls for to in LEDGERS}
    each = {to: found.walls[to].calls_each * THOUSAND for to in LEDGERS}
    what = "calls to the ledger for 1,000 paid invoices"
    rows = [
        [f"{what}, new buyers", "65, 108", *(f"{least[to][FIRST][1]}" for to in LEDGERS)],
        [f"{what}, known buyers", "44", *(f"{least[to][KNOWN][1]}" for to in LEDGERS)],
        ["the least there can be, new buyers", "", *(f"{floor.calls(to, 1000)}" for to in LEDGERS)],
        ["one call for each thing", "", *(f"{each[to]:,.0f}" for to in LEDGERS)],
        ["calls to Keap for them", "30", *(f"{least[to][FIRST][0]}" for to in LEDGERS)],
    ]
    for name, budget in ((QUIET, {}), ("verify", {10_000: "60"})):
        for size in found.sizes:
            calls = (sum(found.taken[to][size].calls[name]) for to in LEDGERS)
            what = f"calls in all, {name}, after {size:,} orders"
            rows.append([what, budget.get(size, "8" if name == QUIET else ""), *map(str, calls)])
    return rows


def _times(found: Findings) -> list[list[str]]:
    """Rows of time and CPU, as ratios."""
    least = found.sizes[0]
    time = f"time for 1,000 at {LATENCY:.0f} s a write"
    rows = [
        [f"{time}, to the least by the limits", "1.3"]
        + [f"{found.to_floor(to):.2f}" for to in LEDGERS],
        ["one call for each thing, to that time", ""]
        + [f"{found.one_by_one(to):.0f}" for to in LEDGERS],
    ]
    for size in found.sizes[1:]:
        ratios = (found.cpu(to, size) / found.cpu(to, least) for to in LEDGERS)
        what = f"own CPU for an invoice, {size:,} orders to {least:,}"
        rows.append([what, "1.2", *(f"{ratio:.2f}" for ratio in ratios)])
    rates = (f"{found.transform[to]:,.0f}" for to in LEDGERS)
    return [*rows, ["invoices a second through the rules", "1,000", *rates]]


def _memory(found: Findings) -> list[list[str]]:
    """Rows of the peak memory of each command, as ratios."""
    least, largest = found.sizes[0], found.sizes[-1]
    rows = []
    for name in (FIRST, QUIET, *LOOKS):
        ratios = (found.memory(to, largest, name) / found.memory(to, least, name) for to in LEDGERS)
        what = f"peak memory of {name}, {largest:,} orders to {least:,}"
        budget = "" if name in {"verify", "report"} else "1.5"
        rows.append([what, budget, *(f"{ratio:.2f}" for ratio in ratios)])
    return rows


def _absolute(found: Findings) -> list[list[str]]:
    """CPU seconds and MiB of each command at each size."""
    rows = []
    for to in LEDGERS:
        for name in (FIRST, QUIET, *LOOKS):
            cells = [found.taken[to][size].measured[name] for size in found.sizes]
            what = f"{VENDORS[to].product}: {name}"
            rows.append([what, *(f"{cell.cpu:.2f} s, {cell.mebibytes:.0f} MiB" for cell in cells)])
    return rows


def _days(found: Findings) -> list[list[str]]:
    """Days that a backfill of so many orders takes under each plan's limits."""
    rows = []
    for to in LEDGERS:
        size = found.sizes[-1]
        each = found.taken[to][size].calls[FIRST][1] / size
        for plan, day in (*floor.LIMITS[to].days, ("the minute's alone", 0)):
            day = day or floor.LIMITS[to].minute * 60 * 24
            cells = [f"{each * 10**n / day:.1f} days" for n in (4, 5, 6)]
            rows.append([f"{VENDORS[to].product}: {plan}", f"{day:,}", *cells])
    return rows


PAGE = """\
# The benchmark

What the tool costs, measured on the simulated services by one run of `python -m bench` (or
`nox -s bench`), which wrote this page. The tool is a process of its own and speaks HTTP with the
services in another one. Every order of the made-up shop has a buyer of its own, two or three lines,
and is paid by card. Times depend on the machine and the simulation; the ratios and the calls are
what counts.

![Calls, time, CPU and memory](pictures/benchmark.svg)

{figures}

* The least time by the limits is that of the writes alone at the vendor's rate (Xero 60 calls a
  minute, QuickBooks 40 batches a minute). The tool's time was measured under these limits, with
  real waits. All other runs put the clock ahead instead of waiting.
* One call for each thing is what a client makes that finds and creates the customer, looks up each
  line's item (QuickBooks), and creates the invoice and the payment, one after the other. It was
  counted with the vendors' own Python clients; its time is reckoned from its calls.

CPU time and peak memory by the number of orders:

{absolute}

Start-up, to that of `python -c pass`:

{startup}

How long a first sync of so many orders takes, by the calls of the largest one measured:

{days}
"""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def panels(found: Findings) -> list[tuple[str, list[Bar]]]:
    """What the picture shows."""
    drawn = []
    for to in LEDGERS:
        least, each = found.sizes[0], found.walls[to].calls_each * THOUSAND
        ours = found.taken[to][least].calls[FIRST][1]
        drawn.append(
            (
                f"{VENDORS[to].product}: calls for 1,000 paid invoices",
                [
                    Bar("invoicesync", ours, f"{ours}"),
                    Bar("one call for each thing", each, f"{each:,.0f}", ours=False),
                ],
            )
        )
    for to in LEDGERS:
        drawn.append(
            (
                f"{VENDORS[to].product}: own CPU for an invoice, by orders",
                [
                    Bar(f"{size:,}", found.cpu(to, size), f"{found.cpu(to, size):.2f} ms")
                    for size in found.sizes
                ],
            )
        )
        drawn.append(
            (
                f"{VENDORS[to].product}: peak memory of a first sync, by orders",
                [
                    Bar(f"{size:,}", found.memory(to, size), f"{found.memory(to, size):.0f} MiB")
                    for size in found.sizes
                ],
            )
        )
    return drawn


def main() -> None:
    """Measure, and write the page and the picture."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="ORDERS")
    sizes = sorted(parser.parse_args().sizes)
    found = Findings(sizes)
    for to in LEDGERS:
        found.taken[to] = {size: at_size(to, size, again=size == sizes[0]) for size in sizes}
        found.walls[to] = wall_time(to)
        found.transform[to] = transform.rate(to)
    found.startup = startup.ratios()
    (ROOT / "docs/benchmark.md").write_text(page(found), encoding="utf-8")
    (ROOT / "docs/pictures/benchmark.svg").write_text(picture(panels(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
