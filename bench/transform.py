"""How many invoices a second go through the rules."""

import tempfile
import time
from pathlib import Path

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.sync.preflight import Preflight
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_sandbox.shop.generator import generate
from tests.kits.rehearsal import Rehearsal

COUNT = 1000


def rate(to: str) -> float:
    """Drafts made per second of CPU, payments left aside."""
    with tempfile.TemporaryDirectory() as home:
        rehearsal = Rehearsal(Path(home), to=to)
        generate(rehearsal.keap, COUNT)
        world = Workspace(rehearsal.environ, rehearsal.network)
        with world.run(Call(), {}, dry_run=True) as deps:
            setup = Preflight(deps.state, deps.keap, deps.ledger, deps.loaded, deps.now)
            rules = setup.rules()
            orders = [order for page in deps.keap.orders_after(0) for order in page]
            invoices = [order.invoice for order in orders if order.invoice]
            began = time.process_time()
            for invoice in invoices:
                make_draft(invoice, [], rules, [])
            return len(invoices) / (time.process_time() - began)
