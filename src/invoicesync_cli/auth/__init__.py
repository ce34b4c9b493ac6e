"""Sign-in: consent, tokens, where secrets are kept, and who signs the requests of a run."""

from invoicesync_cli.auth.credentials import Credentials
from invoicesync_cli.auth.overview import connections, variables
from invoicesync_cli.auth.pins import Pins

__all__ = ["Credentials", "Pins", "connections", "variables"]
