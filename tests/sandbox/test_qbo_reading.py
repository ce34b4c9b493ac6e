"""Queries, batches and changes in the simulated QuickBooks."""

from typing import Any

import pytest

from tests.kits.qbo_app import App, Json


def error(app: App, *words: str) -> str:
    """Code and detail of a query's refusal."""
    headers = {"Content-Type": "application/text"}
    reply = app.send("POST", "query", data=" ".join(words), headers=headers)
    assert reply.status_code == 400, reply.text
    found = reply.get_json()["Fault"]["Error"][0]
    return f"{found['code']} {found['Detail']}"


def names(app: App, rest: str) -> list[str]:
    found = app.query("select * from Customer", rest)
    return [row["DisplayName"] for row in found.get("Customer", [])]


def shop() -> App:
    """A company with some customers beside Alice Baker."""
    app = App()
    app.qbo.add_customer("Ben Carter", email="ben@example.com", company="Wax")
    app.qbo.add_customer("O'Neill \\ Sons", email="oneill@example.com")
    app.qbo.add_customer("Zoë 🕯", email="zoe@example.com", active=False)
    return app


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("where DisplayName = 'ALICE baker'", ["Alice Baker"]),
        ("where DisplayName = 'O\\'Neill \\\\ Sons'", ["O'Neill \\ Sons"]),
        ("where DisplayName in ('Alice Baker', 'ben carter', 'x')", ["Alice Baker", "Ben Carter"]),
        ("where DisplayName like '%NEILL%'", ["O'Neill \\ Sons"]),
        ("where DisplayName like 'a%r'", ["Alice Baker"]),
        ("where DisplayName like 'lice%'", []),
        ("where Id = '1'", ["Alice Baker"]),
        ("where Id in ('3', '1', '1')", ["Alice Baker", "O'Neill \\ Sons"]),
        ("where CompanyName = 'wax' and PrimaryEmailAddr = 'ben@example.com'", ["Ben Carter"]),
        ("where CompanyName = 'wax' and PrimaryEmailAddr = 'other@example.com'", []),
        ("where Active = false", ["Zoë 🕯 (deleted)"]),
        ("where Active = true and Id > 'x'", None),
        ("where Balance > '0'", []),
        ("order by DisplayName desc maxresults 1", ["O'Neill \\ Sons"]),
        ("order by Active, GivenName asc, Id desc maxresults 1", ["O'Neill \\ Sons"]),
        ("ORDERBY Id ASC STARTPOSITION 2 MAXRESULTS 1", ["Ben Carter"]),
        ("where MetaData.CreateTime >= '2026-11-20T10:00:00-08:00' and Id = '2'", ["Ben Carter"]),
        ("where MetaData.CreateTime > '2026-11-20T10:00:00'", []),
    ],
)
def test_what_is_selected(rest: str, found: list[str] | None) -> None:
    app = shop()
    if found is None:
        assert error(app, "select * from Customer", rest).startswith("4001")
    else:
        assert names(app, rest) == found


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select", "4000"),
        ("select * Customer", "4000"),
        ("select * from Customer where DisplayName = 'O''Neill'", "4000"),
        ("select * from Customer where DisplayName = Alice", "4000"),
        ("select * from Customer where DisplayName in ()", "4000"),
        ("select * from Customer where Balance > 5", "4000"),
        ("select * from Customer where DisplayName = 'Alice", "4000"),
        ("select * from Customer where DisplayName is 'x'", "4000"),
        ("select * from Customer maxresults many", "4000"),
        ("select * from select", "4000"),
        ("select * from Customer startposition 0", "4001"),
        ("select * from Customer maxresults 1001", "4001"),
        ("select * from Customer where Colour = 'red'", "4001"),
        ("select * from Invoice where PrivateNote = 'x'", "4001"),
        ("select * from Payment where DocNumber = 'x'", "4001"),
        ("select * from Customer where Id like '1%'", "4001"),
        ("select * from Customer where Active = 'true'", "4001"),
        ("select * from Customer where DisplayName = true", "4001"),
        ("select * from Invoice where TxnDate = 'today'", "4001"),
        ("select * from Gizmo", "4001"),
        ("select * from Preferences where Id = '1'", "4001"),
        ("select * from Customer where Id = '1' or Id = '2'", "4002"),
        ("select * from Customer where Id != '1'", "4002"),
        ("select * from Customer group by Id", "4002"),
    ],
)
def test_what_cannot_be_asked(statement: str, code: str) -> None:
    assert error(App(), statement).split()[0] == code


