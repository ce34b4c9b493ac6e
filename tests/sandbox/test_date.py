"""Every answer of a simulated service says what time it is there, as every web server's does."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest
from werkzeug.test import Client

from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import KeapSandbox
from invoicesync_sandbox.qbo import QboSandbox
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.xero import XeroSandbox

THEN = datetime(2027, 3, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("vendor", [KeapSandbox, XeroSandbox, QboSandbox])
def test_answer_carries_the_service_s_own_time(vendor: type[Vendor]) -> None:
    service = vendor(Clock(THEN))
    service.fail(status=503, times=1)

    refused, answered = Client(service).get("/"), Client(service).get("/")

    assert refused.status_code == 503
    assert [parsedate_to_datetime(one.headers["Date"]) for one in (refused, answered)] == [THEN] * 2


def test_served_on_loopback_it_names_no_other_time() -> None:
    """The machine's clock may be days behind the service's."""
    service = QboSandbox(Clock(THEN))
    service.fail(kind="reply", status=200, body="{}", times=1)

    with serving({"qbo": service}) as roots:
        dates = httpx.get(roots["qbo"]).headers.get_list("Date")

    assert [parsedate_to_datetime(date) for date in dates] == [THEN]
