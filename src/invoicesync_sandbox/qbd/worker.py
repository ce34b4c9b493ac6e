"""A stand-in for the process that owns the COM connection to QuickBooks.

    python -m invoicesync_sandbox.qbd.worker http://127.0.0.1:PORT

speaks JSON lines on its standard input and output, as the real one does, and passes them to the
sandbox that is served there.
"""

import json
import sys
import time

from invoicesync_sandbox.qbd.remote import RemoteWorker

_FOREVER = 3600.0
"""Seconds that a worker hangs, if it is not killed before."""


def main(arguments: list[str]) -> int:
    """Answer lines until the input ends."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m invoicesync_sandbox.qbd.worker ROOT\n")
        return 2
    worker = RemoteWorker(arguments[0])
    for text in sys.stdin:
        answer = worker.answer(json.loads(text))
        fault = answer.pop("fault", "")
        if fault == "exit":
            return 1
        if fault == "hang":
            time.sleep(_FOREVER)
        sys.stdout.write("Fatal error in QBXMLRP2\n" if fault else json.dumps(answer) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