def test_a_parser_error_says_what_it_met() -> None:
    said = error(App(), "select * from Customer where DisplayName = 'O''Neill'")
    assert said.startswith("4000 QueryParserError: Encountered")


def test_no_rows_are_an_empty_answer_and_counts_are_counts() -> None:
    app = shop()
    assert app.query("select * from Invoice") == {}
    assert app.query("select count(*) from Customer") == {"totalCount": 3}
    assert app.query("select COUNT(*) from Invoice") == {"totalCount": 0}


def test_pages_count_from_one() -> None:
    app = App()
    for number in range(130):
        app.qbo.add_customer(f"Customer {number:03}")
    page = app.query("select * from Customer")
    assert (page["startPosition"], page["maxResults"], len(page["Customer"])) == (1, 100, 100)
    rest = app.query("select * from Customer startposition 101 maxresults 1000")
    assert (rest["startPosition"], rest["maxResults"]) == (101, 31)


@pytest.mark.parametrize("clipped", [True, False])
def test_too_large_a_page_may_be_clipped(clipped: bool) -> None:
    app = App(max_results_clipped=clipped)
    statement = "select * from Customer maxresults 5000"
    if clipped:
        assert app.query(statement)["maxResults"] == 1
    else:
        assert error(app, statement).startswith("4001")


def test_a_statement_may_have_a_longest_length() -> None:
    words = ("select * from Customer where Id in (", ", ".join(["'1'"] * 100), ")")
    assert App().query(*words)["maxResults"] == 1
    assert error(App(longest_query=400), *words).startswith("4000")


def test_single_fields_can_be_selected() -> None:
    found = App().query("select DisplayName, MetaData.CreateTime from Customer")["Customer"][0]
    assert set(found) == {"domain", "sparse", "Id", "DisplayName", "MetaData"}
    assert found["sparse"] is True


def test_transactions_come_newest_first() -> None:
    app = App()
    made = [app.invoiced()["Id"] for _ in range(11)]
    found = app.query("select Id from Invoice")["Invoice"]
    assert [row["Id"] for row in found] == made[::-1]
    ordered = app.query("select Id from Invoice order by Id")["Invoice"]
    assert [row["Id"] for row in ordered] == made


def test_invoices_are_found_by_their_fields() -> None:
    app = App()
    made = app.invoiced(DocNumber="K-1", DueDate="2026-12-03")
    app.invoiced(DocNumber="K-2", TxnDate="2026-11-04")
    for where in (
        "DocNumber in ('k-1', 'K-9')",
        "TxnDate < '2026-11-04'",
        "DueDate = '2026-12-03'",
        f"CustomerRef = '{app.customer}' and DocNumber = 'K-1'",
        "TotalAmt = '120.00' and Balance >= '120' and TxnDate <= '2026-11-03'",
    ):
        found = app.query("select * from Invoice where", where)["Invoice"]
        assert [row["Id"] for row in found] == [made["Id"]], where


def test_payments_are_found_by_their_reference() -> None:
    app = App()
    paid = app.qbo.pay(app.invoiced()["Id"], ref="ch_1")
    found = app.query("select * from Payment where PaymentRefNum in ('CH_1')")
    assert [row["Id"] for row in found["Payment"]] == [paid]


