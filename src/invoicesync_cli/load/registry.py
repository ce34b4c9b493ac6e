"""The ledgers there are: a new one is a folder beside this file and a line in it."""

from collections.abc import Callable, Mapping

from invoicesync_cli.auth import Credentials
from invoicesync_cli.config import Config
from invoicesync_cli.http.client import Network
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.services import Origins

Opener = Callable[[Config, Origins, Network, Credentials], Ledger]


def _xero(config: Config, where: Origins, network: Network, credentials: Credentials) -> Ledger:
    from invoicesync_cli.load.xero import XeroLedger

    return XeroLedger(where, network, credentials.tokens("xero"), config.xero.status)


def _qbo(config: Config, where: Origins, network: Network, credentials: Credentials) -> Ledger:
    from invoicesync_cli.load.qbo import QboLedger

    tokens, kept = credentials.tokens("qbo"), credentials.kept("qbo")
    realm = kept.account if kept else ""
    return QboLedger(where, network, tokens, realm, config.qbo.environment)


LEDGERS: Mapping[str, Opener] = {"xero": _xero, "qbo": _qbo}


def open_ledger(
    config: Config, where: Origins, network: Network, credentials: Credentials
) -> Ledger:
    """The ledger of `sync.destination`. Raises `SignInNeeded` when nobody is signed in to it."""
    return LEDGERS[config.sync.destination](config, where, network, credentials)
