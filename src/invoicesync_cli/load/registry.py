"""The ledgers there are: a new one is a folder beside this file and a line in it."""

from collections.abc import Callable, Mapping

from invoicesync_cli.auth import Credentials
from invoicesync_cli.config import Config
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.http import Network
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.services import Origins

Opener = Callable[[Config, Origins, Network, Credentials], Ledger]


def _xero(config: Config, where: Origins, network: Network, credentials: Credentials) -> Ledger:
    from invoicesync_cli.load.xero import XeroLedger

    return XeroLedger(where, network, credentials.tokens("xero"), config.xero.status)


LEDGERS: Mapping[str, Opener] = {"xero": _xero}


def open_ledger(
    config: Config, where: Origins, network: Network, credentials: Credentials
) -> Ledger:
    """The ledger of `sync.destination`. Raises `ConfigError` for one that is not there yet."""
    opener = LEDGERS.get(config.sync.destination)
    if opener is None:
        raise ConfigError(
            f'sync.destination = "{config.sync.destination}" is not available in this version.',
            hint='Use sync.destination = "xero".',
            code="destination-unavailable",
        )
    return opener(config, where, network, credentials)
