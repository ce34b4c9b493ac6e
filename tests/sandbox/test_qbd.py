"""Messages to the simulated QuickBooks Desktop: how strictly they are read, what is answered."""

from datetime import date

import pytest

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.qbd import QbdSandbox, QbdSwitches, SdkError
from tests.kits.qbxml import Desk, content_of, enveloped, named, query, request

NAME = "<CustomerAddRq><CustomerAdd><Name>A</Name></CustomerAdd></CustomerAddRq>"


def parsed(xml: str, qbd: QbdSandbox | None = None) -> str:
    """Send a whole message; the HRESULT of one that QuickBooks cannot parse, else blank."""
    qbd = qbd or QbdSandbox()
    try:
        qbd.request(qbd.begin("invoicesync"), xml)
    except SdkError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    "inner",
    [
        "<CustomerAddRq><CustomerAdd><Email>a</Email><Name>A</Name></CustomerAdd></CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd><Nom>A</Nom></CustomerAdd></CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd/></CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd><Name>A</Name><Mobile>1</Mobile></CustomerAdd></CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd><Name>A</Name><PrintAs>A</PrintAs></CustomerAdd>"
        "</CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd>A<Name>A</Name></CustomerAdd></CustomerAddRq>",
        "<CustomerAddRq><CustomerAdd><Name><b/></Name></CustomerAdd></CustomerAddRq>",
        "<CustomerQueryRq><MaxReturned>many</MaxReturned></CustomerQueryRq>",
        "<CustomerQueryRq size='2'/>",
        "<AccountQueryRq iterator='Start'/>",
        "<InvoiceQueryRq><TxnDateRangeFilter><FromTxnDate>3 Nov</FromTxnDate></TxnDateRangeFilter>"
        "</InvoiceQueryRq>",
        "<CustomerQueryRq><ListID>1-1</ListID><FullName>A</FullName></CustomerQueryRq>",
        "<NonsenseRq/>",
    ],
)
def test_what_is_out_of_order_spoils_the_whole_message(inner: str) -> None:
    qbd = QbdSandbox()

    assert parsed(enveloped(NAME, inner), qbd) == "0x80040400"
    assert not qbd.customers


@pytest.mark.parametrize(
    "xml",
    [
        enveloped("<HostQueryRq/>").replace('<?qbxml version="13.0"?>', ""),
        enveloped("<HostQueryRq/>").replace("13.0", "99.0"),
        enveloped("<HostQueryRq/>", onError="rollbackOnError"),
        enveloped("<HostQueryRq/>", onError="never"),
        enveloped("<HostQueryRq/>").replace("<QBXML>", '<!DOCTYPE a [<!ENTITY b "c">]><QBXML>'),
        enveloped("<HostQueryRq>"),
        "nonsense",
        "",
    ],
)
def test_a_wrong_envelope_is_not_parsed(xml: str) -> None:
    assert parsed(xml) == "0x80040400"


def test_raw_letters_are_not_parsed_or_kept() -> None:
    xml = enveloped(NAME.replace("A<", "Jos\u00e9<"))
    kept = QbdSandbox(switches=QbdSwitches(raw_letters="kept"))

    assert parsed(xml) == "0x80040400"
    assert parsed(xml, kept) == ""
    assert [row.name for row in kept.customers.values()] == ["Jos\u00e9"]


def test_letters_beyond_latin_become_question_marks() -> None:
    desk = Desk()
    desk.made("CustomerAdd", Name="&#233;&#1078;&#8364;")

    assert desk.found("CustomerQuery", FullName="&#233;??")[0]["Name"] == "\u00e9??"


def test_the_answer_has_no_instruction_and_is_ascii() -> None:
    desk = Desk()
    desk.qbd.add_customer("Jos\u00e9")
    text = desk.text("<CustomerQueryRq/>")

    assert text.startswith('<?xml version="1.0" ?>\n<QBXML>')
    assert "Jos&#233;" in text


