"""How QuickBooks writes its answers: JSON for who asks for it, else XML, and the gateway's HTML."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from werkzeug.wrappers import Response

from invoicesync_sandbox.qbo.errors import gateway
from invoicesync_sandbox.qbo.fields import SERVER_ZONE
from invoicesync_sandbox.qbo.switches import QboSwitches
from invoicesync_sandbox.wire import json_response, to_exact_json, to_xml, xml_text

TIMED_OUT = (
    "<html><head><title>504 Gateway Time-out</title></head><body><center><h1>504 Gateway Time-out"
    "</h1></center></body></html>"
)
_NAMESPACE = "http://schema.intuit.com/finance/v3"
_ATTRIBUTES = frozenset(
    {"domain", "sparse", "status", "bId", "startPosition", "maxResults", "totalCount"}
)
_FAULT_ATTRIBUTES = frozenset({"type", "code", "element"})
_NAMES = frozenset(
    {"name", "Name", "DisplayName", "FullyQualifiedName", "CompanyName", "PrintOnCheckName"}
)


def extension(**values: object) -> dict[str, Any]:
    """Names and values where a type has a place for what its schema does not know."""
    return {
        "any": [
            {
                "name": f"{{{_NAMESPACE}}}NameValue",
                "declaredType": "com.intuit.schema.finance.v3.NameValue",
                "scope": "javax.xml.bind.JAXBElement$GlobalScope",
                "value": {"Name": name, "Value": str(value)},
                "nil": False,
                "globalScope": True,
                "typeSubstituted": False,
            }
            for name, value in values.items()
        ]
    }


def server_time(now: datetime) -> str:
    """The time of an answer, in the server's zone."""
    return now.astimezone(SERVER_ZONE).isoformat(timespec="milliseconds")


def answer(content: Mapping[str, Any], status: int, now: datetime, *, as_json: bool) -> Response:
    """The content with the time, as JSON or XML."""
    if as_json:
        body = to_exact_json({**content, "time": server_time(now)})
        charset = ";charset=utf-8" if status == 200 else ""
        return Response(body, status, content_type=f"application/json{charset}")
    root = Element("IntuitResponse", {"time": server_time(now), "xmlns": _NAMESPACE})
    _fill(root, content)
    return Response(to_xml(root), status, content_type="application/xml")


def throttled(now: datetime, switches: QboSwitches, wait: int, *, as_json: bool) -> Response:
    """The answer to one call too many. `wait` is seconds."""
    status: int = switches.throttle_status
    message = f"message=ThrottleExceeded; errorCode=003001; statusCode={status}"
    detail = "The request limit was reached.  Try again later"
    if switches.throttle_body == "gateway":
        body = gateway(status, "ThrottleExceeded", "3001", detail, milliseconds(now))
        response = json_response(body, status)
    else:
        error = {"Message": message, "Detail": detail, "code": "3001"}
        fault = {"Fault": {"Error": [error], "type": "SERVICE"}}
        json_asked = as_json and switches.throttle_body == "json"
        response = answer(fault, status, now, as_json=json_asked)
    if switches.retry_after:
        response.headers["Retry-After"] = str(wait)
    return response


def milliseconds(now: datetime) -> int:
    """Milliseconds since the epoch."""
    return int(now.timestamp() * 1000)


def escaped(value: Any, name: str = "") -> Any:
    """The same content with the names in it as HTML."""
    if isinstance(value, Mapping):
        return {key: escaped(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [escaped(item, name) for item in value]
    return html.escape(value) if isinstance(value, str) and name in _NAMES else value


def _fill(element: Element, content: Mapping[str, Any]) -> None:
    in_fault = element.tag in {"Fault", "Error"}
    for name, value in content.items():
        if name in _ATTRIBUTES or (in_fault and name in _FAULT_ATTRIBUTES):
            element.set(name, xml_text(value))
            continue
        for item in value if isinstance(value, list) else [value]:
            _add(element, name, item)


def _add(parent: Element, name: str, value: Any) -> None:
    child = SubElement(parent, name)
    if not isinstance(value, Mapping):
        child.text = xml_text(value)
    elif name.endswith("Ref") and "value" in value:
        child.text = xml_text(value["value"])
        if "name" in value:
            child.set("name", value["name"])
    else:
        _fill(child, value)
