"""The vendors' own specifications: which operation a request is, and what its schemas say."""

import functools
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT202012

HERE = "INVOICESYNC_SPECS"
BESIDE = Path(__file__).parents[3] / "shared" / "specs"
ROOT = "urn:specification"
METHODS = ("get", "put", "post", "delete", "patch")

Schema = Mapping[str, Any]


def folder() -> Path | None:
    """The folder with the specifications, where there is one."""
    found = Path(os.environ.get(HERE) or BESIDE)
    return found if found.is_dir() else None


needs_specifications = pytest.mark.skipif(
    folder() is None,
    reason=f"the vendors' specifications are not part of the project; {HERE} may name their folder",
)


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a specification. `path` is its template, as the document has it."""

    specification: "Specification"
    method: str
    path: str
    data: Schema
    shared: tuple[Any, ...] = ()

    @property
    def id(self) -> str:
        """What the vendor calls it."""
        return str(self.data["operationId"])

    @property
    def parameters(self) -> list[Schema]:
        """Its parameters, those of its path among them."""
        both = (*self.shared, *self.data.get("parameters", ()))
        return [self.specification.resolved(parameter) for parameter in both]

    @property
    def body(self) -> Schema | None:
        """The schema of its body in JSON, or None where it takes none."""
        return self._schema(self.data.get("requestBody"))

    def answer(self, status: int) -> tuple[bool, Schema | None]:
        """Whether it may answer with this status, and the schema of that answer in JSON."""
        said = self.data["responses"].get(str(status))
        return said is not None, self._schema(said)

    def _schema(self, holder: Schema | None) -> Schema | None:
        if holder is None:
            return None
        content = self.specification.resolved(holder).get("content") or {}
        found = content.get("application/json") or content.get("*/*") or {}
        schema: Schema | None = found.get("schema")
        return schema


@dataclass(frozen=True, eq=False)
class Specification:
    """A document, and what stands before its paths at the service."""

    file: str
    prefix: str
    document: Any
    any_case: bool = False

    @functools.cached_property
    def registry(self) -> Registry[Any]:
        """The document, for a validator to look references up in."""
        empty: Registry[Any] = Registry()
        filled: Registry[Any] = empty.with_resource(
            ROOT, DRAFT202012.create_resource(self.document)
        )
        return filled

    @property
    def version(self) -> str:
        """OpenAPI's version, such as `3.0`."""
        return str(self.document["openapi"])[:3]

    def resolved(self, schema: Schema) -> Schema:
        """What a reference refers to, or the schema itself."""
        while "$ref" in schema:
            found = self.document
            for name in schema["$ref"].removeprefix(ROOT).removeprefix("#/").split("/"):
                found = found[name]
            schema = found
        return schema

    @functools.cached_property
    def operations(self) -> list[tuple[re.Pattern[str], Operation]]:
        """Every operation, with the paths that are its; those without parameters first."""
        found = [
            (self._pattern(path), Operation(self, method, path, item[method], _shared(item)))
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        ]
        return sorted(found, key=lambda pair: pair[1].path.count("{"))

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a request is, if it is any."""
        return next(
            (
                operation
                for pattern, operation in self.operations
                if operation.method == method.lower() and pattern.fullmatch(path)
            ),
            None,
        )

    def _pattern(self, path: str) -> re.Pattern[str]:
        parts = re.split(r"\{[^}]+\}", path)
        text = "[^/]+".join(re.escape(part) for part in parts)
        return re.compile(re.escape(self.prefix) + text, re.IGNORECASE if self.any_case else 0)


def _shared(item: Schema) -> tuple[Any, ...]:
    return tuple(item.get("parameters", ()))


DOCUMENTS: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "keap": (("keap/keap-v2-2026-08-20.yml", "/crm", False),),
    "xero": (
        ("xero/xero_accounting.yaml", "/api.xro/2.0", False),
        # It writes /Connections; the vendor's own code and pages ask for /connections.
        ("xero/xero-identity.yaml", "", True),
    ),
}
"""The documents of each service: file, what stands before its paths, whether case counts not."""


@functools.cache
def specifications(service: str) -> list[Specification]:
    """The documents of a service, read once."""
    here = folder()
    assert here is not None
    return [
        Specification(file, prefix, read(here / file), any_case)
        for file, prefix, any_case in DOCUMENTS.get(service, ())
    ]


def read(file: Path) -> Any:
    """A YAML document, by the C parser where this machine has it: it is ten times as fast."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with file.open(encoding="utf-8") as opened:
        return yaml.load(opened, Loader=loader)  # noqa: S506 - both are safe loaders


def operation(service: str, method: str, path: str) -> Operation | None:
    """The operation that a request to a service is, if any document of it knows one."""
    found: Iterator[Operation | None] = (
        document.operation(method, path) for document in specifications(service)
    )
    return next((one for one in found if one), None)
