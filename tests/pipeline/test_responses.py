"""What a service may answer instead of what was asked for: none of it is ever a crash."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pydantic import TypeAdapter

from invoicesync_cli.errors import ExitCode, InvoiceSyncError, TryLater
from invoicesync_cli.http.responses import Reply, failure, retry_after, words_of
from invoicesync_cli.http.schemas import Amount, BadRow, Day, Id, Rows, Schema, Text, Time, read

DEEP = b"[" * 100_000
MILLION = "x" * 1_000_000


def reply(body: bytes | str, status: int = 200, **headers: str) -> Reply:
    """An answer of Keap's."""
    return Reply("Keap", status, headers, body.encode() if isinstance(body, str) else body)


def later(call: Any) -> TryLater:
    """The error of a call that has to be made again later."""
    with pytest.raises(TryLater) as caught:
        call()
    assert caught.value.exit_code == ExitCode.TRY_LATER
    assert "Keap" in caught.value.message
    assert len(caught.value.message) < 500
    return caught.value


# --- JSON ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        (r"\ud800", "?"),
        (r"\udfffA", "?A"),
        (r"\ud83d\ude00 \uD83D", "\U0001f600 ?"),
        (r"\ud800\ud83d\ude00", "?\U0001f600"),
        (r"\\ud800", "\\ud800"),
        (r"\\\ud800", "\\?"),
        (r"\"\u00e9\n", '"\u00e9\n'),
    ],
)
def test_half_a_surrogate_pair_is_a_question_mark(sent: str, read_as: str) -> None:
    """Nothing can store it; in a name of a field no more than in a value."""
    assert reply(f'{{"name": "{sent}", "{sent}": 1}}').json() == {"name": read_as, read_as: 1}


@pytest.mark.parametrize(
    "number",
    [
        *("NaN", "Infinity", "-Infinity", "1e400", "-1E+400", "1e-400", "1e99999999999999999999"),
        *("9" * 31, "-" + "9" * 5000, "0." + "3" * 5000, "1e30"),
    ],
    ids=lambda value: value[:9],
)
def test_number_that_no_ledger_could_hold_is_no_answer(number: str) -> None:
    error = later(reply(f'{{"total": {number}}}').json)
    assert error.code == "unreadable-answer"


def test_numbers_are_exact() -> None:
    data = reply('{"a": 0.1, "b": 8999999999999.91, "c": 12, "d": 1.5e3, "e": -0.00}').json()
    assert data == {
        "a": Decimal("0.1"),
        "b": Decimal("8999999999999.91"),
        "c": 12,
        "d": Decimal(1500),
        "e": 0,
    }
    assert isinstance(data["c"], int)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b'{"a": "x', "not-json"),
        (b'{"name": "Caf\xe9"}', "not-json"),
        (b"\xff\xfe{\x00}\x00", "not-json"),
        (b"\x00" * 50, "not-json"),
        (b"\xed\xa0\x80", "not-json"),
        (MILLION.encode(), "not-json"),
        (b"<html><title>Down</title>", "not-json"),
        (DEEP, "unreadable-answer"),
        (b'{"a":' * 100_000, "unreadable-answer"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_anything_else_than_json_is_tried_later(body: bytes, code: str) -> None:
    assert later(reply(body).json).code == code


def test_mark_of_the_byte_order_is_no_trouble() -> None:
    assert reply(b"\xef\xbb\xbf[1]").json() == [1]


@pytest.mark.parametrize("read", [Reply.json, Reply.data])
def test_countless_values_are_no_answer(read: Callable[[Reply], Any]) -> None:
    """Two million at the most: each takes many times the memory that it takes in the body."""

    def many(value: str, most: int) -> Reply:
        return reply(f"[{','.join([value] * most)}]")

    assert len(read(many("null", 2_000_000))) == 2_000_000
    for value, most in (("null", 2_000_001), ("[]", 1_000_001), ("{}", 1_000_001)):
        error = later(partial(read, many(value, most)))
        assert error.code == "unreadable-answer"
        assert "more than 2,000,000 values" in error.message


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        b'{"message": NaN}',
        b'{"code": ' + b"9" * 5000 + b"}",
        b'{"message": 1e400}',
        b'{"Fault": {"Error": [null, 5, {"Message": {"a": 1}}]}}',
        b'{"Fault": {"Error": {"a": 1}}, "fault": 5}',
        b"<title>" * 200_000,
        b'{"message": "' + MILLION.encode() + b'"}',
        b"\xff" * 1000,
        b"null",
        b"[]",
        b'"\\ud800"',
    ],
    ids=lambda value: repr(value)[:32],
)
@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 413, 429, 500, 503])
def test_any_refusal_has_short_words(body: bytes, status: int) -> None:
    assert len(words_of(reply(body, status))) <= 300
    error = failure(reply(body, status))
    assert isinstance(error, InvoiceSyncError)
    assert len(error.message) < 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"title": "Forbidden", "status": 403, "detail": "AuthenticationUnsuccessful"}, "Auth"),
        ({"Title": "Forbidden", "Status": 403}, "Forbidden"),
        ({"MESSAGE": "No such thing"}, "No such thing"),
        ({"FAULT": {"ERROR": [{"MESSAGE": "Bad", "DETAIL": "Very bad"}]}}, "Bad: Very bad"),
    ],
)
def test_words_are_found_whatever_the_case_of_their_keys(body: object, words: str) -> None:
    """Xero has written them in lower case and in title case."""
    found = words_of(reply(json.dumps(body).encode(), 403))
    assert found.startswith(words)
    assert "{" not in found


