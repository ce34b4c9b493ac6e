"""QuickBooks' XML schemas as a check of its JSON, whose fields have the same names.

What is an attribute in XML is a field like any other in JSON; an element that may come more than
once is a list; the text of an element with attributes is its `value`.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.contract.exchanges import Exchange
from tests.contract.schemas import CALENDAR_DATE, Found, Problem
from tests.contract.specification import folder

XS = "{http://www.w3.org/2001/XMLSchema}"
FILES = (
    "qbo/Finance.xsd",
    "qbo/IntuitBaseTypes.xsd",
    "qbo/IntuitNamesTypes.xsd",
    "qbo/IntuitRestServiceDef.xsd",
    "qbo/SalesTax.xsd",
)
CALLED = {"query": "QueryResponse", "batch": "IntuitBatchRequest", "cdc": "IntuitResponse"}
"""Calls that are about no entity, and the element that they are about."""
ANY_ENTITY = "IntuitObject"
"""Stands for every entity: in JSON the field has the entity's own name."""
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
PARAMETERS = {
    "minorversion": "75",
    "requestid": ".{1,36}",
    "operation": "void|update",
    "include": "void",
    "query": ".+",
    "entities": "[A-Za-z]+(,[A-Za-z]+)*",
    "changedSince": MOMENT.pattern,
}
"""Parameters of calls. Only Intuit's pages tell of them: "Minor versions", "Change data capture",
and "Idempotency" of the request id, which a batch shares with the ids of its items."""


@dataclass(frozen=True)
class Field:
    """A field of a type: the name of its own type, and whether it is a list."""

    type: str
    many: bool = False


@dataclass
class Type:
    """A type of the schemas. `values` are those of an enumeration, `longest` is in characters."""

    base: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    values: frozenset[str] = frozenset()
    longest: int = 0
    open: bool = False


@dataclass(frozen=True)
class Schemas:
    """Every type and every element at the top of a schema, and the file of each element."""

    types: Mapping[str, Type]
    elements: Mapping[str, str]
    files: Mapping[str, str]

    def fields(self, name: str) -> dict[str, Field]:
        """The fields of a type, those of its bases among them."""
        known = self.types.get(name)
        if known is None:
            return {}
        return {**self.fields(known.base), **known.fields}

    def open(self, name: str) -> bool:
        """Whether a type takes any entity as a field."""
        known = self.types.get(name)
        return known is not None and (known.open or self.open(known.base))

    def simple(self, name: str) -> Type:
        """A type without fields: its primitive, and what limits it."""
        known = self.types.get(name)
        if known is None:
            return Type(name)
        inner = self.simple(known.base)
        return Type(inner.base, {}, known.values or inner.values, known.longest or inner.longest)


@functools.cache
def schemas() -> Schemas:
    """All schemas, read once. An element of two files counts as that of the first."""
    here = folder()
    assert here is not None
    types: dict[str, Type] = {}
    elements: dict[str, str] = {}
    files: dict[str, str] = {}
    for file in reversed(FILES):
        root = ElementTree.parse(here / file).getroot()  # noqa: S314 - the vendor's own document
        for found in root:
            name = found.get("name", "")
            if found.tag == f"{XS}element":
                elements[name] = found.get("type") or _inline(found, name, types)
                files[name] = file
            elif found.tag in {f"{XS}complexType", f"{XS}simpleType"}:
                types[name] = _type(found, name, types)
    return Schemas(types, elements, files)


def _inline(found: Element, name: str, types: dict[str, Type]) -> str:
    """The name given to a type that stands inside its element."""
    inner = next((part for part in found if part.tag.endswith("Type")), None)
    if inner is None:
        return "xs:string"
    types[f"{name}()"] = _type(inner, name, types)
    return f"{name}()"


def _type(found: Element, name: str, types: dict[str, Type]) -> Type:
    made = Type()
    for part in found.iter():
        if part.tag in {f"{XS}extension", f"{XS}restriction"} and not made.base:
            made.base = part.get("base", "")
        if part.tag == f"{XS}maxLength":
            made.longest = int(part.get("value", "0"))
    if found.find(f"{XS}sequence/{XS}any") is not None:
        # A place for extensions: whatever stands there is right.
        made.base = "xs:anyType"
    made.values = frozenset(part.get("value", "") for part in found.iter(f"{XS}enumeration"))
    if found.find(f"{XS}simpleContent") is not None:
        made.fields["value"] = Field(made.base)
        made.base = ""
    for part in _parts(found):
        if part.get("ref") == ANY_ENTITY:
            made.open = True
        elif part.tag == f"{XS}element" and part.get("name"):
            label = part.get("name", "")
            kind = part.get("type") or _inline(part, f"{name}.{label}", types)
            made.fields[label] = Field(kind, part.get("maxOccurs", "1") not in {"0", "1"})
        elif part.tag == f"{XS}attribute":
            made.fields[part.get("name", "")] = Field(part.get("type") or "xs:string")
    return made


