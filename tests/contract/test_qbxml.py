"""The simulated QuickBooks Desktop's tables against Intuit's schema and annotated reference."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from lxml import etree

from invoicesync_sandbox.qbd import answers, requests
from invoicesync_sandbox.qbd.grammar import REFERENCE, Part, Table
from tests.kits.qbxml import FOLDER, assert_valid, needs_schema

pytestmark = needs_schema

VALUES = {
    "id": "1A-1793800000",
    "guid": "{0b6f9d52-6e1f-5d0e-9a44-6f2f6a1c1042}",
    "amt": "1.00",
    "price": "1.5",
    "quan": "2",
    "pct": "8.25",
    "int": "1",
    "float": "1.5",
    "date": "2026-11-03",
    "time": "2026-11-03T12:00:00-08:00",
    "bool": "true",
    "str": "x",
}
ANSWERED = {
    "HostRet": "HostQueryRs",
    "CompanyRet": "CompanyQueryRs",
    "PreferencesRet": "PreferencesQueryRs",
    "StandardTermsRet": "TermsQueryRs",
    "TxnDeletedRet": "TxnDeletedQueryRs",
    "ListDeletedRet": "ListDeletedQueryRs",
    "TransactionRet": "TransactionQueryRs",
}
WORDS = {
    "LinkType": "AMTTYPE",
    "TxnType": "Invoice",
    "TxnVoidType": "Invoice",
    "TxnDelType": "Invoice",
    "ListDelType": "Customer",
    "QBFileMode": "MultiUser",
    "JobStatus": "None",
    "AccountType": "Bank",
    "SpecialAccountType": "UndepositedFunds",
    "PaymentMethodType": "Visa",
    "DataExtType": "STR255TYPE",
    "CalculateChargesFrom": "DueDate",
    "AgingReportBasis": "AgeFromDueDate",
    "SummaryReportBasis": "Accrual",
    "PaySalesTax": "Monthly",
    "FirstDayOfWeek": "Monday",
    "FirstMonthFiscalYear": "January",
    "FirstMonthIncomeTaxYear": "January",
    "TaxForm": "OtherOrNone",
    "Country": "US",
    "MajorVersion": "34",
    "SupportedQBXMLVersion": "13.0",
}


def written(table: Table, parts: tuple[Part, ...], choice: int, word: int = 0) -> str:
    """An example with every simulated element, and of each choice the option `choice`."""
    text = ""
    for part in parts:
        if part.options:
            options = [one for one in part.options if any(each.simulated for each in one)]
            if options:
                option = options[min(choice, len(options) - 1)]
                text += written(table, option, choice, word)
        elif part.simulated:
            below = table.below(part)
            if below is REFERENCE:
                inner = "<ListID>1-1</ListID><FullName>x</FullName>"
            elif below is not None:
                inner = written(below, below.parts, choice, word)
            else:
                inner = value_of(part, word)
            text += f"<{part.name}>{inner}</{part.name}>" * (1 + part.many)
    return text


def value_of(part: Part, word: int) -> str:
    if part.kind == "is":
        return part.words[word % len(part.words)]
    if part.kind == "str":
        return WORDS.get(part.name, "x" * min(part.most or 1, 2))
    return VALUES[part.kind]


@pytest.mark.parametrize("name", sorted(requests.REQUESTS))
@pytest.mark.parametrize("choice", range(4))
def test_every_request_of_the_tables_is_in_the_schema(name: str, choice: int) -> None:
    table = requests.REQUESTS[name]
    inner = f"<{name}>{written(table, table.parts, choice)}</{name}>"
    assert_valid(f'<QBXML><QBXMLMsgsRq onError="stopOnError">{inner}</QBXMLMsgsRq></QBXML>')


@pytest.mark.parametrize("name", ["TxnVoidRq", "TxnDelRq", "ListDeletedQueryRq", "AccountQueryRq"])
def test_every_word_that_is_taken_is_in_the_schema(name: str) -> None:
    table = requests.REQUESTS[name]
    for word in range(45):
        inner = f"<{name}>{written(table, table.parts, 2, word)}</{name}>"
        assert_valid(f'<QBXML><QBXMLMsgsRq onError="stopOnError">{inner}</QBXMLMsgsRq></QBXML>')


@pytest.mark.parametrize("name", [one for one in sorted(answers.TABLES) if one.endswith("Ret")])
def test_every_answer_of_the_tables_is_in_the_schema(name: str) -> None:
    if name in {"DataExtRet", "AppliedToTxnRet", "RefundAppliedToTxnRet", "ExpenseLineRet"}:
        return
    around = ANSWERED.get(name, name.replace("Ret", "QueryRs"))
    around = "ItemQueryRs" if name.startswith("Item") else around
    table = answers.TABLES[name]
    inner = written(table, table.parts, 0).replace("<PricePercent>8.25</PricePercent>", "")
    inner = re.sub(r"<(DiscountRatePercent|RatePercent)>[^<]*</\1>", "", inner)
    status = 'statusCode="0" statusSeverity="Info" statusMessage="Status OK"'
    assert_valid(
        f"<QBXML><QBXMLMsgsRs><{around} {status}><{name}>{inner}</{name}></{around}>"
        "</QBXMLMsgsRs></QBXML>"
    )


@cache
def reference() -> Any:
    """Intuit's annotated sample of every request and answer."""
    return etree.parse(FOLDER / "qbxmlops140.xml").getroot()


def refused_by_desktop(name: str) -> set[str]:
    """The paths below a request whose elements Desktop in the United States does not have."""
    found: set[str] = set()
    for request in reference().iter(name):
        for element in request.iterdescendants():
            if isinstance(element.tag, str) and re.search(r"not in [A-Z|]*QBD\b", note(element)):
                names = [one.tag for one in reversed(list(element.iterancestors()))]
                found.add("/".join([*names, element.tag]).partition(f"{name}/")[2])
    return found


def note(element: Any) -> str:
    """The remark on an element: behind it, or in front of what it contains."""
    inside = next(iter(element), None)
    for comment in (inside, None if inside is not None else element.getnext()):
        if comment is not None and comment.tag is etree.Comment:
            return str(comment.text)
    return ""


def taken(table: Table, above: str = "") -> Iterator[str]:
    """The paths of the elements that a table takes."""
    for name, (_, part) in table.order.items():
        yield above + name
        below = table.below(part)
        if below is not None and below is not REFERENCE and part.simulated:
            yield from taken(below, f"{above}{name}/")


@pytest.mark.parametrize("name", [one for one in sorted(requests.REQUESTS) if "Query" not in one])
def test_nothing_is_taken_that_desktop_does_not_have(name: str) -> None:
    refused = refused_by_desktop(name)
    assert set(taken(requests.REQUESTS[name])) & refused == set()


def test_the_reference_names_what_desktop_does_not_have() -> None:
    assert {"CustomerAdd/PrintAs", "CustomerAdd/Mobile"} <= refused_by_desktop("CustomerAddRq")
    assert "InvoiceAdd/DiscountLineAdd" in refused_by_desktop("InvoiceAddRq")
