"""Sign-in: consent, tokens, where secrets are kept, and who signs the requests of a run."""

from invoicesync_cli.auth.accounts import Pins
from invoicesync_cli.auth.credentials import Credentials
from invoicesync_cli.auth.overview import connections

__all__ = ["Credentials", "Pins", "connections"]
