"""`--record`: what is said is written down, masked, and can be replayed."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from invoicesync_cli.errors import InvoiceSyncError, UsageError
from invoicesync_cli.http.masking import PHRASES, Mask
from invoicesync_cli.http.recording import Recorder
from invoicesync_cli.load.qbo.faults import PHRASES as QUICKBOOKS
from invoicesync_cli.load.qbo.faults import TAKEN_PHRASES
from invoicesync_cli.load.xero.replies import REASONS, TAKEN
from invoicesync_cli.sync import Result
from invoicesync_sandbox.shop.orders import CASES, ORDERS, fill_keap
from invoicesync_sandbox.shop.people import PEOPLE
from invoicesync_sandbox.world import API_KEY, CLIENT_SECRET
from tests.kits.rehearsal import Rehearsal
from tests.kits.replay import Replay

WITH_MONEY = {"sync.mode": "invoices-and-payments"}
COMPARED = (
    "kind",
    "order_id",
    "invoice_id",
    "payment_id",
    "number",
    "date",
    "total",
    "currency",
    "state",
    "reason",
    "ledger_id",
    "ledger_total",
)
"""The columns of a document without words in them."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a recording goes."""
    return tmp_path / "recorded.jsonl"


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """The demo shop, nothing carried over yet."""
    rehearsal = Rehearsal(tmp_path / "home", **WITH_MONEY)
    fill_keap(rehearsal.keap)
    return rehearsal


def recorded(shop: Rehearsal, file: Path, mask: Mask | None = None, **options: Any) -> Result:
    """A run that is recorded."""
    recorder = Recorder(file, mask)
    shop.network.recorder = recorder
    try:
        return shop.sync(**options)
    finally:
        recorder.close()
        shop.network.recorder = None


def plan(result: Result) -> list[tuple[object, ...]]:
    """What a run did or would do, as far as it is not made of words."""
    return [tuple(getattr(document, name) for name in COMPARED) for document in result.documents]


def replayed(shop: Rehearsal, file: Path, home: Path, **options: Any) -> Result:
    """The recording, played to a client with an empty state and the same settings."""
    home.mkdir()
    (home / "config.toml").write_bytes((shop.home / "config.toml").read_bytes())
    for kept in shop.home.glob("secrets/*"):
        (home / "secrets").mkdir(mode=0o700, exist_ok=True)
        (home / "secrets" / kept.name).write_bytes(kept.read_bytes())
    replay = Replay(file)
    result = replay.sync(home, **options)
    assert replay.unknown == []
    return result


def words_in(value: object) -> set[str]:
    """Every word of the texts in a structure."""
    if isinstance(value, dict):
        return set().union(*map(words_in, value.values())) if value else set()
    if isinstance(value, list | tuple | set):
        return set().union(*map(words_in, value)) if value else set()
    if hasattr(value, "__dataclass_fields__"):
        return words_in([getattr(value, name) for name in value.__dataclass_fields__])
    return set(re.findall(r"[^\W_]+", value)) if isinstance(value, str) else set()


@pytest.mark.parametrize("options", [{}, {"dry_run": True}])
def test_replayed_run_has_the_same_plan(
    shop: Rehearsal, file: Path, tmp_path: Path, options: dict[str, Any]
) -> None:
    result = recorded(shop, file, **options)

    again = replayed(shop, file, tmp_path / "elsewhere", **options)

    assert len(plan(result)) > 90
    assert plan(again) == plan(result)
    assert again.totals() == result.totals()
    assert again.exit_code == result.exit_code


def test_replayed_run_to_quickbooks_has_the_same_plan(file: Path, tmp_path: Path) -> None:
    shop = Rehearsal(tmp_path / "home", to="qbo", **WITH_MONEY)
    fill_keap(shop.keap)
    mask = Mask()

    result = recorded(shop, file, mask)

    # The config names accounts, items and tax codes: it has to say what the recording says.
    config = shop.home / "config.toml"
    config.write_text(masked_names(config.read_text(encoding="utf-8"), mask), encoding="utf-8")
    again = replayed(shop, file, tmp_path / "elsewhere")
    assert len(plan(result)) > 90
    assert plan(again) == plan(result)
    customers = [[row.name, row.email, row.company] for row in shop.qbo.customers.values()]
    goods = [item.name for case in ORDERS for item in case.items]
    shown = survivors(file, [*PEOPLE.values(), customers, goods])
    # "Accounts Payable" and "Cost of Goods Sold" are types of accounts.
    assert shown - ALSO_STATES == {"accounts", "of"}


