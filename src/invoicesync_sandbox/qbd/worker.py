"""A stand-in for the process that owns the COM connection to QuickBooks.

    python -m invoicesync_sandbox.qbd.worker http://127.0.0.1:PORT

speaks JSON lines on its standard input and output, as the real one does, and passes them to the
sandbox that is served there.
"""

import json
import sys
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

_FOREVER = 3600.0
"""Seconds that a worker hangs, if it is not killed before."""


def main(arguments: list[str]) -> int:
    """Answer lines until the input ends."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m invoicesync_sandbox.qbd.worker ROOT\n")
        return 2
    address = urlsplit(arguments[0])
    worker = str(uuid4())
    for text in sys.stdin:
        answer = _asked(address.netloc, {"worker": worker, "line": json.loads(text)})
        fault = answer.pop("fault", "")
        if fault == "exit":
            return 1
        if fault == "hang":
            time.sleep(_FOREVER)
        sys.stdout.write("Fatal error in QBXMLRP2\n" if fault else json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


def _asked(place: str, body: dict[str, Any]) -> dict[str, Any]:
    connection = HTTPConnection(place)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/worker", json.dumps(body), headers)
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        return found
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
