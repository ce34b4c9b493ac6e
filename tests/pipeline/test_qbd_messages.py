"""Messages to QuickBooks Desktop as they are written, and its answers as they are read."""

from datetime import date
from decimal import Decimal

import pytest

from invoicesync_cli.load.qbd.answers import NotQbxml, Outcome, each, outcome, read
from invoicesync_cli.load.qbd.requests import DoesNotFit, message, request
from invoicesync_cli.load.qbd.texts import cut, escaped, latin

STATUS = 'statusCode="0" statusSeverity="Info" statusMessage="Status OK"'


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Jos\u00e9 M\u00fcller", "Jos\u00e9 M\u00fcller"),
        ("Jose\u0301", "Jos\u00e9"),
        ("\u0141\u00f3d\u017a", "L\u00f3dz"),
        ("\u201cbest\u201d \u2013 it\u2019s 5 \u20ac\u2026", '"best" - it\'s 5 EUR...'),
        ("\ufb01ne \uff21 \u2116 1", "fine A No 1"),
        ("a\u2003b\u200bc\u200ed", "a bcd"),
        ("\u4e2d\u6587", "??"),
        ("\U0001f56f\ufe0f candle", "? candle"),
        ("one\r\ntwo\rthree\x00\x07", "one\ntwo\nthree"),
        ("\u0110or\u0111e \u0152uvre", "Dorde OEuvre"),
    ],
)
def test_texts_are_written_in_letters_that_quickbooks_keeps(text: str, kept: str) -> None:
    assert latin(text) == kept


def test_a_message_is_ascii() -> None:
    assert escaped('\u00e9 & <b> "x"\n') == "&#233; &amp; &lt;b&gt; &quot;x&quot;&#10;"
    assert message([request("CustomerAdd", {"Name": "\u00e9\u4e2d"}, "1")]).isascii()


def test_a_cut_text_ends_with_a_letter() -> None:
    assert cut("a b c", 4) == "a b"
    assert cut("a b", 3) == "a b"


def test_elements_stand_in_quickbooks_order_whatever_the_order_of_the_values() -> None:
    values = {"Email": "a@x.example", "LastName": "B", "Name": "A B"}
    assert request("CustomerAdd", values, "7") == (
        '<CustomerAddRq requestID="7"><CustomerAdd><Name>A B</Name><LastName>B</LastName>'
        "<Email>a@x.example</Email></CustomerAdd></CustomerAddRq>"
    )


def test_what_is_empty_is_left_out_and_what_is_several_is_repeated() -> None:
    values = {"RefNumber": ["K1", "K2"], "PaidStatus": "", "TxnID": None, "IncludeLineItems": True}
    assert request("InvoiceQuery", values, "1") == (
        '<InvoiceQueryRq requestID="1"><RefNumber>K1</RefNumber><RefNumber>K2</RefNumber>'
        "<IncludeLineItems>true</IncludeLineItems></InvoiceQueryRq>"
    )


@pytest.mark.parametrize(
    ("amount", "written"),
    [("5", "5.00"), ("-1.5", "-1.50"), ("1234567.89", "1234567.89"), ("0", "0.00")],
)
def test_amounts_have_two_decimals(amount: str, written: str) -> None:
    found = request("TxnVoid", {}, "1") + request(
        "ReceivePaymentAdd", {"TotalAmount": Decimal(amount)}, "1"
    )
    assert f"<TotalAmount>{written}</TotalAmount>" in found


@pytest.mark.parametrize(
    ("quantity", "written"), [("2", "2"), ("100", "100"), ("0.50", "0.5"), ("3.33333", "3.33333")]
)
def test_quantities_have_as_few_as_say_them(quantity: str, written: str) -> None:
    line = {"Quantity": Decimal(quantity)}
    assert f"<Quantity>{written}</Quantity>" in request("InvoiceAdd", {"InvoiceLineAdd": line}, "1")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ReceivePaymentAdd", {"TotalAmount": Decimal("1.005")}),
        ("InvoiceAdd", {"InvoiceLineAdd": {"Quantity": Decimal("0.333333")}}),
        ("InvoiceAdd", {"DiscountLineAdd": {"Amount": Decimal(1)}}),
        ("CustomerAdd", {"Mobile": "1"}),
    ],
)
def test_what_quickbooks_would_change_or_refuse_is_not_written(
    name: str, values: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=r"cannot be|has no"):
        request(name, values, "1")


def test_numbers_and_names_are_never_cut_and_notes_are() -> None:
    with pytest.raises(DoesNotFit, match="RefNumber holds 11 letters, and this has 12"):
        request("InvoiceAdd", {"RefNumber": "K12345678901"}, "1")
    with pytest.raises(DoesNotFit) as why:
        request("CustomerAdd", {"Name": "\u2026" * 14}, "1")
    assert why.value.element == "Name"
    long = request("InvoiceAdd", {"Memo": "x" * 5000, "TxnDate": date(2026, 11, 3)}, "1")
    assert f"<Memo>{'x' * 4095}</Memo>" in long


