"""A shop as it is at one moment, to go on from as often as one likes."""

import copy
import copyreg
import shutil
import threading
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.kits.bookkeepers import Books

LOCKS: dict[type[Any], Any] = {
    type(threading.Lock()): lambda _: (threading.Lock, ()),
    type(threading.RLock()): lambda _: (threading.RLock, ()),
}
"""A lock that nobody holds is as good as another."""


def copied(books: Books, home: Path) -> Books:
    """The same shop, ledger and state again, with a home folder of its own; nobody is at work."""
    shutil.copytree(books.shop.home, home)
    with patch.dict(copyreg.dispatch_table, LOCKS):
        twin = copy.deepcopy(books)
    shop = twin.shop
    shop.home = home
    shop.environ = {**shop.environ, "INVOICESYNC_HOME": str(home)}
    shop.connect()
    return twin
