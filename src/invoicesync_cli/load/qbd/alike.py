"""Of what was sent, the documents in QuickBooks Desktop that could be it: more than one where
somebody else has sent it too."""

from collections import defaultdict
from collections.abc import Sequence

from invoicesync_cli.load.qbd.answers import Fields
from invoicesync_cli.load.qbd.client import DesktopClient, Where
from invoicesync_cli.load.qbd.finding import BatchRequest, is_same, is_void
from invoicesync_cli.model import LedgerId


def alike(client: DesktopClient, parts: Sequence[BatchRequest]) -> list[list[LedgerId]]:
    """The living transactions that each of these could be, the oldest first, in one message."""
    asked: dict[Where, list[str]] = defaultdict(list)
    for part in parts:
        asked[part.where].append(part.wanted)
    rows = client.found(asked)
    return [
        [LedgerId(str(row["TxnID"])) for row in _living(rows[part.where]) if is_same(part, row)]
        for part in parts
    ]


def _living(rows: Sequence[Fields]) -> list[Fields]:
    return sorted((row for row in rows if not is_void(row)), key=_age)


def _age(row: Fields) -> tuple[int, str]:
    """QuickBooks counts its transactions."""
    number, ident = str(row.get("TxnNumber", "")), str(row.get("TxnID", ""))
    return (int(number) if number.isascii() and number.isdigit() else 0), ident