def test_a_query_is_posted_as_its_own_kind_of_text() -> None:
    reply = App().send("POST", "query", json="select * from Customer")
    assert reply.get_json()["Fault"]["Error"][0]["code"] == "500"
    bad = App().send("POST", "query", data=b"\xff", headers={"Content-Type": "application/text"})
    assert bad.get_json()["Fault"]["Error"][0]["code"] == "4000"


def create(name: str, entity: str = "Customer") -> Json:
    return {"bId": name, "operation": "create", entity: {"DisplayName": name}}


def test_a_batch_mixes_reading_and_writing_and_fails_item_by_item() -> None:
    app = App()
    found = app.batch(
        create("Ben"),
        create("alice baker"),
        {"bId": "q", "Query": "select count(*) from Customer"},
        {"bId": "bad", "Query": "select"},
        {"bId": "i", "operation": "create", "Invoice": app.invoice()},
        {"bId": "none"},
        {"bId": "what", "operation": "create", "Gizmo": {}},
        {"bId": "how", "operation": "burn", "Customer": {"DisplayName": "x"}},
        {"bId": "not", "operation": "create", "Customer": []},
    )
    assert found["Ben"]["Customer"]["DisplayName"] == "Ben"
    assert found["q"]["QueryResponse"] == {"totalCount": 2}
    assert found["i"]["Invoice"]["TotalAmt"] == 120
    codes = {
        key: item["Fault"]["Error"][0]["code"] for key, item in found.items() if "Fault" in item
    }
    assert codes == {
        "alice baker": "6240",
        "bad": "4000",
        "none": "2010",
        "what": "2010",
        "how": "500",
        "not": "2010",
    }


def test_a_batch_is_answered_in_another_order_but_always_the_same() -> None:
    def order() -> list[str]:
        items = [create(f"n{number}") for number in range(30)]
        reply = App().post("batch", {"BatchItemRequest": items}).get_json()
        return [item["bId"] for item in reply["BatchItemResponse"]]

    first = order()
    assert first != sorted(first, key=lambda name: int(name[1:]))
    assert first == order()


def test_a_batch_has_30_items() -> None:
    app = App()
    items = [create(f"n{number}") for number in range(31)]
    assert app.refused("Batch", {"BatchItemRequest": items}).startswith("1040")
    assert len(app.qbo.customers) == 1
    assert app.refused("Batch", {"Items": []}).startswith("2020")


def test_a_batch_voids_and_deletes() -> None:
    app = App()
    void, other, gone = (app.invoiced() for _ in range(3))
    payment = app.qbo.payments[app.qbo.pay(other["Id"])]
    found = app.batch(
        {"bId": "v", "operation": "void", "Invoice": {"Id": void["Id"], "SyncToken": "0"}},
        {
            "bId": "u",
            "operation": "update",
            "optionsData": "void",
            "Payment": {"Id": payment.id, "SyncToken": "0", "sparse": True},
        },
        {"bId": "d", "operation": "delete", "Invoice": {"Id": gone["Id"], "SyncToken": "0"}},
        {
            "bId": "n",
            "operation": "create",
            "optionsData": "allowduplicatedocnum",
            "Invoice": app.invoice(DocNumber=other["DocNumber"]),
        },
    )
    assert found["v"]["Invoice"]["TotalAmt"] == 0
    assert found["u"]["Payment"]["TotalAmt"] == 0
    assert found["d"]["Invoice"]["status"] == "Deleted"
    assert found["n"]["Invoice"]["DocNumber"] == other["DocNumber"]
    assert app.qbo.invoices[other["Id"]].balance == 120


@pytest.mark.parametrize("beyond", ["fault", "truncate"])
def test_a_batch_is_answered_with_1000_objects_at_most(beyond: Any) -> None:
    app = App(batch_objects_beyond=beyond)
    for number in range(599):
        app.qbo.add_customer(f"Customer {number}")
    every = "select * from Customer maxresults 1000"
    found = app.batch({"bId": "a", "Query": every}, {"bId": "b", "Query": every})
    assert found["a"]["QueryResponse"]["maxResults"] == 600
    if beyond == "fault":
        assert "Fault" in found["b"]
    else:
        assert len(found["b"]["QueryResponse"]["Customer"]) == 400
        assert found["b"]["QueryResponse"]["maxResults"] == 400


