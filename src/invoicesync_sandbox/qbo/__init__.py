"""A stand-in for QuickBooks Online: its sign-in, and the Accounting API of its companies."""

from invoicesync_sandbox.qbo.errors import Refused
from invoicesync_sandbox.qbo.screens import sale
from invoicesync_sandbox.qbo.server import QboSandbox
from invoicesync_sandbox.qbo.switches import QboSwitches
from invoicesync_sandbox.qbo.worlds import WorldName

__all__ = ["QboSandbox", "QboSwitches", "Refused", "WorldName", "sale"]
