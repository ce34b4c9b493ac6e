"""The Web Connector's calls to the application's service: SOAP 1.1, as Intuit's WSDL has it."""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

NAMESPACE = "http://developer.intuit.com/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
TIME_OUT = 100.0
"""Seconds after which a reply counts as lost; that is .NET's own limit."""
LONGEST = 64 << 20
"""Bytes of a reply that are read."""


class BadReply(Exception):
    """The service gave no reply that could be used."""


class Service:
    """The application's service at an address. `style` is that of the .qwc file."""

    def __init__(self, url: str, *, style: str = "Document", seconds: float = TIME_OUT) -> None:
        self.url = url
        self._style = style
        self._seconds = seconds

    def text(self, operation: str, **parameters: str) -> str:
        """Call an operation that gives one text or number. Raises `BadReply`."""
        return self._result(operation, parameters).text or ""

    def texts(self, operation: str, **parameters: str) -> list[str]:
        """Call an operation that gives several texts. Raises `BadReply`."""
        found = self._result(operation, parameters)
        texts = [one.text or "" for one in found if one.tag == f"{{{NAMESPACE}}}string"]
        if not texts:
            raise BadReply("Index was outside the bounds of the array.")
        return texts

    def reachable(self, url: str) -> bool:
        """Whether a page answers GET as the Web Connector wants it: 200 or 202."""
        try:
            status, _ = self._exchanged("GET", url, "", {})
        except BadReply:
            return False
        return status in {200, 202}

    def _result(self, operation: str, parameters: Mapping[str, str]) -> Element:
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}{operation}"',
            "User-Agent": "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol)",
        }
        body = self._envelope(operation, parameters)
        status, text = self._exchanged("POST", self.url, body, headers)
        if status != 200:
            raise BadReply(f"The request failed with HTTP status {status}.")
        try:
            root = fromstring(text)  # noqa: S314 - our own service on loopback wrote it
        except ParseError as error:
            raise BadReply(f"The reply is not well-formed XML: {error}") from None
        found = root.find(
            f"{{{ENVELOPE}}}Body/{{{NAMESPACE}}}{operation}Response"
            f"/{{{NAMESPACE}}}{operation}Result"
        )
        if found is None:
            raise BadReply(f"The reply has no {operation}Result.")
        return found

    def _envelope(self, operation: str, parameters: Mapping[str, str]) -> str:
        root = Element(f"{{{ENVELOPE}}}Envelope")
        body = SubElement(root, f"{{{ENVELOPE}}}Body")
        if self._style == "RPC":
            root.set("xmlns:xsd", "http://www.w3.org/2001/XMLSchema")
        call = SubElement(body, f"{{{NAMESPACE}}}{operation}")
        for name, value in parameters.items():
            if self._style == "RPC":
                SubElement(call, name, {f"{{{SCHEMA}}}type": "xsd:string"}).text = value
            else:
                SubElement(call, f"{{{NAMESPACE}}}{name}").text = value
        text: str = tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="utf-8"?>{text}'

    def _exchanged(
        self, method: str, url: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        address = urlsplit(url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.netloc, timeout=self._seconds)
        try:
            connection.request(method, address.path or "/", body.encode(), dict(headers))
            response = connection.getresponse()
            return response.status, response.read(LONGEST)
        except (OSError, HTTPException) as error:
            raise BadReply(f"Unable to connect to the remote server: {error}") from None
        finally:
            connection.close()
