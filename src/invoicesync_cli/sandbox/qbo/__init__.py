"""A stand-in for QuickBooks Online: its sign-in, and the company that it is for."""

from invoicesync_cli.sandbox.qbo.server import QboSandbox
from invoicesync_cli.sandbox.qbo.switches import QboSwitches

__all__ = ["QboSandbox", "QboSwitches"]
