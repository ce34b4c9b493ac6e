"""A long result needs no more memory than a short one, as JSON and as text."""

import tracemalloc
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from invoicesync_cli.cli import report
from invoicesync_cli.cli.report import Screen, envelope, write_json
from invoicesync_cli.cli.run_report import show_run
from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document, DocumentKind, DocumentState, Reason
from invoicesync_cli.sync import Result

STATES = [DocumentState.CREATED, DocumentState.HELD, DocumentState.WAITING]
REASONS = [Reason.NONE, Reason.CONTACT_AMBIGUOUS, Reason.UNPAID]


def as_json(result: Result) -> None:
    write_json(envelope("sync", ExitCode.OK, result.as_json()))


def as_text(result: Result) -> None:
    show_run(Screen(), result, [], "Xero", logged=True, named=True)


def as_long_text(result: Result) -> None:
    show_run(Screen(verbose=1), result, [], "Xero", logged=True, named=True)


def run_over(orders: int) -> Result:
    result = Result("20261128T090000-1", dry_run=False)
    for number in range(orders):
        document = Document(
            kind=DocumentKind.INVOICE,
            order_id=str(number),
            invoice_id=str(number),
            number=str(number),
            contact="Ada Lovelace",
            date=date(2026, 11, 28),
            total=Decimal("100.00"),
            currency="GBP",
            state=STATES[number % 3],
            reason=REASONS[number % 3],
            message="" if number % 3 == 0 else f"Order {number} is not paid.",
        )
        result.report([document])
    return result


def peak(show: Callable[[Result], None], orders: int) -> int:
    """Bytes that showing a run's result takes beside what was there before."""
    result = run_over(orders)
    tracemalloc.start()
    show(result)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size


@pytest.mark.parametrize(
    ("show", "more"),
    # Held at once, 900 documents take 950 KB as JSON, 4 MB as text, some of which rich remembers.
    [(as_json, 450_000), (as_text, 1_200_000), (as_long_text, 1_500_000)],
)
def test_seven_times_the_orders_take_no_more_memory(
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    show: Callable[[Result], None],
    more: int,
) -> None:
    monkeypatch.setattr(report, "ROWS", 50)
    monkeypatch.setattr(report, "PIECES", 256)
    show(run_over(3))

    short, long = peak(show, 150), peak(show, 1_050)

    assert long < short + more
    assert "1048" in capfd.readouterr().out
