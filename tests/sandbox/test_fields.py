"""One table of fields says what may be sent, what is kept, what is shown, and what can be asked."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from lark import Transformer

from invoicesync_sandbox.fields import (
    Choice,
    Day,
    Field,
    FieldTable,
    Flag,
    Id,
    Number,
    Text,
    sorted_rows,
)
from invoicesync_sandbox.language import Condition, Language, Unreadable
from invoicesync_sandbox.posted import Posted


class Sent(Posted):
    """What was sent, with refusals that say only what they are about."""

    def problem(self, name: str, wanted: str) -> ValueError:
        return ValueError(f"{name} is no {wanted}")

    def too_long(self, name: str, most: int, length: int) -> ValueError:
        return ValueError(f"{name} has {length} of {most} characters")

    def missing(self, name: str) -> ValueError:
        return ValueError(f"{name} is missing")


@dataclass(frozen=True, kw_only=True)
class Candle:
    """Something to sell."""

    id: Annotated[str, Id("Id", asked=True, sent=False)] = "1"
    name: Annotated[str, Text("Name", 10, asked=True, index="name", needed=True)]
    colour: Annotated[str, Choice("Colour", allowed=("red", "blue"), stays=True)] = "red"
    price: Annotated[Decimal | None, Number("Price.Amount", asked=True)] = None
    since: Annotated[date | None, Day("Since", asked=True, shown=("one",))] = None
    sold: Annotated[bool, Flag("Sold", asked=True)] = True
    kept: dict[str, Any] = field(default_factory=dict)


TABLE = FieldTable(
    "Candle",
    Field("Loud", get=lambda _, row: row.name.upper()),
    row=Candle,
    kept="Scent",
    output="Stock",
)


def read(sent: dict[str, Any], before: Candle | None = None) -> dict[str, Any]:
    return TABLE.values(Sent(sent), before)


def test_what_was_sent_becomes_the_values_of_a_row() -> None:
    sent = {"Name": "Wax", "Price.Amount": "2.50", "Since": "2026-11-03", "Sold": "false"}

    values = read(sent | {"Scent": "rose", "Loud": "no", "Stock": 5, "Id": "9"})

    assert Candle(**values) == Candle(
        name="Wax",
        price=Decimal("2.50"),
        since=date(2026, 11, 3),
        sold=False,
        kept={"Scent": "rose"},
    )


def test_what_was_not_sent_is_emptied_unless_it_stays() -> None:
    before = Candle(name="Wax", colour="blue", price=Decimal(2))

    values = read({"Name": "Wax"}, before)

    assert values["price"] is None
    assert values["colour"] == "blue"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Name is missing"),
        ({"Name": "x" * 11}, "Name has 11 of 10 characters"),
        ({"Name": ["x"]}, "Name is no text"),
        ({"Name": "x", "Colour": "green"}, "Colour is no choice"),
        ({"Name": "x", "Price.Amount": "NaN"}, "Price.Amount is no number"),
        ({"Name": "x", "Since": "2026-02-30"}, "Since is no date"),
        ({"Name": "x", "Sold": 1}, "Sold is no flag"),
    ],
)
def test_what_cannot_be_read_is_refused(sent: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(sent)


def test_a_row_is_shown_as_full_as_is_asked_for() -> None:
    row = Candle(name="Wax", price=Decimal(2), since=date(2026, 11, 3), kept={"Scent": "rose"})

    listed = TABLE.view(None, row, "list")

    assert listed == {
        "Id": "1",
        "Name": "Wax",
        "Colour": "red",
        "Price": {"Amount": Decimal(2)},
        "Sold": True,
        "Loud": "WAX",
        "Scent": "rose",
    }
    assert TABLE.view(None, row, "one") == listed | {"Since": "2026-11-03"}


@pytest.mark.parametrize(
    ("name", "sign", "values", "fits"),
    [
        ("name", "=", ("WAX",), True),
        ("Name", "like", ("%a%",), True),
        ("Name", "startswith", ("x",), False),
        ("Id", "in", ("1", "2"), True),
        ("Price.Amount", ">", ("1.99",), True),
        ("Since", "<", ("2026-11-03",), False),
        ("Since", "!=", ("2026-11-03",), True),
        ("Sold", "=", (True,), True),
    ],
)
def test_rows_are_found_by_what_may_be_asked(
    name: str, sign: str, values: tuple[Any, ...], fits: bool
) -> None:
    asked = TABLE.asked(name)

    assert asked is not None
    row = Candle(name="Wax", price=Decimal(2))
    assert Condition(name, sign, values).test(asked)(row) is fits


@pytest.mark.parametrize(
    ("name", "sign", "value"),
    [("Id", ">", "1"), ("Sold", "=", "true"), ("Since", "=", "today"), ("Sold", "like", True)],
)
def test_a_question_that_makes_no_sense_is_refused(name: str, sign: str, value: Any) -> None:
    asked = TABLE.asked(name)

    assert asked is not None
    with pytest.raises(ValueError):  # noqa: PT011 - a vendor's own words come later
        Condition(name, sign, (value,)).test(asked)
    assert TABLE.asked("Colour") is None


def test_rows_are_sorted_by_several_fields_with_nothing_first() -> None:
    rows = [Candle(id=key, name=name) for key, name in (("10", "b"), ("9", "b"), ("8", "a"))]
    rows.append(Candle(id="7", name="a", price=Decimal(1)))
    by_name, by_id, by_price = (TABLE.asked(name) for name in ("Name", "Id", "Price.Amount"))

    assert by_name is not None
    assert by_id is not None
    assert by_price is not None
    order = sorted_rows(rows, [(by_name, True), (by_id, False)])
    assert [row.id for row in order] == ["9", "10", "7", "8"]
    assert sorted_rows(rows, [(by_price, False)])[-1].id == "7"


def test_a_grammar_says_which_word_it_has_no_place_for() -> None:
    language = Language("start: _TAKE NAME\nNAME: /[a-z]+/\n%ignore /\\s+/", Transformer(), "_take")

    assert language.parse("TAKE wax").children == ["wax"]
    for text, word in (("take 5 wax", "5"), ("taken wax", "taken"), ("take", "")):
        with pytest.raises(Unreadable) as refused:
            language.parse(text)
        assert refused.value.word == word
