"""What is kept as text is read as earlier versions wrote it; amounts are text to the last digit."""

# ruff: noqa: E501 - texts to the letter

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.auth.records import Access, SignIn, read_access, read_sign_in, write_sign_in
from invoicesync_cli.auth.stores import FileStore
from invoicesync_cli.http.responses import loads
from invoicesync_cli.model import (
    Decision,
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    KeapContact,
    LedgerAccount,
    OrderId,
    PaymentDraft,
    PersonId,
    Reason,
)
from invoicesync_cli.state.codec import (
    Plain,
    Texts,
    document_as_json,
    dump,
    dump_said,
    load,
    load_said,
)
from invoicesync_cli.state.rows import Progress, Record
from invoicesync_cli.sync.contacts import PeopleById
from invoicesync_cli.sync.invoices.changes import source_of
from invoicesync_cli.sync.payments.changes import shares_in, source_text, what_changed
from invoicesync_cli.sync.preflight import KeptAccount
from tests.kits.keap_side import invoice, line

# --- as the version before this codec wrote it ------------------------------------------------

DOCUMENT = (
    '{"kind":"invoice","order_id":"1042","invoice_id":"1048","number":"1048","contact":"Ida Queißer",'
    '"date":"2026-11-20","total":"100.00","currency":"GBP","state":"held",'
    '"reason":"changed-after-sync","message":"It was.","hint":"Look.","ledger_id":"9b67",'
    '"ledger_total":"99.90","ended":"ledger"}'
)
DRAFT = (
    '{"order_id":"1042","invoice_id":"1048","number":"1048","reference":"Keap order 1042, invoice '
    '1048","person_id":"101","contact":{"person_id":"101","name":"Ida","number":"keap-101",'
    '"first_name":"Ida","last_name":"","email":"ida@x.example","phone":"","address":{"line1":"1 Hill",'
    '"line2":"","city":"Leeds","region":"","postal_code":"","country":"GBR"},"company":"",'
    '"currency":""},"date":"2026-11-20","due_date":"2026-12-04","currency":"GBP","tax_mode":'
    '"inclusive","lines":[{"description":"Candle","quantity":"3","unit_price":"0.10","amount":"0.30",'
    '"account":"200","tax_code":"OUTPUT2","tax":"0.05","item_code":"","type":"discount","net":null}],'
    '"keap_total":"0.30","expected_total":"0.30","expected_tax":"0.05","stated_tax":{"total":"0.05",'
    '"lines":[{"rate":{"id":"3","percent":"20"},"net":"0.25","amount":"0.05"}]},'
    '"tax_after_discount":true,"receipt":{"payment_id":"7","key":"7:1042","amount":"0.30",'
    '"reference":"txn","account":{"id":"35","code":"Bank","name":"Bank","usable":false,"payable":true},'
    '"method":"Cash","memo":""},"note":""}'
)
REFUND = (
    '{"kind": "refund", "key": "5:1005", "order_id": "1005", "invoice_id": "1005", "payment_id": "5", '
    '"date": "2026-11-20", "amount": "30.00", "currency": "GBP", "reference": "keap-5", "invoice": '
    '"f087", "contact_id": "ac7e", "account": {"id": "39cd", "code": "091", "name": "Stripe", "usable": '
    'false, "payable": true}, "note": {"number": "RF-5", "contact_id": "ac7e", "account": "200", '
    '"tax_code": "ZERORATEDOUTPUT", "net": "30.00", "tax": "0.00", "description": "Refund", "item_code": '
    '"", "stated_tax": null, "untaxed": "0.00", "untaxed_code": ""}, "method": "Refund", "memo": ""}'
)
SIGN_IN = (
    '{"service": "xero", "kind": "oauth", "root": "", "account": "8f23", "name": "Wick & Wax Ltd", '
    '"at": "2026-11-20T09:00:00+00:00", "client_id": "app", "scopes": ["accounting.contacts"], '
    '"refresh_token": "long", "refresh_ends": "2027-01-19T09:00:00+00:00", "refreshed": null, '
    '"refused": false}'
)


def put(folder: Path, **kept: str) -> FileStore:
    """A store with these secrets in it."""
    store = FileStore(folder)
    for key, text in kept.items():
        store.write(key, text)
    return store