def _parts(found: Element) -> Iterator[Element]:
    """Elements and attributes of a type, not those of types inside it."""
    for part in found:
        if part.tag in {f"{XS}element", f"{XS}attribute"}:
            yield part
        else:
            yield from _parts(part)


def element(path: str) -> tuple[str, str]:
    """File and element of a call. Raises `KeyError` for one that no schema knows."""
    called = path.split("/")[4].lower()
    wanted = CALLED.get(called, called).lower()
    known = {name.lower(): name for name in schemas().elements}
    return schemas().files[known[wanted]], known[wanted]


def template(path: str) -> str:
    """The path with its ids taken out."""
    return re.sub(r"/\d+", "/{id}", re.sub(r"company/\d+", "company/{realmId}", path))


def entity_problems(value: Any, kind: str, path: tuple[str, ...] = ()) -> Found:
    """Everything in a JSON object that its type does not know or allow."""
    known = schemas()
    fields = known.fields(kind)
    if not fields and not known.open(kind):
        yield from _value_problems(value, kind, path)
        return
    if not isinstance(value, dict):
        yield "type", path, f"{value!r:.80} is no object"
        return
    for name, item in value.items():
        here = (*path, name)
        found = fields.get(name)
        if found is None and known.open(kind) and name in known.elements:
            found = Field(known.elements[name], isinstance(item, list))
        if found is None:
            yield "name", here, f"{kind} has no field of this name"
        elif found.many != isinstance(item, list):
            yield "type", here, "a list is due" if found.many else "no list is due"
        elif found.many:
            for one in item:
                yield from entity_problems(one, found.type, (*here, "*"))
        else:
            yield from entity_problems(item, found.type, here)


def _value_problems(value: Any, kind: str, path: tuple[str, ...]) -> Found:
    simple = schemas().simple(kind)
    primitive = simple.base
    expected: dict[str, tuple[type, ...]] = {
        "xs:boolean": (bool,),
        "xs:decimal": (int, float),
        "xs:float": (int, float),
        "xs:int": (int,),
        "xs:integer": (int,),
        "xs:positiveInteger": (int,),
        "xs:anyType": (object,),
    }
    right = isinstance(value, expected.get(primitive, (str,)))
    if not right or (isinstance(value, bool) and primitive not in {"xs:boolean", "xs:anyType"}):
        yield "type", path, f"{value!r:.80} is no {primitive}"
    elif simple.values and value not in simple.values:
        yield "enum", path, f"{value!r:.80} is no {kind}"
    elif primitive == "xs:date" and not CALENDAR_DATE.fullmatch(value):
        yield "date", path, f"{value!r:.80} is no date"
    elif primitive == "xs:dateTime" and not MOMENT.fullmatch(value):
        yield "date", path, f"{value!r:.80} is no time with its offset"
    elif simple.longest and isinstance(value, str) and len(value) > simple.longest:
        yield "bounds", path, f"{len(value)} characters are more than {simple.longest}"


def exchange_problems(exchange: Exchange) -> list[Problem]:
    """What is wrong with a request about a company, or with its answer, each thing once."""
    return list(dict.fromkeys((*request_problems(exchange), *answer_problems(exchange))))


def request_problems(exchange: Exchange) -> Iterator[Problem]:
    """What is wrong with a request about a company."""
    if not about_company(exchange):
        return
    for name, value in exchange.query:
        if not re.fullmatch(PARAMETERS.get(name, "(?!)"), value):
            what = "is not known" if name not in PARAMETERS else f"{value!r} is not allowed"
            yield Problem(template(exchange.path), "parameter", name, what)
    if "application/json" not in exchange.sent_headers.get("Accept", ""):
        yield Problem(template(exchange.path), "header", "accept", "does not ask for JSON")
    _, kind = element(exchange.path)
    if exchange.method == "POST" and exchange.sent and kind != "QueryResponse":
        yield from _told(exchange, entity_problems(exchange.body, schemas().elements[kind]), "sent")


def answer_problems(exchange: Exchange) -> Iterator[Problem]:
    """What is wrong with an answer about a company."""
    # The gateway before the service has a form of its own, which no schema tells.
    by_gateway = exchange.status in {401, 403, 429}
    said = exchange.got_headers.get("Content-Type", "")
    if about_company(exchange) and said.startswith("application/json") and not by_gateway:
        found = entity_problems(exchange.answer, schemas().elements["IntuitResponse"])
        yield from _told(exchange, found, "got")


def about_company(exchange: Exchange) -> bool:
    """Whether a request is about a company, and no sign-in."""
    return exchange.service == "qbo" and exchange.path.startswith("/v3/company/")


def _told(exchange: Exchange, found: Found, side: str) -> Iterator[Problem]:
    for kind, path, what in found:
        yield Problem(template(exchange.path), kind, " ".join((side, "/".join(path))), what)
