"""The calls of the Web Connector, read without a document type or a tree, and the replies to them.

SOAP 1.1 as Intuit's WSDL has it. Calls are read by local names: with another `Style` of the .qwc
file the namespaces are others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, SubElement, XMLParser, tostring

NAMESPACE = "http://developer.intuit.com/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
MOST_ELEMENTS = 64
"""Elements of a call; the longest has ten."""
_ENVELOPE, _BODY, _OPERATION, _PARAMETER = range(1, 5)
"""How deep each stands."""


class NotUnderstood(ValueError):
    """What came is no call of the Web Connector's."""


@dataclass(frozen=True)
class SoapCall:
    """An operation with its parameters."""

    operation: str
    parameters: dict[str, str]


def read(body: bytes) -> SoapCall:
    """The call. Raises `NotUnderstood`."""
    target = _Target()
    parser = XMLParser(target=target)  # noqa: S314 - no document type, and so no entities
    try:
        parser.feed(body)
        parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise NotUnderstood(f"The call cannot be read: {error}") from None
    if not target.operation:
        raise NotUnderstood("The call names no operation.")
    parameters = {name: "".join(texts) for name, texts in target.parameters.items()}
    return SoapCall(target.operation, parameters)


def reply(operation: str, result: str | Sequence[str]) -> bytes:
    """The reply, in ASCII: a text, or several."""
    root, body = _envelope()
    response = SubElement(body, f"{{{NAMESPACE}}}{operation}Response")
    found = SubElement(response, f"{{{NAMESPACE}}}{operation}Result")
    if isinstance(result, str):
        found.text = result
    else:
        for one in result:
            SubElement(found, f"{{{NAMESPACE}}}string").text = one
    return _written(root)


def fault(words: str) -> bytes:
    """The reply to what was no call; an HTML page would be "not well-formed XML" there."""
    root, body = _envelope()
    found = SubElement(body, f"{{{ENVELOPE}}}Fault")
    SubElement(found, "faultcode").text = "soap:Client"
    SubElement(found, "faultstring").text = words
    return _written(root)


def _envelope() -> tuple[Element, Element]:
    root = Element(f"{{{ENVELOPE}}}Envelope")
    return root, SubElement(root, f"{{{ENVELOPE}}}Body")


def _written(root: Element) -> bytes:
    prolog = b'<?xml version="1.0" encoding="utf-8"?>\n'
    return prolog + bytes(tostring(root, encoding="us-ascii", xml_declaration=False))


class _Target:
    """Takes what the parser finds, and keeps the parameters alone."""

    def __init__(self) -> None:
        self.operation = ""
        self.parameters: dict[str, list[str]] = {}
        self._depth = 0
        self._elements = 0
        self._in_body = False
        self._texts: list[str] | None = None

    def doctype(self, *_: object) -> None:
        """Comes before anything of the document type is read."""
        raise NotUnderstood("It has a document type.")

    def start(self, tag: str, _: object) -> None:
        """An element begins."""
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise NotUnderstood("It has too many elements.")
        self._depth += 1
        name = tag.rpartition("}")[2]
        if self._depth == _ENVELOPE and name != "Envelope":
            raise NotUnderstood("It is no SOAP.")
        if self._depth == _BODY:
            self._in_body = name == "Body"
        elif self._in_body and self._depth == _OPERATION and not self.operation:
            self.operation = name
        elif self._in_body and self._depth == _PARAMETER:
            self._texts = self.parameters.setdefault(name, [])

    def data(self, text: str) -> None:
        """A piece of text."""
        if self._texts is not None and self._depth == _PARAMETER:
            self._texts.append(text)

    def end(self, _: str) -> None:
        """An element ends."""
        self._depth -= 1
        if self._depth < _PARAMETER:
            self._texts = None

    def close(self) -> None:
        """The call has ended."""
