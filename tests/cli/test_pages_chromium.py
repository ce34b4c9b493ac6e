"""The sandbox's pages by a real browser, between the runs of the tool."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from invoicesync_sandbox.pages import site_of
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import Sandbox
from tests.kits.chromium import Chromium, needs_chromium
from tests.kits.command_line import Run

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with closing(Chromium(tmp_path_factory.mktemp("chromium"))) as found:
        yield found


@pytest.fixture
def pages(box: Sandbox) -> Iterator[str]:
    with serving({"pages": site_of(box, "xero")}) as roots:
        yield roots["pages"]


def test_a_draft_is_approved_paid_and_refunded_by_hand_and_the_tool_follows(
    run: Run, home: Path, box: Sandbox, chromium: Chromium, pages: str
) -> None:
    config = home / "config.toml"
    drafts = config.read_text(encoding="utf-8").replace('status = "authorised"', 'status = "draft"')
    config.write_text(drafts, encoding="utf-8")
    run("sync")
    invoice = box.xero.invoices.find("number", "1002")[0].id
    assert box.xero.invoices[invoice].status == "DRAFT"

    chromium.open(f"{pages}/xero/invoices/{invoice}")
    chromium.follow("#approve button")
    assert "The invoice is approved." in chromium.text()
    run("sync")
    chromium.open(f"{pages}/xero/invoices/{invoice}")
    assert "PAID" in chromium.text("dl")

    chromium.open(f"{pages}/shop/orders/1002")
    chromium.type("#refund input[name=amount]", "30")
    chromium.follow("#refund button")
    assert "30.00 is refunded." in chromium.text()
    run("sync")
    chromium.open(f"{pages}/xero/credit-notes")
    assert "Keap order 1002" in chromium.text()

    chromium.open(f"{pages}/xero/invoices/{invoice}")
    chromium.follow("#void button")
    assert "Xero says:" in chromium.text("[role=alert]")
    assert box.xero.invoices[invoice].status == "PAID"
