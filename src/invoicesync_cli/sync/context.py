"""What a run works with, handed round whole."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from invoicesync_cli.config import Config, Loaded
from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.load.ledger import Ledger, Writer
from invoicesync_cli.model import Document
from invoicesync_cli.progress import ProgressListener
from invoicesync_cli.state import Store
from invoicesync_cli.sync.batches import Batches
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.preflight import Preflight
from invoicesync_cli.vendors import VENDORS

CHUNK = 1000
"""Orders or records that are handled together; what a run holds in memory at once."""


@dataclass(frozen=True)
class RunContext:
    """The state, both services, the settings and the options of one run.

    `run` is its id, `now` the clock (aware), `report` takes in outcomes as they come, and
    `progress` hears how far the run is. `kept_contacts` is the file with the ledger's contacts,
    None for a run that does not hold the profile's lock.
    """

    state: Store
    keap: KeapClient
    ledger: Ledger
    loaded: Loaded
    preflight: Preflight
    options: Options
    run: str
    now: Callable[[], datetime]
    report: Callable[[Iterable[Document]], None]
    progress: ProgressListener
    kept_contacts: Path | None = None

    @property
    def ledger_title(self) -> str:
        """What people call the ledger, such as `Xero`."""
        return VENDORS[self.config.sync.destination].title

    @property
    def config(self) -> Config:
        """The user's settings."""
        return self.loaded.config

    def batches(self, writer: Writer | None = None) -> Batches:
        """What sends batches in this run, to the ledger or another `writer`."""
        return Batches(self.state, writer or self.ledger, self.run, self.now, self.progress)

    @property
    def sends_money(self) -> bool:
        """Whether payments, credits and refunds are sent in this run."""
        return self.config.sends_payments and self.options.only != "invoices"
