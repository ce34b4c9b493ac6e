"""How every simulated vendor reads and writes bodies: JSON with exact money, XML, and which."""

import json
from decimal import Decimal
from typing import Any, Literal
from xml.etree.ElementTree import Element, tostring

import simplejson
from werkzeug.wrappers import Request, Response


def to_json(value: object) -> str:
    """JSON as the vendors write it: money as plain numbers."""

    def plain(item: object) -> object:
        if isinstance(item, Decimal):
            return int(item) if item == item.to_integral_value() else float(item)
        msg = f"{type(item).__name__} has no JSON form here"
        raise TypeError(msg)

    return json.dumps(value, default=plain, ensure_ascii=False)


def to_exact_json(value: object) -> str:
    """JSON with the digits of every amount, as QuickBooks writes it: 100.00, and 0 for nothing."""
    text: str = simplejson.dumps(value, default=_digits, use_decimal=False, ensure_ascii=False)
    return text


def _digits(value: object) -> object:
    """An amount with nothing as 0, and no exponents."""
    if not isinstance(value, Decimal):
        msg = f"{type(value).__name__} has no JSON form here"
        raise TypeError(msg)
    exponent = value.as_tuple().exponent
    whole = not value or (isinstance(exponent, int) and exponent > 0)
    return simplejson.RawJSON(str(int(value) if whole else value))


def from_json(body: bytes) -> Any:
    """The request body, with every number that has a fraction as `Decimal`."""
    return json.loads(body.decode("utf-8"), parse_float=Decimal)


Charset = Literal["", ";charset=utf-8", "; charset=utf-8"]
"""What stands behind the media type; each vendor has its own way."""


def json_response(
    value: object,
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    charset: Charset = "",
) -> Response:
    """A JSON answer."""
    media = f"application/json{charset}"
    return Response(to_json(value), status=status, headers=headers, content_type=media)


def text_response(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """An answer in plain text."""
    return Response(text, status, headers, content_type="text/plain; charset=utf-8")


def wants_json(request: Request) -> bool:
    """Whether JSON is asked for by name; anything else gets XML from who writes it."""
    return "json" in request.headers.get("Accept", "").lower()


def to_xml(root: Element) -> bytes:
    """The document."""
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def xml_text(value: object) -> str:
    """A value inside XML."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