def masked_names(text: str, mask: Mask) -> str:
    """A config with the names of a company's lists as a recording has them."""
    names = r'((?:account|taxable_code|non_taxable_code|\w+_item|"?Stripe"?) *= *)"([^"]*)"'
    return re.sub(names, lambda found: f'{found[1]}"{mask.text(found[2])}"', text)


def test_replayed_trouble_ends_in_the_same_way(shop: Rehearsal, file: Path, tmp_path: Path) -> None:
    shop.keap.fail(path="/orders", status=503, times=9, body="<html><body>Off</body></html>")
    shop.keap.faults[0].content_type = "text/html"
    with pytest.raises(InvoiceSyncError) as ended:
        recorded(shop, file)

    with pytest.raises(InvoiceSyncError) as again:
        replayed(shop, file, tmp_path / "elsewhere")

    assert (again.value.code, again.value.exit_code) == (ended.value.code, ended.value.exit_code)


def test_lost_connection_is_recorded_and_lost_again(
    shop: Rehearsal, file: Path, tmp_path: Path
) -> None:
    shop.keap.fail(kind="drop", path="/orders", times=1)
    result = recorded(shop, file)

    assert plan(replayed(shop, file, tmp_path / "elsewhere")) == plan(result)
    assert [row["lost"] for row in Replay(file).rows if "lost" in row] == ["AnswerLost"]


def test_nothing_of_a_person_or_a_secret_is_in_a_recording(shop: Rehearsal, file: Path) -> None:
    recorded(shop, file)

    text = file.read_text(encoding="utf-8")
    secrets = {
        API_KEY,
        CLIENT_SECRET,
        *shop.xero.sign_in.access_tokens,
        *shop.keap.api_keys,
    }
    assert [secret for secret in secrets if secret in text] == []
    contacts = list(shop.xero.contacts.values())
    payments = list(shop.keap.payments.values())
    personal = [
        *PEOPLE.values(),
        [[contact.name, contact.email, contact.addresses] for contact in contacts],
        [[payment.note, payment.external_transaction_id] for payment in payments],
        [order.title for order in shop.keap.orders.values()],
        [item.name for case in ORDERS for item in case.items],
        [account.name for account in shop.xero.accounts.values()],
        [shop.keap.profile.company, shop.xero.organisation["Name"], shop.keap.profile.tenant_id],
    ]
    assert survivors(file, personal) == ALSO_STATES


def survivors(file: Path, personal: object) -> set[str]:
    """The words of these texts that a recording shows; short numbers say nothing."""
    said = [[row["sent"], row.get("got"), row["headers"]] for row in Replay(file).rows]
    shown = {word.casefold() for word in words_in(said)}
    survived = {word.casefold() for word in words_in(personal)} & shown
    return {word for word in survived if not word.isdigit() or len(word) > 3}


ALSO_STATES = (
    {"adjustment", "archived", "bundle", "charge", "company", "credit", "current", "discount"}
    | {"failed", "fee", "finance", "gb", "gift", "keap", "manual", "paid", "post", "refund"}
    | {"revenue", "rounding", "sales", "shipping", "street", "stripe", "subscription", "tax"}
    | {"tip", "total", "unpaid", "upsell", "wax"}
)
"""Words of the shop's texts that stand in states, types and codes as well."""


def test_ids_dates_amounts_codes_and_states_stay(shop: Rehearsal, file: Path) -> None:
    recorded(shop, file)

    rows = Replay(file).rows
    (page,) = [row for row in rows if row["path"].endswith("/orders")]
    order = next(row for row in page["got"]["json"]["orders"] if row["id"] == CASES["sku-match"])
    assert order["total"]["amount"] == 3000
    assert order["order_time"] == "2026-10-17T09:15:00.000Z"
    assert order["order_items"][0]["product"]["sku"] == "TIL"
    assert order["order_items"][0]["item_type"] == "PRODUCT"
    (sent,) = [row for row in rows if row["method"] == "PUT" and row["path"].endswith("/Invoices")]
    invoice = next(
        row
        for row in sent["sent"]["json"]["Invoices"]
        if row["InvoiceNumber"] == CASES["sku-match"]
    )
    assert invoice["Reference"] == f"Keap order {CASES['sku-match']}, invoice {order['invoice_id']}"
    assert invoice["LineItems"][0]["AccountCode"] == "201"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_can_read_a_recording(file: Path) -> None:
    recorder = Recorder(file)
    try:
        assert file.stat().st_mode & 0o777 == 0o600
    finally:
        recorder.close()


