"""The page and the picture of what was measured."""

import os
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from pathlib import Path

from bench import floor, startup
from bench.findings import AFTER, FIRST, KNOWN, LATENCY, LEDGERS, LOOKS, QUIET, THOUSAND, Findings
from bench.measured import Measured
from bench.plot import Bar
from invoicesync_cli.vendors import VENDORS

UNKNOWN = "—"
"""What was not measured."""


def page(found: Findings) -> str:
    """The page of figures."""
    head = ["", "budget", *(VENDORS[to].product for to in LEDGERS)]
    absolute = ["", *(f"{size:,}" for size in found.sizes)]
    return PAGE.format(
        machine=_machine(),
        again=AGAIN.format(least=f"{found.sizes[0]:,}") if found.again else "",
        figures=table(head, [*_calls(found), *_times(found), *_memory(found)]),
        absolute=table(absolute, _absolute(found)),
        deep=_deep(found),
        startup=table(
            ["", "budget", "ratio"],
            [
                [f"`{option}`", f"{startup.BUDGET[option]:.0f}", f"{ratio:.1f}"]
                for option, ratio in found.startup.items()
            ],
        ),
        days=table(["limit of a day", "calls", *(f"{10**n:,}" for n in (4, 5, 6))], _days(found)),
    )


def _machine() -> str:
    """How many processors and how much memory there are, and no more of the machine."""
    total = Path("/proc/meminfo").read_text(encoding="utf-8").partition("MemTotal:")[2].split()[0]
    return f"{os.cpu_count()} processors and {round(int(total) / 2**20)} GiB of memory"


def cells(form: str, values: Iterable[float | None]) -> list[str]:
    """The cells of a row; what was not measured is shown as that."""
    return [UNKNOWN if value is None else form.format(value) for value in values]


def ratio(above: float | None, below: float | None) -> float | None:
    """How many times the one is the other; None where one was not measured."""
    return None if above is None or not below else above / below


def _calls(found: Findings) -> list[list[str]]:
    """Rows of calls."""

    def for_thousand(name: str, which: int = 1, size: int = THOUSAND) -> list[str]:
        calls = (found.calls(to, size, name) for to in LEDGERS)
        each = (ceil(both[which] * THOUSAND / size) if both else None for both in calls)
        return cells("{}", each)

    each = cells("{:,.0f}", (found.walls[to].calls_each * THOUSAND for to in LEDGERS))
    what = "calls to the ledger for 1,000 paid invoices"
    buyers = ((FIRST, "new buyers", "65, 108"), (KNOWN, "known buyers", "44"))
    rows = [
        [f"{what}{_of(size)}, {whose}", budget, *for_thousand(name, size=size)]
        for name, whose, budget in buyers
        for size in found.sizes
        if any(found.calls(to, size, name) for to in LEDGERS)
    ]
    rows += [
        ["the least there can be, new buyers", "", *(f"{floor.calls(to, 1000)}" for to in LEDGERS)],
        ["one call for each thing", "", *each],
        ["calls to Keap for them", "30", *for_thousand(FIRST, which=0)],
    ]
    for name, budget in ((AFTER, {}), (QUIET, {}), ("verify", {10_000: "60"})):
        for size in found.sizes:
            calls = (found.calls(to, size, name) for to in LEDGERS)
            sums = cells("{}", (sum(both) if both else None for both in calls))
            what = f"calls in all, {name}, after {size:,} orders"
            rows.append([what, budget.get(size, "8" if name == QUIET else ""), *sums])
    return rows


def _of(size: int) -> str:
    """Out of how many these thousand were."""
    return "" if size == THOUSAND else f" of {size:,}"


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
        ratios = (ratio(found.cpu(to, size), found.cpu(to, least)) for to in LEDGERS)
        what = f"own CPU for an invoice, {size:,} orders to {least:,}"
        rows.append([what, "1.2", *cells("{:.2f}", ratios)])
    rates = (f"{found.transform[to]:,.0f}" for to in LEDGERS)
    return [*rows, ["invoices a second through the rules", "1,000", *rates]]


def _memory(found: Findings) -> list[list[str]]:
    """Rows of the peak memory of each command, as ratios."""
    least, rows = found.sizes[0], []
    for size in found.sizes[1:]:
        for name in (FIRST, QUIET, *LOOKS):
            ratios = (
                ratio(found.memory(to, size, name), found.memory(to, least, name)) for to in LEDGERS
            )
            what = f"peak memory of {name}, {size:,} orders to {least:,}"
            budget = "" if name in {"verify", "report"} else "1.5"
            rows.append([what, budget, *cells("{:.2f}", ratios)])
    return rows


def _absolute(found: Findings) -> list[list[str]]:
    """CPU seconds and MiB of each command at each size."""
    rows = []
    for to in LEDGERS:
        for name in (FIRST, AFTER, QUIET, *LOOKS):
            cells = []
            for size in found.sizes:
                cell = found.measured(to, size, name)
                cells.append(_cost(cell) if cell else UNKNOWN)
            rows.append([f"{VENDORS[to].product}: {name}", *cells])
            if name == FIRST and (again := found.again.get(to)):
                cells = [_cost(again), *("" for _ in found.sizes[1:])]
                rows.append([f"{VENDORS[to].product}: {name} once more", *cells])
    return rows


def _cost(taken: Measured) -> str:
    return f"{taken.cpu:.2f} s, {taken.mebibytes:.0f} MiB"


