"""A redirect carries no token to another host."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from invoicesync_cli.errors import ExitCode
from tests.kits.faults import Trouble, between, check_booked, failure
from tests.kits.qbo_faults import check_books, everything, quickbooks
from tests.kits.rehearsal import Rehearsal


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("keap", "/orders"),
        ("xero", "/connect/token"),
        ("xero", "/api.xro"),
        ("qbo", "/tokens/bearer"),
        ("qbo", "/batch"),
    ],
)
def test_redirect_carries_no_token_to_another_host(
    tmp_path: Path, service: str, path: str, status: int
) -> None:
    r = quickbooks(tmp_path) if service == "qbo" else Rehearsal(tmp_path)
    if service == "qbo":
        everything(r)
    else:
        r.order()
    places = between(r)
    asked: list[str] = []

    def elsewhere(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        asked.append(str(environ))
        return Response("{}")(environ, start)

    r.network.apps = {**r.network.apps, "http://elsewhere.example": elsewhere}
    away = {"Location": f"http://elsewhere.example{path}"}
    redirect = Trouble(path=path, times=999, answer=lambda: Response("", status, away))
    places[service].planned = [redirect]

    error = failure(r)

    assert error.exit_code == ExitCode.TRY_LATER
    assert redirect.seen
    assert asked == []
    places[service].planned = []
    r.sync()
    (check_books if service == "qbo" else check_booked)(r)
