"""Opening the ledger that the config names; which there are stands in `vendors.py`."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from invoicesync_cli.auth import Credentials
from invoicesync_cli.auth.accounts import Account
from invoicesync_cli.config import Config
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.progress import ProgressListener
from invoicesync_cli.services import Origins
from invoicesync_cli.vendors import VENDORS

if TYPE_CHECKING:
    from invoicesync_cli.load.qbd.web_connector.sessions import Sessions
    from invoicesync_cli.load.qbd.write_test.results import WriteTest

Opener = Callable[[Config, Origins, Network, TokenSource, str], Ledger]
"""`open_ledger` of a ledger's package. The text is the account's id, as the sign-in has it."""


def open_ledger(
    config: Config, where: Origins, network: Network, tokens: TokenSource, account: str
) -> Ledger:
    """The ledger of `sync.destination`. Others are not imported, so they cost no start-up time."""
    package = import_module(VENDORS[config.sync.destination].package)
    opener: Opener = package.open_ledger
    return opener(config, where, network, tokens, account)


def answering(
    credentials: Credentials, wanted: Callable[[], bool]
) -> "AbstractContextManager[Sessions]":
    """While the block runs, the ledger of `sync.destination` is answered, which comes and asks
    (`VendorSection.polled`). Raises `SignInNeeded`, and `TryLater` when the port is taken."""
    package = VENDORS[credentials.config.sync.destination].package
    found: AbstractContextManager[Sessions] = import_module(f"{package}.serving").answering(
        credentials, wanted
    )
    return found


def write_test(
    credentials: Credentials,
    folder: Path,
    same_books: Callable[[Account], None],
    progress: ProgressListener,
) -> "WriteTest":
    """Ask the ledger of `sync.destination` what is open about it, in a sample company of its own
    (`Vendor.write_test`). Raises `ConfigError` for another company, and what a run raises."""
    package = VENDORS[credentials.config.sync.destination].package
    found: WriteTest = import_module(f"{package}.write_test").write_test(
        credentials, folder, same_books, progress
    )
    return found
