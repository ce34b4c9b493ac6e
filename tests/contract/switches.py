"""The open questions about the vendors, and every other answer to each."""

import dataclasses
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin, get_type_hints

from invoicesync_cli.model import Document
from invoicesync_sandbox.keap import KeapSwitches
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.xero import XeroSwitches

Setting = tuple[str, str, Any]
"""Service, switch, and how it is set."""
Outcomes = dict[tuple[str, str, str], tuple[str, str]]
"""State and reason, by kind, order id and payment id."""

SWITCHES: dict[str, Any] = {"keap": KeapSwitches, "xero": XeroSwitches, "qbo": QboSwitches}
OTHERS: dict[str, tuple[Any, ...]] = {
    "keap.default_page_size": (7, 1000),
    "keap.max_listed_ids": (200, 50),
    "keap.contact_fields": (("id",),),
    "xero.body_limit": (10_000_000,),
    "xero.idempotency_minutes": (20, 0),
    "xero.idempotency_keys_kept": (0, 1),
    "xero.payment_reference_limit": (64,),
    "xero.rate_limit_body": ("You have exceeded the limit.",),
    "qbo.requestid_hours": (0.25, 24.0),
    "qbo.longest_query": (8000,),
    "qbo.longest_display_name": (100,),
    "qbo.tax_override_tolerance": (None, Decimal("0.05")),
    "qbo.over_applied_text": ("More than is open.",),
    "qbo.request_ids_kept": (0, 1),
}
"""The other settings of switches that are neither yes-or-no nor one of a few words."""


def other_settings(service: str) -> Iterator[Setting]:
    """Every setting of every switch that is not the default."""
    kind = SWITCHES[service]
    hints = get_type_hints(kind)
    for field in dataclasses.fields(kind):
        values = OTHERS.get(f"{service}.{field.name}")
        if values is None:
            hint = hints[field.name]
            values = get_args(hint) if get_origin(hint) is Literal else ()
            values = (True, False) if hint is bool else values
        yield from ((service, field.name, value) for value in values if value != field.default)


def named(setting: Setting) -> str:
    """A setting for the list of tests."""
    service, name, value = setting
    return f"{service}.{name}={value}"


def outcomes(documents: Sequence[Document]) -> Outcomes:
    """State and reason of each document."""
    return {
        (str(item.kind), item.order_id, item.payment_id): (str(item.state), item.reason)
        for item in documents
    }


def differing(usual: Outcomes, found: Outcomes) -> dict[Any, Any]:
    """What came out otherwise than usual."""
    return {
        key: (usual.get(key), found.get(key))
        for key in usual.keys() | found.keys()
        if usual.get(key) != found.get(key)
    }
