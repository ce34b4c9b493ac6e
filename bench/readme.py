"""The section of the README that says in short what the tool costs."""

from bench import floor
from bench.findings import AFTER, FIRST, LATENCY, LEDGERS, QUIET, THOUSAND, Findings
from bench.page import cells, ratio, table
from invoicesync_cli.vendors import VENDORS

BEGIN, END = "<!-- benchmark -->\n", "<!-- end of benchmark -->\n"
SECTION = """\
## What it costs

A thousand paid invoices of new customers, measured on the simulated services:

{figures}

![Calls, time, CPU and memory]({picture})

[docs/benchmark.md]({page}) has all figures, and how they were taken.
"""
PAGE, PICTURE = "docs/benchmark.md", "docs/pictures/benchmark.svg"


def with_section(readme: str, found: Findings) -> str:
    """The README with the section as it is now between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    section = SECTION.format(figures=_figures(found), picture=PICTURE, page=PAGE)
    return f"{before}{BEGIN}{section}\n{END}{after}"


def _figures(found: Findings) -> str:
    calls = [found.calls(to, THOUSAND, FIRST) for to in LEDGERS]
    walls = [found.walls[to] for to in LEDGERS]
    rows = [
        ["calls to the ledger", *cells("{}", (both[1] if both else None for both in calls))],
        ["… of a client that makes one for each thing"]
        + [f"{wall.calls_each * THOUSAND:,.0f}" for wall in walls],
        ["… the least that there can be", *(f"{floor.calls(to, THOUSAND)}" for to in LEDGERS)],
        [f"minutes under the ledger's limits, at {LATENCY:.0f} s a write"]
        + [f"{wall.seconds / 60:.1f}" for wall in walls],
    ]
    most = found.sizes[-1]
    for name, what in ((AFTER, "the run after it"), (QUIET, "a run with nothing new")):
        taken = [found.calls(to, THOUSAND, name) for to in LEDGERS]
        rows.append(
            [f"calls in all of {what}", *cells("{}", (both and sum(both) for both in taken))]
        )
    if most > THOUSAND:
        cpu = (ratio(found.cpu(to, most), found.cpu(to, THOUSAND)) for to in LEDGERS)
        rows.append([f"own CPU for an invoice of {most:,}, to that", *cells("{:.2f} ×", cpu)])
        memory = (ratio(found.memory(to, most), found.memory(to, THOUSAND)) for to in LEDGERS)
        rows.append([f"memory for {most:,} at once, to that", *cells("{:.2f} ×", memory)])
    return table(["", *(VENDORS[to].product for to in LEDGERS)], rows)