def invoice_record(draft: str, **fields: Any) -> Record:
    document = Document(DocumentKind.INVOICE, DocumentState.NEW)
    return Record(DocumentKind.INVOICE, "1042", document, draft=draft, **fields)


def test_document() -> None:
    found = load(Document, DOCUMENT)

    assert found == Document(
        DocumentKind.INVOICE,
        DocumentState.HELD,
        order_id="1042",
        invoice_id="1048",
        number="1048",
        contact="Ida Queißer",
        date=date(2026, 11, 20),
        total=Decimal("100.00"),
        currency="GBP",
        reason=Reason.CHANGED_AFTER_SYNC,
        message="It was.",
        hint="Look.",
        ledger_id="9b67",
        ledger_total=Decimal("99.90"),
        ended="ledger",
    )
    assert json.loads(dump(Document, found)) == json.loads(DOCUMENT)


def test_draft_of_an_invoice_with_its_contact_and_its_receipt() -> None:
    draft = invoice_record(DRAFT).invoice_draft

    assert draft
    assert (draft.expected.total, draft.expected.tax) == (Decimal("0.30"), Decimal("0.05"))
    assert draft.contact
    assert (draft.contact.name, draft.contact.address.city) == ("Ida", "Leeds")
    assert draft.receipt
    assert draft.receipt.account == LedgerAccount("35", "Bank", "Bank", usable=False, payable=True)
    assert load(Draft, dump(Draft, draft)) == draft


@pytest.mark.parametrize(
    "field", ["receipt", "stated_tax", "tax_after_discount", "note", "contact"]
)
def test_draft_from_before_a_field_was_there(field: str) -> None:
    older = json.loads(DRAFT)
    del older[field]

    draft = invoice_record(json.dumps(older)).invoice_draft

    assert draft
    assert draft.expected_total == Decimal("0.30")


def test_draft_with_a_field_that_there_is_no_more() -> None:
    assert load(Draft, DRAFT.replace('"note":""', '"note":"","rounding":"0.01"')) == load(
        Draft, DRAFT
    )


def test_draft_of_a_refund() -> None:
    document = Document(DocumentKind.REFUND, DocumentState.NEW)
    record = Record(DocumentKind.REFUND, "5:1005", document, draft=REFUND)

    draft = record.payment_draft

    assert draft
    assert draft.note
    assert draft.amount == draft.note.net == Decimal(30)
    assert draft.date == date(2026, 11, 20)
    assert record.invoice_draft is None
    assert load(PaymentDraft, dump(PaymentDraft, draft)) == draft


def test_decisions() -> None:
    written = '[{"field":"date","value":"2026-11-20","rule":"R2","because":"it says so"}]'
    decided = [Decision("date", "2026-11-20", "R2", "it says so")]

    assert invoice_record("", decisions=written).decided == decided
    assert invoice_record("", decisions="").decided == []
    assert dump(list[Decision], decided) == written


