"""The list of every endpoint that the tool uses, with what vouches for it: `docs/endpoints.md`.

`python -m tests.contract.endpoints` writes it anew, from what the representative runs really ask.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.contract import runs
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

Every call that invoicesync makes, and the specification that vouches for it. The list is made by
the contract tests from what the tool really asks (`{COMMAND}`).
"""


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
        yield f"\n## {name}\n\n| call | vouched for by |\n|---|---|"
        for method, path, vouches in sorted(rows, key=lambda one: (one[1], one[0])):
            yield f"| `{method} {path}` | {vouches} |"
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