def test_too_long_a_text_spoils_its_own_request_only() -> None:
    desk = Desk()
    texts = (request("CustomerAdd", Name="x" * 42), request("CustomerAdd", Name="B"))
    first, second = content_of(desk.qbd.send(*texts))

    assert first.get("statusCode") == "3070"
    assert first.get("statusMessage", "").startswith('The string "xxx')
    assert second.get("statusCode") == "0"


def test_answers_come_in_order_with_their_request_ids() -> None:
    desk = Desk()
    answers = desk.ask(query("HostQuery", 'requestID="a1"'), query("AccountQuery"))

    assert [(one.tag, one.get("requestID")) for one in answers] == [
        ("HostQueryRs", "a1"),
        ("AccountQueryRs", ""),
    ]
    assert desk.ask(query("HostQuery", f'requestID="{"1" * 51}"'))[0].get("statusCode") == "1060"


def test_stop_on_error_leaves_the_rest_undone() -> None:
    desk = Desk()
    texts = [request("CustomerAdd", Name=name) for name in ("A", "A", "B")]
    codes = [one.get("statusCode") for one in desk.ask(*texts, onError="stopOnError")]

    assert codes == ["0", "3100", "3231"]
    assert len(desk.qbd.customers) == 2


def test_an_answer_can_be_without_objects() -> None:
    answer = Desk().ask("<CustomerQueryRq/>", responseData="includeNone")[0]

    assert (answer.get("statusCode"), len(answer)) == ("0", 0)


def test_what_is_not_simulated_says_so() -> None:
    qbd = QbdSandbox()
    with pytest.raises(NotSimulated, match="the request BillAddRq"):
        qbd.send("<BillAddRq/>")
    with pytest.raises(NotSimulated, match="the element ExchangeRate"):
        qbd.send(
            "<InvoiceAddRq><InvoiceAdd><CustomerRef/><ExchangeRate>1</ExchangeRate></InvoiceAdd>"
            "</InvoiceAddRq>"
        )


def test_host_company_and_preferences() -> None:
    desk = Desk()
    desk.qbd.close_books(date(2026, 10, 2))
    host = desk.found("HostQuery")[0]
    company = desk.found("CompanyQuery")[0]
    preferences = desk.found("PreferencesQuery")[0]

    assert host["Country"] == "US"
    assert "13.0" in host["SupportedQBXMLVersion"]
    assert company["CompanyName"] == "Wick & Wax LLC"
    assert preferences["AccountingPreferences"]["ClosingDate"] == "2026-10-02"
    assert preferences["SalesTaxPreferences"]["DefaultTaxableSalesTaxCodeRef"]["FullName"] == "Tax"


def test_the_preferences_of_sales_tax_are_absent_where_it_is_off() -> None:
    desk = Desk(world="us-no-tax")

    assert "SalesTaxPreferences" not in desk.found("PreferencesQuery")[0]
    assert desk.said(query("SalesTaxCodeQuery")).startswith("1 ")
    refused = desk.refused("InvoiceAdd", **desk.invoice(tax={"ItemSalesTaxRef": named("X")}))
    assert refused.startswith("3250 This feature is not enabled")


def test_the_stamp_of_the_web_connector_is_shown_to_its_owner() -> None:
    desk = Desk()
    owner, stamp = (
        "{6d1c2c1e-0f0b-4f57-9a3e-3b6f5a2d7c11}",
        "{b2a8e6a0-7d43-4f0e-8f57-0d3c9a1e5b22}",
    )
    desk.qbd.books.file_ids[owner] = stamp

    shown = desk.found("CompanyQuery", OwnerID=owner)[0]["DataExtRet"]
    assert (shown["DataExtName"], shown["DataExtValue"]) == ("FileID", stamp)
    assert "DataExtRet" not in desk.found("CompanyQuery")[0]


def test_a_read_only_application_writes_nothing() -> None:
    desk = Desk()
    desk.qbd.host.writable = False

    assert desk.refused("CustomerAdd", Name="A").startswith("3264 ")
    assert content_of(desk.text("<HostQueryRq/>"))[0].get("statusCode") == "0"
