"""Data as a ledger is sent it."""

from typing import Any

import simplejson


def to_json(data: Any) -> bytes:
    """`data` as JSON, amounts as numbers with exactly our digits.

    The standard library can write a `Decimal` only by way of a float.
    """
    return simplejson.dumps(data, use_decimal=True, separators=(",", ":")).encode()