def test_recording_never_takes_the_place_of_a_file(file: Path) -> None:
    file.write_text("precious", encoding="utf-8")

    with pytest.raises(UsageError, match="exists already"):
        Recorder(file)

    assert file.read_text(encoding="utf-8") == "precious"


def test_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        Recorder(tmp_path / "nowhere" / "file.jsonl")


def test_same_word_has_the_same_mask_whatever_its_case() -> None:
    mask = Mask()

    full = mask.text("Chloe DAVIES")
    assert full == f"{mask.text('chloe')} {mask.text('Davies')}"
    assert mask.text("a@b.example") == mask.text("A@B.Example")
    assert mask.text("  <b>Zoë</b>\n").startswith("  <")
    assert Mask().text("chloe") != mask.text("chloe")


def test_unknown_fields_and_odd_values_of_known_ones_are_masked() -> None:
    mask = Mask()

    shown = mask.data(
        {
            "Status": "Ring Ada on 0113 496 0101",
            "id": "ada@example.com",
            "Code": "Ada\nLovelace",
            "brand_new": "Ada",
            "InvoiceNumber": "Ada",
            "ContactNumber": "Ada-1",
            "Reference": "Keap order 7, invoice 8 for Ada",
            "Ada Lovelace": "x",
            "type": "Ada's own card",
        }
    )

    text = json.dumps(shown)
    assert "Ada" not in text
    assert "0113" not in text


def test_words_of_the_ledger_that_a_verdict_hangs_on_stay() -> None:
    mask = Mask()

    reported = mask.data(
        {"Message": "The contact name Ada is already assigned to another contact."}
    )

    assert "already assigned to another contact" in reported["Message"]
    assert "Ada" not in reported["Message"]
    assert {phrase for phrase, _ in REASONS} | set(TAKEN) <= set(PHRASES)
    assert {phrase.words for phrase in QUICKBOOKS} | set(TAKEN_PHRASES) <= set(PHRASES)


@pytest.mark.parametrize(
    ("pair", "kept"),
    [
        (("filter", "ids==1,2;paid==false"), True),
        (("filter", "email==ada@example.com"), False),
        (("where", 'Invoice.InvoiceID==guid("11111111-1111-4111-8111-111111111111")'), True),
        (("where", 'Name=="Ada Lovelace"'), False),
        (("InvoiceNumbers", "K-1,K-2"), True),
        (("searchTerm", "ada"), False),
    ],
)
def test_parameters_are_kept_where_they_name_nobody(pair: tuple[str, str], kept: bool) -> None:
    (shown,) = Mask().query([pair])

    assert (shown == list(pair)) is kept


def test_address_with_a_name_in_it_is_masked() -> None:
    mask = Mask()

    assert mask.path("/api.xro/2.0/Invoices/K-1") == "/api.xro/2.0/Invoices/K-1"
    assert "Ada" not in mask.path("/api.xro/2.0/Contacts/Ada Lovelace")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"total": NaN, "amount": -Infinity}',
        b'{"total": 1e400, "id": ' + b"9" * 5000 + b"}",
        b"\xff\xfe\x00",
        b'{"name": "\\ud800"}',
        b"null",
        b'{"' + b"x" * 100_000 + b'": 1}',
    ],
    ids=lambda body: repr(body)[:20],
)
def test_any_answer_can_be_recorded(file: Path, body: bytes) -> None:
    recorder = Recorder(file)
    request = httpx.Request("GET", "https://api.vendor.example/things")
    recorder.exchange("Xero", datetime.now(UTC), request, httpx.Response(200, content=body))
    recorder.exchange("Xero", datetime.now(UTC), request, httpx.Response(200, json={"Id": "1"}))
    recorder.close()

    _, odd, good = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert odd["got"] is None or {"json", "text"} & set(odd["got"])
    assert good["got"] == {"json": {"Id": "1"}}