def _deep(found: Findings) -> str:
    """The paragraph and the table of a sync with many orders behind it."""
    if not found.deep:
        return ""
    some = next(iter(found.deep.values()))
    least = found.sizes[0]
    cpu = (found.deep[to].to_before if to in found.deep else None for to in LEDGERS)
    rows = [["own CPU for an invoice", "1.2", *cells("{:.2f}", cpu)]]
    for name in some.measured:
        ratios = (
            ratio(deep.measured[name].mebibytes, found.memory(to, least, name)) if deep else None
            for to in LEDGERS
            for deep in [found.deep.get(to)]
        )
        rows.append([f"peak memory of {name}", "1.5", *cells("{:.2f}", ratios)])
    booked = ", ".join(
        f"in {VENDORS[to].product} {deep.invoices:,} invoices of {deep.orders:,} orders"
        for to, deep in found.deep.items()
    )
    return DEEP.format(
        behind=f"{some.behind:,}",
        copied=f"{some.copied:,}",
        sent=f"{some.sent:,}",
        ended=f"{some.ended:,}",
        played=f"{some.played:,}",
        killed=sum(deep.killed for deep in found.deep.values()),
        least=f"{least:,}",
        booked=booked,
        table=table(["", "budget", *(VENDORS[to].product for to in LEDGERS)], rows),
    )


def _days(found: Findings) -> list[list[str]]:
    """Days that a backfill of so many orders takes under each plan's limits."""
    rows = []
    for to in LEDGERS:
        size = max(found.taken[to])
        calls = found.taken[to][size].calls
        # Each day's run begins with what the one before has changed.
        each = (calls[FIRST][1] + calls[AFTER][1]) / size
        for plan, day in (*floor.LIMITS[to].days, ("the minute's alone", 0)):
            day = day or floor.LIMITS[to].minute * 60 * 24
            cells = [f"{each * 10**n / day:.1f} days" for n in (4, 5, 6)]
            rows.append([f"{VENDORS[to].product}: {plan}", f"{day:,}", *cells])
    return rows


PAGE = """\
# The benchmark

What the tool costs, measured on the simulated services by `python -m bench` (or
`nox -s bench`), which wrote this page, on a machine with {machine}. The tool is a
process of its own and speaks HTTP with the services in another one. Every order of the made-up
shop has a buyer of its own, two or three lines, and is paid by card. Each ledger and each number of
orders was measured by itself, all on this machine. Times depend on it, on what else it does
meanwhile and on the simulation; the ratios and the calls are what counts.

![Calls, time, CPU and memory](pictures/benchmark.svg)

{figures}

* The least time by the limits is that of the writes alone at the vendor's rate (Xero 60 calls a
  minute, QuickBooks 40 batches a minute). The tool's time was measured under these limits, with
  real waits. All other runs put the clock ahead instead of waiting.
* One call for each thing is what a client makes that finds and creates the customer, looks up each
  line's item (QuickBooks), and creates the invoice and the payment, one after the other. It was
  counted with the vendors' own Python clients; its time is reckoned from its calls.{again}
* The run right after a first sync reads in the ledger's list of changes what that one has made, a
  thousand documents a call, so that nothing is missed that somebody else has changed meanwhile.
* Known buyers, Xero: forty of the calls write. The others read the lists that a document is judged
  by, what somebody else has changed and, in the second run of a state only, whether the ledger has
  anything of ours that no record knows. To save a call is no reason to leave one of these out;
  in a run of ten thousand orders they hardly count.
* A run with nothing new reads Keap's payments of the last 35 days, a thousand a call: where there
  are more, that is a call or two more, which can be one too many for the budget.
* `verify` holds both sides of the period that it compares: `--month` keeps that small.

CPU time and peak memory by the number of orders:

{absolute}
{deep}
Start-up, to that of `python -c pass`:

{startup}

How long a first sync of so many orders takes, by the calls of the largest one measured
(`invoicesync sync` says it of your own shop before it sends anything):

{days}
"""
AGAIN = """
* The sync of {least} orders was measured once more after the largest one, for a machine is not as
  fast at all times: CPU is told to the mean of both."""
DEEP = """
With {behind} orders behind it: the records of {copied} synced orders were copied in the state under
other ids and earlier dates. A sync of {sent} new ones was measured: its CPU to what as many had
taken when there were {played} behind them, its memory to that for {least}. Ahead of either, a sync
of {ended} others was killed and begun again at several points, {killed} times in all. At last there
were {booked}.

{table}

The simulated ledgers hold the documents and buyers of the orders that were played, none of the
copies'.
"""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, figures at the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def panels(found: Findings) -> list[tuple[str, list[Bar]]]:
    """What the picture shows."""
    drawn = []
    for to in LEDGERS:
        calls, each = found.calls(to, THOUSAND, FIRST), found.walls[to].calls_each * THOUSAND
        if calls:
            ours = calls[1]
            heading = f"{VENDORS[to].product}: calls for 1,000 paid invoices"
            one_by_one = Bar("one call for each thing", each, f"{each:,.0f}", ours=False)
            drawn.append((heading, [Bar("invoicesync", ours, f"{ours}"), one_by_one]))
    for to in LEDGERS:
        name = VENDORS[to].product
        drawn.append(
            (
                f"{name}: own CPU for an invoice, by orders",
                _bars({size: found.cpu(to, size) for size in found.sizes}, "{:.2f} ms"),
            )
        )
        drawn.append(
            (
                f"{name}: peak memory of a first sync, by orders",
                _bars({size: found.memory(to, size) for size in found.sizes}, "{:.0f} MiB"),
            )
        )
    return drawn


def _bars(values: Mapping[int, float | None], form: str) -> list[Bar]:
    known = {size: value for size, value in values.items() if value}
    return [Bar(f"{size:,}", value, form.format(value)) for size, value in known.items()]
