"""How Xero writes its answers: envelope, dates, JSON, and XML for whoever does not ask for JSON."""

import re
import uuid
from datetime import UTC, date, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from werkzeug.wrappers import Response

from invoicesync_sandbox.wire import json_response, text_response, to_xml, xml_text

_MS = re.compile(r"/Date\((-?\d+)(\+0000)?\)/")
_PLURALS = {
    "Addresses": "Address",
    "Currencies": "Currency",
    "Elements": "DataContractBase",
    "ValidationErrors": "ValidationError",
    "Warnings": "Warning",
}


NOT_FOUND = 404


def midnight(day: date) -> datetime:
    """Midnight UTC of a calendar day: how the vendor writes the dates of documents."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def ms_time(moment: datetime) -> str:
    """A moment as `/Date(ms+0000)/`."""
    return f"/Date({_milliseconds(moment)}+0000)/"


def bare_ms_time(moment: datetime) -> str:
    """A moment as `/Date(ms)/`, as some of the vendor's fields have it."""
    return f"/Date({_milliseconds(moment)})/"


def ms_date(day: date) -> str:
    """A calendar day as midnight UTC in the same form."""
    return ms_time(midnight(day))


def iso_date(day: date) -> str:
    """A calendar day as `…String` properties show it."""
    return f"{day.isoformat()}T00:00:00"


def iso_time(moment: datetime) -> str:
    """A moment as `UpdatedDateUTCString` shows it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def envelope(now: datetime, content: dict[str, Any]) -> dict[str, Any]:
    """The collection inside what comes with every success."""
    return {
        "Id": str(uuid.uuid4()),
        "Status": "OK",
        "ProviderName": "Invoice sandbox",
        "DateTimeUTC": f"/Date({_milliseconds(now)})/",
        **content,
    }


def answer(
    body: dict[str, Any] | str, status: int, headers: dict[str, str], *, as_json: bool
) -> Response:
    """Plain text stays plain text, though a 404 calls it HTML; an object becomes JSON or XML."""
    if isinstance(body, str):
        response = text_response(body, status, headers)
        if status == NOT_FOUND:
            response.content_type = "text/html; charset=utf-8"
        return response
    if as_json:
        return json_response(body, status, headers, charset="; charset=utf-8")
    root = Element("ApiException" if "ErrorNumber" in body else "Response")
    _fill(root, body)
    return Response(to_xml(root), status, headers, content_type="text/xml; charset=utf-8")


def _fill(element: Element, value: dict[str, Any]) -> None:
    """The same content as XML: lists hold elements in the singular, dates are ISO."""
    for name, item in value.items():
        if item is None or name.endswith("DateString") or name == "UpdatedDateUTCString":
            continue
        child = SubElement(element, name)
        if isinstance(item, dict):
            _fill(child, item)
        elif isinstance(item, list):
            for entry in item:
                _fill(SubElement(child, _PLURALS.get(name, name.removesuffix("s"))), entry)
        else:
            child.text = _text(item)


def _text(value: object) -> str:
    found = _MS.fullmatch(str(value))
    if found:
        moment = datetime.fromtimestamp(int(found[1]) / 1000, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + ("" if found[2] else "Z")
    return xml_text(value)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
