"""How values are kept as text in the state, the journal and the secrets: one line of JSON each.

The type of a value says all of it: amounts are strings, never floats; dates, times and enums are as
`--json` has them; what is as it is by default is left out. So text that an older version wrote can
be read as long as new fields have a default. Fields that there are no more are passed over.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from invoicesync_cli.model import DOCUMENT_FIELDS, Document

_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)

T = TypeVar("T")
Texts = tuple[str, ...]
Plain = dict[str, object]


def dump(kind: type[T], value: T) -> str:
    """A value of this type as text."""
    return _adapter(kind).dump_json(value, exclude_defaults=True).decode()


def load(kind: type[T], text: str | bytes) -> T:
    """The value that `dump` made text of. Raises `ValueError` for text that is none."""
    found: T = _adapter(kind).validate_json(text)
    return found


def dump_said(said: Plain) -> str:
    """What a service said as text, however deep it goes. What JSON has no form for, as a number
    that no ledger could hold, becomes text."""
    return json.dumps(said, default=str)


def load_said(text: str) -> Plain:
    """What `dump_said` made text of. Raises `ValueError` for text that is none."""
    found: Plain = json.loads(text)
    return found


def as_json(kind: type[T], value: T) -> dict[str, Any]:
    """A value with all of its fields, as plain JSON."""
    found: dict[str, Any] = _adapter(kind).dump_python(value, mode="json")
    return found


def document_as_json(document: Document) -> dict[str, Any]:
    """A document with its fields in their order, as `--json` shows it."""
    shown = as_json(Document, document)
    return {name: shown[name] for name in DOCUMENT_FIELDS}
