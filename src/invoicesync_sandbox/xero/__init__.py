"""Stands in for Xero: one organisation's Accounting API, its identity service, its screens."""

from invoicesync_sandbox.xero.findings import ElementRefused
from invoicesync_sandbox.xero.server import API, XeroSandbox
from invoicesync_sandbox.xero.switches import XeroSwitches

__all__ = ["API", "ElementRefused", "XeroSandbox", "XeroSwitches"]
