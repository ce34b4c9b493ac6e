"""Options and arguments that several commands have, declared once. Typer checks the values."""

from typing import TYPE_CHECKING, Literal

from invoicesync_cli.vendors import VENDORS

if TYPE_CHECKING:
    Service = str
else:
    Service = Literal[tuple(VENDORS)]
