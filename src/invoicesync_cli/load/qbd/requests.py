"""Messages of qbXML: requests from the tables, in ASCII, the same bytes for the same values."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from invoicesync_cli.load.qbd.tables import Field, fields
from invoicesync_cli.load.qbd.texts import cut, escaped, latin
from invoicesync_cli.model import CENT

PROLOG = '<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="13.0"?>\n'
LONGEST_KEY = 23
"""Letters of a message set's id. (A longer one is refused with 9004.)"""
PLACES = Decimal("0.00001")
"""What QuickBooks keeps of a quantity or a rate."""

Values = Mapping[str, Any]


class DoesNotFit(ValueError):
    """A text is longer than its element, and may not be cut; `element` is its name."""

    def __init__(self, element: str, text: str, longest: int) -> None:
        super().__init__(f"{element} holds {longest} letters, and this has {len(text)}: {text}")
        self.element = element


def message(requests: Iterable[str], *, key: str = "", old: str = "", stops: bool = False) -> str:
    """A message of these requests.

    Under a `key` QuickBooks remembers what became of it, and does not carry out the identical
    message again; `old` and `key` alike, without requests, ask what is remembered. With `stops`
    nothing is done after the first error.
    """
    if len(key) > LONGEST_KEY or len(old) > LONGEST_KEY:
        raise DoesNotFit("newMessageSetID", key or old, LONGEST_KEY)
    on_error = "stopOnError" if stops else "continueOnError"
    sets = (("oldMessageSetID", old), ("newMessageSetID", key))
    attributes = "".join(f' {name}="{escaped(value)}"' for name, value in sets if value)
    inner = "\n".join(requests)
    opening = f'<QBXMLMsgsRq onError="{on_error}"{attributes}>'
    return f"{PROLOG}<QBXML>{opening}{inner}</QBXMLMsgsRq></QBXML>"


def request(name: str, values: Values, request_id: str, **attributes: str) -> str:
    """One request such as `InvoiceAdd` or `CustomerQuery`; `attributes` are those of an iterator.

    Raises `DoesNotFit`, and `ValueError` for an element that the request does not have or a number
    with more decimals than QuickBooks keeps.
    """
    given = "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items())
    inner = _elements(name, values)
    if name.endswith(("Add", "Mod")):
        inner = f"<{name}>{inner}</{name}>"
    return f'<{name}Rq requestID="{escaped(request_id)}"{given}>{inner}</{name}Rq>'


def _elements(table: str, values: Values) -> str:
    known = fields(table)
    unknown = set(values) - {field.name for field in known}
    if unknown:
        msg = f"{table} has no {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    return "".join(
        _element(field, one)
        for field in known
        for one in _each(values.get(field.name))
        if one is not None and one != ""
    )


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _element(field: Field, value: Any) -> str:
    inner = _elements(field.below, value) if field.below else _text(field, value)
    return f"<{field.name}>{inner}</{field.name}>"


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _number(field, value)
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = latin(str(value))
    if field.longest is not None and len(text) > field.longest:
        if not field.cuts:
            raise DoesNotFit(field.name, text, field.longest)
        text = cut(text, field.longest)
    return escaped(text)


def _number(field: Field, value: Decimal) -> str:
    """An amount with two decimals; any other number with as few as say it exactly."""
    places = CENT if field.form == "$" else PLACES
    exact = value.quantize(places)
    if exact != value:
        msg = f"{field.name} cannot be {value}"
        raise ValueError(msg)
    return f"{exact:f}" if field.form == "$" else f"{exact.normalize():f}"
