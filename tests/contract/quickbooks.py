"""QuickBooks' XML schemas: their elements and fields have the names that its JSON has."""

import functools
import re
from xml.etree import ElementTree

from tests.contract.specification import folder

XS = "{http://www.w3.org/2001/XMLSchema}"
FILES = (
    "qbo/Finance.xsd",
    "qbo/IntuitBaseTypes.xsd",
    "qbo/IntuitNamesTypes.xsd",
    "qbo/IntuitRestServiceDef.xsd",
    "qbo/SalesTax.xsd",
)
CALLED = {"query": "QueryResponse", "batch": "IntuitBatchRequest"}
"""Calls that are about no entity, and the element that they are about."""


@functools.cache
def elements() -> dict[str, tuple[str, str]]:
    """File and name of every element at the top of a schema, by its name in lower case."""
    here = folder()
    assert here is not None
    return {
        str(found.get("name")).lower(): (file, str(found.get("name")))
        for file in reversed(FILES)
        for found in ElementTree.parse(here / file).getroot().findall(f"{XS}element")  # noqa: S314
    }


def element(path: str) -> tuple[str, str]:
    """File and element of a call. Raises `KeyError` for one that no schema knows."""
    called = path.split("/")[4].lower()
    return elements()[CALLED.get(called, called).lower()]


def template(path: str) -> str:
    """The path with its ids taken out."""
    return re.sub(r"/\d+", "/{id}", re.sub(r"company/\d+", "company/{realmId}", path))
