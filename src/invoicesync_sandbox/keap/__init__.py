"""A stand-in for Keap: an account with contacts, orders and payments behind its REST v2."""

from invoicesync_sandbox.keap.rows import (
    Address,
    Instalment,
    Item,
    Merchant,
    Order,
    Payment,
    SubscriptionPlan,
)
from invoicesync_sandbox.keap.server import KeapSandbox
from invoicesync_sandbox.keap.switches import KeapSwitches

__all__ = [
    "Address",
    "Instalment",
    "Item",
    "KeapSandbox",
    "KeapSwitches",
    "Merchant",
    "Order",
    "Payment",
    "SubscriptionPlan",
]
