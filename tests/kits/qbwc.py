"""An application's service for the stand-in of the Web Connector: a script instead of a program."""

import functools
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from lxml import etree
from werkzeug.wrappers import Request, Response

from tests.kits.qbxml import FOLDER

NAMESPACE = "http://developer.intuit.com/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
OWNER = "{6d1c2c1e-0f0b-4f57-9a3e-3b6f5a2d7c11}"
FILE = "{b2a8e6a0-7d43-4f0e-8f57-0d3c9a1e5b22}"


def qwc(root: str, **changed: str) -> str:
    """The .qwc file of an application at `root`; a value of `-` leaves an element out."""
    root = root.replace("127.0.0.1", "localhost")
    fields = {
        "AppName": "invoicesync",
        "AppID": "",
        "AppURL": f"{root}/qbwc",
        "AppDescription": "Keap orders and payments to QuickBooks",
        "AppSupport": f"{root}/support",
        "UserName": "invoicesync",
        "OwnerID": OWNER,
        "FileID": FILE,
        "QBType": "QBFS",
        "IsReadOnly": "false",
        **changed,
    }
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items() if text != "-")
    every = "<Scheduler><RunEveryNMinutes>15</RunEveryNMinutes></Scheduler>"
    return f'<?xml version="1.0"?><QBWCXML>{inner}{every}</QBWCXML>'


class ScriptedService:
    """A service that hands out `messages` one by one and keeps what comes back."""

    def __init__(self, *messages: str) -> None:
        self.messages = list(messages)
        self.answers: list[dict[str, str]] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.says: dict[str, Any] = {}
        """Other replies, by operation; a function gets the parameters."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.method == "GET":
            return Response("support")(environ, start_response)
        envelope = fromstring(request.get_data())  # noqa: S314 - the stand-in wrote it
        call = envelope[0][0]
        operation = call.tag.rpartition("}")[2]
        assert request.headers["SOAPAction"] == f'"{NAMESPACE}{operation}"'
        if all(one.tag.startswith("{") for one in call):
            assert_operation(etree.fromstring(tostring(call)))
        given = {one.tag.rpartition("}")[2]: one.text or "" for one in call}
        self.calls.append((operation, given))
        said = self.says.get(operation)
        if callable(said):
            said = said if isinstance(said, Response) else said(given)
        if isinstance(said, Response):
            return said(environ, start_response)
        reply = _reply(operation, self._said(operation, given) if said is None else said)
        return Response(reply, content_type="text/xml; charset=utf-8")(environ, start_response)

    def _said(self, operation: str, given: dict[str, str]) -> str | list[str]:
        if operation == "authenticate":
            return ["{ticket}", ""]
        if operation == "sendRequestXML":
            return self.messages.pop(0) if self.messages else ""
        if operation == "receiveResponseXML":
            self.answers.append(given)
            return "50" if self.messages else "100"
        return {"clientVersion": "", "closeConnection": "OK"}.get(operation, "done")

    def names(self) -> list[str]:
        """The operations that were called."""
        return [name for name, _ in self.calls]


def assert_operation(element: Any) -> None:
    """Hold a call or a reply against Intuit's WSDL, where that is at hand."""
    if FOLDER.is_dir():
        _operations().assertValid(etree.fromstring(etree.tostring(element)))


def _reply(operation: str, said: str | list[str]) -> bytes:
    root = Element(f"{{{ENVELOPE}}}Envelope")
    body = SubElement(root, f"{{{ENVELOPE}}}Body")
    response = SubElement(body, f"{{{NAMESPACE}}}{operation}Response")
    result = SubElement(response, f"{{{NAMESPACE}}}{operation}Result")
    if isinstance(said, str):
        result.text = said
    else:
        for one in said:
            SubElement(result, f"{{{NAMESPACE}}}string").text = one
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


@functools.cache
def _operations() -> Any:
    """Intuit's schema of the operations."""
    wsdl = etree.parse(FOLDER / "QBWebConnectorSvc.wsdl")
    schema = wsdl.find(".//{http://www.w3.org/2001/XMLSchema}schema")
    # Written out and read again, it has the namespaces of the document around it.
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))
