"""The tool as a process of its own, at work with a service that takes its time."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

from werkzeug.wrappers import Request

from invoicesync_sandbox.base import Vendor

PATIENCE = 60
"""Seconds after which a process hangs."""


def program(*typed: str) -> "subprocess.Popen[str]":
    """Start the tool, in the environment of this process."""
    return subprocess.Popen(
        [sys.executable, "-m", "invoicesync_cli", *typed],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )


class Silence(threading.Event):
    """That a request has come that is not answered; `requests` has all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []


@contextlib.contextmanager
def silent(vendor: Vendor, asked: Callable[[Request], bool]) -> Iterator[Silence]:
    """A service that does not answer such a request as long as the block runs."""
    came, over = Silence(), threading.Event()

    def wait(request: Request) -> None:
        if asked(request):
            came.requests.append(request)
            came.set()
            over.wait()

    vendor.in_progress = wait
    try:
        yield came
    finally:
        over.set()
        vendor.in_progress = None


def makes_invoices(request: Request) -> bool:
    """Whether a request to Xero makes invoices."""
    return request.method == "PUT" and request.path.endswith("/Invoices")