def changes(app: App, entities: str, since: str) -> Json:
    reply = app.send("GET", "cdc", query_string={"entities": entities, "changedSince": since})
    found: Json = reply.get_json()
    return found


def test_changes_with_deletions() -> None:
    app = App()
    old, gone = app.invoiced(), app.invoiced()
    app.qbo.clock.advance(60)
    app.qbo.delete_invoice(gone["Id"])
    app.qbo.edit_invoice(old["Id"], PrivateNote="changed")
    app.invoiced()
    since = "2026-11-20T10:00:30-08:00"
    found = changes(app, "Invoice,Customer", since)["CDCResponse"][0]["QueryResponse"]
    assert [row.get("status", "") for row in found[0]["Invoice"]] == ["", "Deleted", ""]
    assert found[0]["Invoice"][1]["Id"] == gone["Id"]
    assert found[0]["maxResults"] == 3
    assert found[1] == {}
    asked = {"Entities": "Invoice", "ChangedSince": since}
    batched = app.batch({"bId": "c", "CDCQuery": asked})["c"]["CDCResponse"]
    assert batched[0]["QueryResponse"] == found[:1]


@pytest.mark.parametrize(
    ("entities", "since"),
    [
        ("", "2026-11-20T00:00:00Z"),
        ("Invoice", ""),
        ("Invoice", "yesterday"),
        ("Invoice", "2026-10-20T00:00:00Z"),
        ("TaxCode", "2026-11-20T00:00:00Z"),
        ("Gizmo", "2026-11-20T00:00:00Z"),
    ],
)
def test_changes_that_cannot_be_had(entities: str, since: str) -> None:
    assert "Fault" in changes(App(), entities, since)


def test_changes_are_1000_at_most() -> None:
    app = App()
    for number in range(1005):
        app.qbo.add_customer(f"Customer {number}")
    found = changes(app, "Customer,Item", "2026-11-20")["CDCResponse"][0]["QueryResponse"]
    assert (len(found[0]["Customer"]), found[1]) == (1000, {})


def test_count_of_what_was_made_before_a_time_has_what_was_voided_and_nothing_deleted() -> None:
    app = App()
    kept, voided, gone = (app.invoiced()["Id"] for _ in range(3))
    app.qbo.clock.advance(60)
    app.invoiced()
    before = "select count(*) from Invoice where MetaData.CreateTime < '2026-11-20T18:01:00+00:00'"
    assert app.query(before) == {"totalCount": 3}
    app.qbo.void_invoice(voided)
    app.qbo.edit_invoice(kept, PrivateNote="changed")
    assert app.query(before) == {"totalCount": 3}
    app.qbo.delete_invoice(gone)
    assert app.query(before) == {"totalCount": 2}
    changed = "select Id from Invoice where MetaData.LastUpdatedTime >= '2026-11-20T18:01:00Z'"
    rows = app.query(changed, "orderby MetaData.LastUpdatedTime, Id")["Invoice"]
    assert [row["Id"] for row in rows] == [kept, voided, "4"]


def test_whether_the_time_of_creation_can_be_asked_for_is_not_certain() -> None:
    asked = "select count(*) from Invoice where MetaData.CreateTime < '2026-11-20T18:01:00Z'"
    assert error(App(creation_queried=False), asked).startswith("4001")


def test_the_last_two_clauses_come_in_either_order() -> None:
    """As in `get_all` of the client qbo_api, whose requests were recorded."""
    app = App()
    for name in ("Bob", "Cem"):
        app.qbo.add_customer(name)
    for clauses in ("startposition 2 maxresults 1", "maxresults 1 startposition 2"):
        rows = app.query("select * from Customer orderby Id", clauses)["Customer"]
        assert [row["DisplayName"] for row in rows] == ["Bob"]
