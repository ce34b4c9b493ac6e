"""What holds for every test: the client says nothing that the vendors' specifications do not."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from werkzeug.wrappers import Request

from invoicesync_sandbox.base import Vendor
from tests.contract.specification import folder

if TYPE_CHECKING:
    from tests.contract.overheard import Overheard


@pytest.fixture(scope="session")
def overheard() -> "Overheard | None":
    """The client's requests in all tests, where that is asked for (`INVOICESYNC_OVERHEAR=1`) and
    the specifications are at hand."""
    if not os.environ.get("INVOICESYNC_OVERHEAR") or folder() is None:
        return None
    from tests.contract.overheard import Overheard

    return Overheard()


@pytest.fixture(autouse=True)
def _as_specified(
    overheard: "Overheard | None", monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Listens at every sandbox. A test that leaves the specification on purpose is marked."""
    if overheard is None or request.node.get_closest_marker("off_spec"):
        yield
        return
    log = Vendor._log

    def listening(vendor: Vendor, asked: Request, body: bytes, status: int) -> None:
        overheard.hear(vendor.name, asked, body)
        log(vendor, asked, body, status)

    monkeypatch.setattr(Vendor, "_log", listening)
    yield
    assert overheard.problems() == set()
