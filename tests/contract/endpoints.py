"""The list of every endpoint that the tool uses, with what vouches for it: `docs/endpoints.md`.

`python -m tests.contract.endpoints` writes it anew, from what the representative runs really ask.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.contract import runs
from tests.contract.evidence import CALLS, CLIENTS, NOTHING, REFUSALS
from tests.contract.exchanges import Exchange
from tests.contract.qbo_schemas import element, template
from tests.contract.specification import operation
from tests.contract.unspecified import UNSPECIFIED

FILE = Path(__file__).parents[2] / "docs" / "endpoints.md"
COMMAND = "python -m tests.contract.endpoints"
SERVICES = {"keap": "Keap", "xero": "Xero", "qbo": "QuickBooks Online"}

Row = tuple[str, str, str]
"""Method, path, and what vouches for it."""

HEAD = f"""\
# Endpoints

Every call that invoicesync makes, and what vouches for it: the vendor's specification, an answer
that somebody has recorded from a real account, a client that others wrote and that the contract
tests hold the simulated services against. The lists are made by the contract tests, the calls from
what the tool really asks (`{COMMAND}`).
"""
REFUSED = """

## Refusals and odd answers

What is made of answers that are not what was asked for, and what vouches for their being so. Where
it is `nothing`, the vendor's pages or reports say that there is such an answer, and its form is not
known for sure; both forms are tested where there are two.

| service | answer | what is made of it | vouched for by |
|---|---|---|---|"""


def row(exchange: Exchange) -> Row:
    """The endpoint of a request. Raises `KeyError` for one that nothing vouches for."""
    found = operation(exchange.service, exchange.method, exchange.path)
    if found:
        path = f"{found.specification.prefix}{found.path}"
        vouches = f"`{found.specification.file}`, operation `{found.id}`"
        return exchange.method, path, vouches
    if exchange.path.startswith("/v3/company/"):
        file, name = element(exchange.path)
        return exchange.method, template(exchange.path), f"`{file}`, element `{name}`"
    vouches = UNSPECIFIED[exchange.service][exchange.method, exchange.path]
    return exchange.method, exchange.path, vouches


def page(exchanges: Iterable[Exchange]) -> str:
    """The page for these requests."""
    return "\n".join(_lines(list(exchanges)))


def _lines(exchanges: list[Exchange]) -> Iterator[str]:
    yield HEAD.rstrip("\n")
    for service, name in SERVICES.items():
        rows = {row(exchange) for exchange in exchanges if exchange.service == service}
        yield f"\n## {name}\n"
        yield "| call | specification | recording | foreign client |\n|---|---|---|---|"
        for method, path, vouches in sorted(rows, key=lambda one: (one[1], one[0])):
            call = f"{method} {path}"
            recording = f"`{CALLS[call]}`" if call in CALLS else NOTHING
            yield f"| `{call}` | {vouches} | {recording} | {CLIENTS.get(call, NOTHING)} |"
    yield REFUSED.removeprefix("\n")
    for refusal in REFUSALS:
        words = (SERVICES[refusal.service], refusal.answer, refusal.meaning, refusal.vouched)
        yield f"| {' | '.join(words)} |"
    yield ""


def write() -> None:
    """Write the page anew."""
    with tempfile.TemporaryDirectory() as folder:
        heard = [
            exchange
            for place, run in enumerate(runs.RUNS.values())
            for exchange in run(Path(folder) / f"run-{place}")
        ]
    FILE.write_text(page(heard), encoding="utf-8")


if __name__ == "__main__":
    write()
