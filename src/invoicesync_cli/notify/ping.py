"""Telling a monitoring service that a scheduled run has ended, and how."""

from dataclasses import replace
from urllib.parse import urlsplit

from invoicesync_cli.errors import ExitCode, InvoiceSyncError
from invoicesync_cli.http.client import Network
from invoicesync_cli.http.limits import ServiceLimits, Window

NAME = "The monitoring service"
WORKED = {ExitCode.OK, ExitCode.NEEDS_PERSON}
"""How a run ends that is reported as a success: what needs a person is no failure of the run."""


def ping(network: Network, address: str, exit_code: ExitCode) -> str:
    """Call the address, with `/fail` behind its path unless the run worked: why that did not
    succeed, or blank.

    Nothing of the address but its host is ever shown: what is in it is as good as a password.
    """
    parts = urlsplit(address)
    path = parts.path if exit_code in WORKED else f"{parts.path.rstrip('/')}/fail"
    limits = ServiceLimits(NAME, windows=(Window(10, 1.0),), timeout=10.0, secret_paths=True)
    try:
        # A recording, which can be sent to others, must not contain the address.
        service = replace(network, recorder=None).service(
            f"{parts.scheme}://{parts.netloc}", limits, None
        )
        try:
            query = f"?{parts.query}" if parts.query else ""
            reply = service.ask("GET", f"{path or '/'}{query}", once=True)
        finally:
            service.close()
    except InvoiceSyncError as error:
        return error.message
    if reply.good:
        return ""
    return f"{NAME} at {parts.hostname} answered {reply.status}."
