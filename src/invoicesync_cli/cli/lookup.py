"""`lookup`: the ledger's live lists, to fill the config from."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.progress import progress
from invoicesync_cli.cli.report import Report, Screen

if TYPE_CHECKING:
    from invoicesync_cli.load.ledger import Ledger
    from invoicesync_cli.model import LedgerFacts

ListName = Literal["accounts", "taxes", "items", "contacts", "organisations", "tracking", "classes"]
LookupEntry = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "lookup", help="The ledger's accounts, taxes, items, contacts and the like.")
    def _lookup(
        call: Call,
        what: Annotated[ListName, typer.Argument(metavar="LIST", help="Which one.")],
        text: Annotated[str, typer.Argument(metavar="TEXT", help="Only what contains this.")] = "",
    ) -> Report:
        entries = _entries(call, what)
        wanted = [entry for entry in entries if _contains(entry, text)]
        return Report({"entries": wanted}, lambda screen: _show(screen, wanted), long=True)


def _entries(call: Call, what: ListName) -> list[LookupEntry]:
    from invoicesync_cli.cli.workspace import Workspace

    with progress(call) as shown, Workspace().ledger(call) as ledger:
        shown.phase(f"Reading the ledger's {what}")
        return _LISTS[what](ledger)


def _facts(ledger: "Ledger") -> "LedgerFacts":
    return ledger.facts(ledger.read_lists(ledger.capabilities.lists))


def _accounts(ledger: "Ledger") -> list[LookupEntry]:
    return [
        {
            "code": item.code,
            "id": item.id,
            "name": item.name,
            "sales": item.usable,
            "payments": item.payable,
        }
        for item in _facts(ledger).accounts
    ]


def _taxes(ledger: "Ledger") -> list[LookupEntry]:
    # Codes of QuickBooks in the United States only say whether a line is taxed.
    made_of_rates = ledger.capabilities.codes_of_rates
    return [
        {
            "code": item.code,
            "id": item.id,
            "name": item.name,
            "rate": f"{item.rate:f}" if item.parts or not made_of_rates else "",
            "sales": item.usable,
        }
        for item in _facts(ledger).tax_codes
    ]


def _items(ledger: "Ledger") -> list[LookupEntry]:
    return [
        {"code": item.code, "id": item.id, "name": item.name, "account": item.account}
        for item in _facts(ledger).items
    ]


def _contacts(ledger: "Ledger") -> list[LookupEntry]:
    return [
        {
            "code": item.number,
            "id": item.id,
            "name": item.name,
            "email": item.email,
            "archived": item.archived,
        }
        for item in ledger.contacts()
    ]


def _organisations(ledger: "Ledger") -> list[LookupEntry]:
    found = ledger.organisations()
    return [{"code": "", "id": ident, "name": name} for ident, name in found]


def _tracking(ledger: "Ledger") -> list[LookupEntry]:
    capabilities = ledger.capabilities
    lists = ledger.read_lists(dict.fromkeys((*capabilities.lists, *capabilities.tracking)))
    return [
        {"code": pair.option, "id": pair.id, "name": pair.option, "category": pair.category}
        for pair in ledger.facts(lists).tracking
    ]


_LISTS: "dict[ListName, Callable[[Ledger], list[LookupEntry]]]" = {
    "accounts": _accounts,
    "taxes": _taxes,
    "items": _items,
    "contacts": _contacts,
    "organisations": _organisations,
    # The same: what it is called depends on the ledger.
    "tracking": _tracking,
    "classes": _tracking,
}


def _contains(entry: LookupEntry, text: str) -> bool:
    wanted = text.casefold()
    return any(wanted in str(value).casefold() for value in entry.values())


def _show(screen: Screen, entries: list[LookupEntry]) -> None:
    if not entries:
        screen.line("Nothing of that name.")
        return
    columns = list(entries[0])
    words = {True: "yes", False: ""}
    screen.table(
        columns,
        [
            [
                words[entry[name]] if isinstance(entry[name], bool) else str(entry[name])
                for name in columns
            ]
            for entry in entries
        ],
    )