def test_a_message_with_its_key_is_the_same_each_time() -> None:
    texts = [request("HostQuery", {}, "1")]
    first = message(texts, key="i1", stops=True)

    assert first == message(texts, key="i1", stops=True)
    assert first.splitlines()[1] == '<?qbxml version="13.0"?>'
    assert 'onError="stopOnError" newMessageSetID="i1"' in first
    assert 'oldMessageSetID="i1" newMessageSetID="i1"></QBXMLMsgsRq>' in message(
        [], key="i1", old="i1"
    )
    with pytest.raises(DoesNotFit):
        message([], key="k" * 24)


def answered(inner: str, attributes: str = "") -> str:
    return (
        f'<?xml version="1.0" ?>\n<QBXML><QBXMLMsgsRs{attributes}>{inner}</QBXMLMsgsRs></QBXML>\n'
    )


def test_an_answer_is_read_by_name() -> None:
    line = "<InvoiceLineRet><Amount>1.00</Amount></InvoiceLineRet>"
    found = read(
        answered(
            f'<InvoiceQueryRs requestID="4" {STATUS} iteratorRemainingCount="20" '
            'iteratorID="{a}">'
            f"<InvoiceRet><TxnID>1-1</TxnID><New>x</New>{line}{line}</InvoiceRet>"
            "<InvoiceRet><TxnID>2-1</TxnID></InvoiceRet></InvoiceQueryRs>",
            ' newMessageSetID="i1" messageSetStatusCode="0"',
        )
    )
    answer = found.answers[0]

    assert (found.key, found.status, answer.request_id) == ("i1", "0", "4")
    assert (answer.remaining, answer.iterator, answer.outcome) == (20, "{a}", Outcome.DONE)
    first, second = (shown for _, shown in answer.objects)
    assert [one["Amount"] for one in each(first, "InvoiceLineRet")] == ["1.00", "1.00"]
    assert each(second, "InvoiceLineRet") == []
    assert answer.id == "1-1"


def test_the_id_of_an_answer_that_was_given_before() -> None:
    recovery = "<ErrorRecovery><TxnID>5A1-1</TxnID><TxnNumber>913</TxnNumber></ErrorRecovery>"
    answer = read(answered(f"<InvoiceAddRs {STATUS}>{recovery}</InvoiceAddRs>")).answers[0]
    assert (answer.id, answer.objects) == ("5A1-1", ())


def test_the_answer_of_a_void_has_its_fields_itself() -> None:
    inner = f"<TxnVoidRs {STATUS}><TxnID>1-1</TxnID><RefNumber>K1</RefNumber></TxnVoidRs>"
    answer = read(answered(inner)).answers[0]
    assert (answer.id, answer.own["RefNumber"]) == ("1-1", "K1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html></html>",
        "<QBXML/>",
        "<QBXML><QBXMLMsgsRs>",
        answered("<InvoiceQueryRs/>"),
        answered(f'<InvoiceQueryRs {STATUS} iteratorRemainingCount="many"/>'),
        '<!DOCTYPE a [<!ENTITY b "c">]>' + answered(""),
        answered(f"<InvoiceQueryRs {STATUS}>{'<a>' * 60}{'</a>' * 60}</InvoiceQueryRs>"),
        "\x00",
    ],
)
def test_what_is_no_answer_cannot_be_read(text: str) -> None:
    with pytest.raises(NotQbxml):
        read(text)


MODIFIED = (
    "There was an error when saving a Invoice.  QuickBooks error message: This list has been "
    "modified by another user."
)


@pytest.mark.parametrize(
    ("code", "words", "meant"),
    [
        ("0", "", Outcome.DONE),
        ("1", "", Outcome.NOTHING),
        ("500", "", Outcome.PARTIAL),
        ("530", "", Outcome.DONE),
        ("1000", "", Outcome.OPEN),
        ("", "", Outcome.OPEN),
        ("3100", "", Outcome.NAME_TAKEN),
        ("3171", "", Outcome.PERIOD_LOCKED),
        ("3180", "date on or before the Closing Date of the company", Outcome.PERIOD_LOCKED),
        ("3180", MODIFIED, Outcome.IN_USE),
        ("3180", "The amount is wrong.", Outcome.REJECTED),
        ("3176", "", Outcome.IN_USE),
        ("3231", "", Outcome.NOT_PROCESSED),
        ("9999", "", Outcome.REJECTED),
    ],
)
def test_what_a_status_means(code: str, words: str, meant: Outcome) -> None:
    assert outcome(code, words) is meant
