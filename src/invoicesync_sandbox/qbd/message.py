"""A message of qbXML: read strictly as QuickBooks does, and the answer to it written."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, XMLParser, fromstring, tostring

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.qbd.answers import TABLES
from invoicesync_sandbox.qbd.errors import Refused, Status, Unparsable
from invoicesync_sandbox.qbd.grammar import Reader, Sent, write
from invoicesync_sandbox.qbd.requests import REQUESTS

LONGEST = 32 << 20
"""Characters of a message that are read at all."""
LONGEST_REQUEST_ID = 50
_VERSION = re.compile(r'<\?qbxml\s+version\s*=\s*"(\d+\.\d+)"\s*\?>')
_ON_ERROR = {"stopOnError", "continueOnError"}
_DATA = {"includeAll", "includeNone"}
_META = {"NoMetaData", "MetaDataOnly", "MetaDataAndResponseData"}
_ITERATED = re.compile(
    "(Customer|Vendor|Employee|OtherName|Entity|Item.*|Invoice|SalesReceipt|CreditMemo"
    "|ReceivePayment|ARRefundCreditCard|Check|Transaction)QueryRq"
)
_UNKNOWN_HERE = re.compile("[A-Z][A-Za-z]+(Add|Mod|Query|Del|Void|Merge|ClearedStatusMod)Rq")


@dataclass(frozen=True)
class Request:
    """One request of a message; `refusal` is what is wrong with its values already."""

    name: str
    id: str
    attributes: Mapping[str, str]
    sent: Sent
    element: Element
    refusal: Refused | None = None

    @property
    def reads(self) -> bool:
        """Whether it is a query."""
        return self.name.endswith("QueryRq")

    @property
    def text(self) -> str:
        """Its XML."""
        return tostring(self.element, encoding="unicode")


@dataclass(frozen=True)
class Message:
    """A message. `new_id` and `old_id` are its message set ids, None where they are not sent."""

    requests: tuple[Request, ...]
    stops: bool
    silent: bool
    new_id: str | None
    old_id: str | None
    digest: str


@dataclass
class Answer:
    """The answer to one request: objects by their elements' names, and what recovers it."""

    name: str
    request_id: str
    status: Status
    children: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    recovery: Mapping[str, Any] | None = None


def read(xml: str, *, newest: str, raw_letters: bool) -> Message:
    """The message. Raises `Unparsable` for what QuickBooks cannot parse, and `NotSimulated`."""
    if len(xml) > LONGEST:
        raise Unparsable("too long")
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise Unparsable("a document type")
    if not raw_letters and not xml.isascii():
        raise Unparsable("letters that are no ASCII")
    version = _VERSION.search(xml.partition("<QBXML")[0])
    if version is None or float(version[1]) > float(newest):
        raise Unparsable("without a version that is known")
    root = _root(xml)
    if root.tag != "QBXML" or len(root) != 1 or root[0].tag != "QBXMLMsgsRq" or root.attrib:
        raise Unparsable(f"{root.tag}")
    content = root[0]
    known = {"onError", "newMessageSetID", "oldMessageSetID", "responseData"}
    on_error, data = content.get("onError", ""), content.get("responseData", "includeAll")
    if set(content.attrib) - known or on_error not in _ON_ERROR or data not in _DATA:
        raise Unparsable("attributes of QBXMLMsgsRq")
    return Message(
        tuple(_request(one) for one in content),
        stops=on_error == "stopOnError",
        silent=data == "includeNone",
        new_id=content.get("newMessageSetID"),
        old_id=content.get("oldMessageSetID"),
        digest=hashlib.sha256(xml.encode()).hexdigest(),
    )


def _root(xml: str) -> Element:
    try:
        root = fromstring(xml.encode(), XMLParser(encoding="utf-8"))  # noqa: S314 - no DTD is let in
    except ParseError as error:
        raise Unparsable(str(error)) from None
    for element in root.iter():
        if element.text:
            element.text = _latin(element.text)
    return root


def _latin(text: str) -> str:
    """What QuickBooks keeps of a text: ISO-8859-1, and `?` for the rest."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _request(element: Element) -> Request:
    name = str(element.tag)
    table = REQUESTS.get(name)
    if table is None:
        if _UNKNOWN_HERE.fullmatch(name):
            raise NotSimulated(f"the request {name}")
        raise Unparsable(name)
    known = {"requestID"}
    if name.endswith("QueryRq"):
        known |= {"metaData"}
    if _ITERATED.fullmatch(name):
        known |= {"iterator", "iteratorID"}
    attributes = dict(element.attrib)
    if set(attributes) - known or attributes.get("metaData", "NoMetaData") not in _META:
        raise Unparsable(f"attributes of {name}")
    if attributes.get("iterator", "Start") not in {"Start", "Continue", "Stop"}:
        raise Unparsable(f"attributes of {name}")
    reader = Reader()
    sent = reader.read(table, element)
    request_id, refusal = attributes.pop("requestID", ""), reader.refusal
    if len(request_id) > LONGEST_REQUEST_ID:
        refusal = Refused("1060", f'The request ID "{request_id}" is invalid.')
    return Request(name, request_id, attributes, sent, element, refusal)


def enveloped(*requests: str, **attributes: str) -> str:
    """A message of qbXML 13.0; `attributes` are those of `QBXMLMsgsRq`."""
    given = {"onError": "continueOnError", **attributes}
    shown = "".join(f' {name}="{value}"' for name, value in given.items())
    return (
        '<?xml version="1.0" encoding="utf-8"?><?qbxml version="13.0"?>'
        f"<QBXML><QBXMLMsgsRq{shown}>{''.join(requests)}</QBXMLMsgsRq></QBXML>"
    )


def written(
    answers: list[Answer], *, new_id: str | None = None, status: str = "", silent: bool = False
) -> str:
    """The whole answer as QuickBooks gives it: in ASCII, without an instruction of qbXML."""
    root = Element("QBXML")
    content = SubElement(root, "QBXMLMsgsRs")
    if new_id is not None and status:
        content.set("newMessageSetID", new_id)
    if status:
        content.set("messageSetStatusCode", status)
    for answer in answers:
        _write(content, answer, silent=silent)
    text: str = tostring(root, encoding="us-ascii").decode("ascii")
    return '<?xml version="1.0" ?>\n' + text + "\n"


def _write(content: Element, answer: Answer, *, silent: bool) -> None:
    element = SubElement(
        content,
        answer.name,
        {
            "requestID": answer.request_id,
            "statusCode": answer.status.code,
            "statusSeverity": answer.status.severity,
            "statusMessage": answer.status.message,
            **answer.attributes,
        },
    )
    if silent:
        return
    for name, values in answer.children:
        if name == answer.name:
            write(element, TABLES[name], values)
        else:
            write(SubElement(element, name), TABLES[name], values)
    if answer.recovery:
        write(SubElement(element, "ErrorRecovery"), TABLES["ErrorRecovery"], answer.recovery)