def test_what_keap_held_of_an_invoice_is_written_to_the_letter_as_before() -> None:
    """Another text would look like a change of every order."""
    made = invoice(line("PRODUCT", "0.10", "3", name='Kärze "L"', sku="TIL"))

    assert source_of(made) == json.dumps(
        {
            "invoice": made.invoice_id,
            "time": made.order_time.isoformat(),
            "contact": made.person_id,
            "total": str(made.total),
            "currency": made.currency,
            "lines": [
                {
                    "id": made.lines[0].id,
                    "type": "PRODUCT",
                    "name": 'Kärze "L"',
                    "quantity": "3",
                    "price": "0.10",
                    "discount": "",
                    "sku": "TIL",
                    "taxable": True,
                }
            ],
            "plan": [],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


@pytest.mark.parametrize(
    ("source", "shares"),
    [
        ("", None),
        ('{"amount": "60.00", "date": "2026-11-20", "type": "Cash"}', None),
        ('{"unreadable": "it has no amount"}', None),
        (
            '{"amount": "60.00", "date": "2026-11-20", "type": "Cash", "shares": {"1003": "60.00", '
            '"1004": "40.00"}}',
            {"1003": Decimal(60), "1004": Decimal(40)},
        ),
        (
            '{"amount":"100.00","date":"2026-11-20","type":"Cash","shares":{"1003":"100.00"}}',
            {"1003": Decimal(100)},
        ),
    ],
    ids=["none", "version 1", "unreadable", "before this codec", "migrated"],
)
def test_what_keap_held_of_a_payment(source: str, shares: dict[str, Decimal] | None) -> None:
    assert shares_in(source) == shares
    assert what_changed(source, None, "GBP") == "it is no longer on the order"


def test_facts() -> None:
    shown = (
        '"shown": {"id": "101", "given_name": "", "family_name": "", "emails": [], "phone": "", '
        '"company": "", "billing": {"line1": "", "line2": "", "city": "", "region": "", '
        '"postal_code": "", "country": ""}, "problem": ""}'
    )
    person = shown.replace('"shown"', '"person"').replace(
        '"emails": []', '"emails": ["a@b.example"]'
    )
    held = load(PeopleById, f'{{"101": {{"at": "2026-11-20T09:00:00+00:00", {shown}, {person}}}}}')
    account = (
        '{"at": "2026-11-20T09:00:00+00:00", "company": "W", "currency": "GBP", "time_zone": "UTC"'
    )

    assert held[PersonId("101")].shown == KeapContact(PersonId("101"))
    assert held[PersonId("101")].person.emails == ("a@b.example",)
    assert load(KeptAccount, f'{account}, "tenant": "iq1"}}').tenant == "iq1"
    assert load(KeptAccount, f"{account}}}").tenant == ""
    assert load(
        Progress,
        '{"start": "first", "position": 6, "began": "b", "complete": true, "watermark": "w"}',
    ) == Progress("first", 6, "b", complete=True, watermark="w")
    assert load(Texts, '["payment/1:1001", "refund/5:1005"]') == ("payment/1:1001", "refund/5:1005")


def test_sign_in_and_access_token(tmp_path: Path) -> None:
    store = put(
        tmp_path,
        xero=SIGN_IN,
        **{"xero.access": '{"token": "t", "ends": "2026-11-20T09:30:00+00:00"}'},
    )

    sign_in = read_sign_in(store, "xero")

    assert sign_in == SignIn(
        service="xero",
        kind="oauth",
        root="",
        account="8f23",
        name="Wick & Wax Ltd",
        at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        client_id="app",
        scopes=("accounting.contacts",),
        refresh_token="long",
        refresh_ends=datetime(2027, 1, 19, 9, tzinfo=UTC),
    )
    assert read_access(store, "xero") == Access("t", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    write_sign_in(store, sign_in)
    assert read_sign_in(store, "xero") == sign_in


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"service": "xero"}', SIGN_IN.replace("oauth", "?")]
)
def test_sign_in_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    assert read_sign_in(put(tmp_path, xero=text), "xero") is None


# --- amounts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["0.1", "119", "119.00", "-5.00", "12345678901234567890.12"])
def test_amounts_are_text_to_the_last_digit(amount: str) -> None:
    document = Document(DocumentKind.INVOICE, DocumentState.NEW, total=Decimal(amount))
    shown = f"{Decimal(amount):.2f}"

    assert json.loads(dump(Document, document))["total"] == shown
    assert document_as_json(document)["total"] == shown
    assert load(Document, dump(Document, document)).total == Decimal(amount)
    source = source_text(Decimal(amount), date(2026, 11, 20), "", {OrderId("1"): Decimal(amount)})
    assert shares_in(source) == {"1": Decimal(amount)}
    assert set(map(type, json.loads(source)["shares"].values())) == {str}
    assert json.loads(dump(Plain, {"rate": Decimal(amount)})) == {"rate": amount}


def test_what_a_service_said_can_be_kept_whatever_it_was() -> None:
    deep = '{"a":' * 900 + "1" + "}" * 900
    said = loads(f'{{"Total": 1e400, "Name": "Sales", "Deep": {deep}}}')

    kept = load_said(dump_said(said))

    assert (kept["Name"], kept["Deep"]) == ("Sales", json.loads(deep))
    assert isinstance(kept["Total"], str)
