"""Every answer of a simulated service says what time it is there, as every web server's does."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from werkzeug.test import Client

from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import KeapSandbox
from invoicesync_sandbox.qbo import QboSandbox
from invoicesync_sandbox.xero import XeroSandbox

THEN = datetime(2027, 3, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("vendor", [KeapSandbox, XeroSandbox, QboSandbox])
def test_answer_carries_the_service_s_own_time(vendor: type[Vendor]) -> None:
    service = vendor(Clock(THEN))
    service.fail(status=503, times=1)

    refused, answered = Client(service).get("/"), Client(service).get("/")

    assert refused.status_code == 503
    assert [parsedate_to_datetime(one.headers["Date"]) for one in (refused, answered)] == [THEN] * 2
