"""The config file: its keys, their defaults, and readable problems with file and line."""

from invoicesync_cli.config.loading import (
    Loaded,
    Problem,
    WrongSettings,
    flatten,
    load,
    overridden,
    problems_of,
    usable,
)
from invoicesync_cli.config.sections import Auth, Config, Contacts, Invoices, Notify, Tax

__all__ = [
    "Auth",
    "Config",
    "Contacts",
    "Invoices",
    "Loaded",
    "Notify",
    "Problem",
    "Tax",
    "WrongSettings",
    "flatten",
    "load",
    "overridden",
    "problems_of",
    "usable",
]