def test_words_of_a_fault_are_without_markup() -> None:
    """QuickBooks has put a link into them."""
    detail = 'Try reselecting the tax rate, or <a href="https://example.com">learn &amp; more</a>.'
    fault = {"Fault": {"Error": [{"Message": "An error", "Detail": detail}]}}
    found = words_of(reply(json.dumps(fault).encode(), 400))
    assert found == "An error: Try reselecting the tax rate, or learn & more."


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("37", 37.0), (" 5 ", 5.0), ("9" * 30, None), ("²", None), ("٣", None), ("1e3", None)],
)
def test_waits_that_make_no_sense_are_none(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}) == seconds


# --- schemas ------------------------------------------------------------------------------------


class PayerRow(Schema):
    """A row of a row."""

    name: Text = ""


class SaleRow(Schema):
    """A row that has everything."""

    id: Id
    total: Amount
    at: Time
    due: Day | None = None
    note: Text = ""
    payers: Rows[PayerRow] = ()


class SalePage(Schema):
    """A page of rows."""

    sales: Rows[SaleRow] = ()
    next_page_token: Text = ""


GOOD: dict[str, Any] = {"id": 7, "total": 12.5, "at": "2026-11-03T07:00:00.000Z", "more": [1]}


def page(text: str) -> SalePage:
    """An answer, read."""
    return read(reply(text), SalePage)


def test_answer_becomes_typed() -> None:
    found = page(json.dumps({"sales": [GOOD | {"due": "2026-11-17", "note": 5}], "odd": {}}))
    (row,) = found.sales
    assert isinstance(row, SaleRow)
    assert (row.id, row.total, row.note) == ("7", Decimal("12.5"), "5")
    assert row.at.isoformat() == "2026-11-03T07:00:00+00:00"
    assert str(row.due) == "2026-11-17"


def test_null_is_the_same_as_missing() -> None:
    found = page('{"sales": null, "next_page_token": null}')
    assert (found.sales, found.next_page_token) == ((), "")


WRONG = [
    *("null", "true", '""', '"x"', "[]", "[null]", "{}", "NaN", "1e400", "-Infinity", "9" * 5000),
    *(
        '"NaN"',
        '"1e400"',
        '"1_0"',
        '"²"',
        '"٣"',
        '"1,030.00"',
        f'"{MILLION}"',
        "[" * 500 + "]" * 500,
    ),
    *('"0001-01-01T00:00:00Z"', '"9999-12-31T00:00:00Z"', '"0001-01-01"', '"\\ud800"', "1e30"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: value[:12])
@pytest.mark.parametrize("name", ["id", "total", "at", "due", "payers"])
def test_row_that_cannot_be_read_spoils_itself_alone(name: str, wrong: str) -> None:
    good = json.dumps(GOOD)
    bad = good[:-1] + f', "{name}": {wrong}' + "}"
    found = page(f'{{"sales": [{good}, {bad}, {good}]}}')
    first, middle, last = found.sales
    assert isinstance(first, SaleRow)
    assert first == last
    if isinstance(middle, BadRow):
        assert middle.problem.startswith(name)
        assert len(middle.problem) < 100
        assert middle.row["id"] == 7 or name == "id"
    else:
        assert wrong == "null" or name == "payers"
        assert all(isinstance(payer, BadRow) for payer in middle.payers)


def test_what_is_wrong_with_a_row_is_said_in_words() -> None:
    rows = [GOOD | {"total": "a lot"}, {"id": 1, "total": 1}, 5, GOOD | {"at": "9999-01-01"}]
    problems = [
        row.problem for row in page(json.dumps({"sales": rows})).sales if isinstance(row, BadRow)
    ]
    assert problems == [
        "total should be a number below 10 to the power of 15",
        "at is missing",
        "it should be an object",
        "at should be a date from 1900 to 2100",
    ]


def test_rows_of_a_row_are_read_one_by_one() -> None:
    (row,) = page(json.dumps({"sales": [GOOD | {"payers": [{"name": "Ann"}, 5]}]})).sales
    assert isinstance(row, SaleRow)
    ann, bad = row.payers
    assert ann == PayerRow(name="Ann")
    assert isinstance(bad, BadRow)


def test_number_out_of_range_in_a_field_that_nobody_reads_is_ignored() -> None:
    (row,) = page('{"other": NaN, "sales": [' + json.dumps(GOOD)[:-1] + ', "x": 1e400}]}').sales
    assert isinstance(row, SaleRow)


@pytest.mark.parametrize("body", ['{"sales": {"a": 1}}', '{"sales": "x"}', '{"sales": NaN}'])
def test_answer_of_another_shape_names_the_field(body: str) -> None:
    error = later(lambda: page(body))
    assert error.code == "unreadable-answer"
    assert error.message.startswith("Keap's answer makes no sense: sales should be a list")


@pytest.mark.parametrize("body", ["[]", "5", '"x"', "null", "NaN"])
def test_answer_that_is_no_object_is_tried_later(body: str) -> None:
    assert later(lambda: page(body)).code == "unreadable-answer"


def test_answer_that_is_a_list() -> None:
    ann, bad = read(reply('[{"name": "Ann"}, null]'), TypeAdapter(Rows[PayerRow]))
    assert ann == PayerRow(name="Ann")
    assert isinstance(bad, BadRow)


def test_problem_never_repeats_the_data() -> None:
    row = GOOD | {"total": "Jane Doe, 5 High Street"}
    (bad,) = page(json.dumps({"sales": [row]})).sales
    assert isinstance(bad, BadRow)
    assert "Jane" not in bad.problem
