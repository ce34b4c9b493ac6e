"""Two answers compared by their form: fields, types, nulls, forms of numbers and dates, headers."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.contract.schemas import Problem

Shape = dict[str, set[str]]
"""The forms of the values at each place; every element of a list stands at `*`."""
NOTHING = "0"
FORMS = {
    "date": r"\d{4}-\d\d-\d\d",
    "time with zone": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d",
    "milliseconds with zone": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d",
    "seven decimals": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}",
    "/Date(ms)/": r"/Date\(\d+\)/",
    "/Date(ms+0000)/": r"/Date\(\d+\+0000\)/",
    "guid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "digits": r"\d+",
}


def shape(body: str) -> Shape:
    """The form of a JSON answer."""
    found: Shape = {}
    for place, form in _leaves("", json.loads(body, parse_float=Decimal)):
        found.setdefault(place, set()).add(form)
    return found


def _leaves(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield place, "object"
        for name, inner in value.items():
            yield from _leaves(f"{place}/{name}".strip("/"), inner)
    elif isinstance(value, list):
        yield place, "list"
        for inner in value:
            yield from _leaves(f"{place}/*", inner)
    else:
        yield place, _form(value)


def _form(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, Decimal):
        return f"number with {-int(value.as_tuple().exponent)} decimals"
    if isinstance(value, int):
        return "whole number" if value else NOTHING
    return next((name for name, form in FORMS.items() if re.fullmatch(form, value)), "text")


def differences(name: str, real: Shape, ours: Shape) -> Iterator[Problem]:
    """What in our answer is of another form than in the real one, each place once."""
    for place in sorted(real.keys() | ours.keys()):
        if _inside_difference(place, real, ours):
            continue
        if place not in ours:
            yield Problem(name, "left out", place, f"recorded as {_listed(real[place])}")
        elif place not in real:
            yield Problem(name, "added", place, f"ours is {_listed(ours[place])}")
        elif not _alike(real[place], ours[place]):
            what = f"recorded as {_listed(real[place])}, ours is {_listed(ours[place])}"
            yield Problem(name, "form", place, what)


def _alike(real: set[str], ours: set[str]) -> bool:
    """Whether all of our forms are among the real ones; nothing is written alike everywhere."""
    numbers = {form for form in ours if "number" in form}
    return ours - {NOTHING} <= real or (real == {NOTHING} and ours - {NOTHING} == numbers)


def header_differences(
    name: str, real: Mapping[str, str], ours: Mapping[str, str]
) -> Iterator[Problem]:
    """The vendor's own headers that our answer lacks, and another media type."""
    lacking = {key.lower() for key in real} - {key.lower() for key in ours}
    for key in sorted(lacking):
        yield Problem(name, "header", key, "left out")
    kind, own = (_media(headers) for headers in (real, ours))
    if kind != own:
        yield Problem(name, "header", "content-type", f"recorded as {kind}, ours is {own}")


def _media(headers: Mapping[str, str]) -> str:
    found = next((value for key, value in headers.items() if key.lower() == "content-type"), "")
    return found.lower().replace(" ", "")


def _inside_difference(place: str, real: Shape, ours: Shape) -> bool:
    """Whether what this place is in is missing on one side already."""
    outer = place.rpartition("/")[0].removesuffix("/*")
    return bool(outer) and (outer in real) != (outer in ours)


def _listed(forms: set[str]) -> str:
    return " or ".join(sorted(forms))
