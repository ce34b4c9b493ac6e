"""The demo shop's books: what they hold before anything is carried over."""

from datetime import date

from tests.kits.xero_app import App, invoice


def test_organisation_is_british_and_locked() -> None:
    (found,) = App().get("/Organisation")["Organisations"]
    assert (found["Name"], found["CountryCode"], found["BaseCurrency"]) == (
        "Wick & Wax Ltd",
        "GB",
        "GBP",
    )
    assert found["PeriodLockDate"] == "/Date(1790899200000+0000)/"
    assert "EndOfYearLockDate" not in found
    assert found["Timezone"] == "GMTSTANDARDTIME"


def test_second_lock_date_is_shown_once_it_is_set() -> None:
    app = App()
    app.xero.set_lock_dates(end_of_year=date(2026, 3, 31))
    (found,) = app.get("/Organisation")["Organisations"]
    assert found["EndOfYearLockDate"] == "/Date(1774915200000+0000)/"
    assert "PeriodLockDate" not in found


def test_accounts_of_all_sorts_are_there() -> None:
    found = App().get("/Accounts")["Accounts"]
    coded = {row["Code"]: row for row in found if "Code" in row}
    assert {"200", "201", "260", "425", "460", "860"} <= set(coded)
    assert (coded["299"]["Status"], coded["860"]["SystemAccount"]) == ("ARCHIVED", "ROUNDING")
    assert (coded["090"]["Type"], coded["090"]["CurrencyCode"]) == ("BANK", "GBP")
    assert coded["201"]["Class"] == "REVENUE"
    assert [row["Type"] for row in found if "Code" not in row] == ["BANK"]


def test_accounts_are_filtered_and_only_recent_changes_shown() -> None:
    app = App()
    banks = app.get('/Accounts?where=Type=="BANK"&order=Name DESC')["Accounts"]
    assert [row["Name"] for row in banks] == [
        "Stripe clearing",
        "Savings account",
        "Business current account",
    ]
    app.clock.advance(60)
    app.xero.archive_account("460")
    recent = app.get("/Accounts", **{"If-Modified-Since": "2026-11-20T12:00:30"})["Accounts"]
    assert [row["Code"] for row in recent] == ["460"]


def test_tax_rates_say_what_they_are_for() -> None:
    app = App()
    rates = {row["TaxType"]: row for row in app.get("/TaxRates")["TaxRates"]}
    assert {name: row["EffectiveRate"] for name, row in rates.items()} == {
        "OUTPUT2": 20,
        "RROUTPUT": 5,
        "ZERORATEDOUTPUT": 0,
        "EXEMPTOUTPUT": 0,
        "NONE": 0,
        "INPUT2": 20,
    }
    assert [name for name, row in rates.items() if not row["CanApplyToRevenue"]] == ["INPUT2"]
    (one,) = app.get('/TaxRates?where=TaxType=="NONE"')["TaxRates"]
    assert one["Name"] == "No VAT"


def test_items_have_accounts_or_none() -> None:
    app = App()
    items = {row["Code"]: row for row in app.get("/Items?unitdp=4")["Items"]}
    assert items["TIL"]["SalesDetails"]["AccountCode"] == "201"
    assert items["WAX-1"]["SalesDetails"] == {"UnitPrice": 7.95, "AccountCode": "201"}
    assert items["GIFT"]["SalesDetails"] == {}
    assert items["POST"]["SalesDetails"]["AccountCode"] == "425"
    assert len(app.get("/Items?where=IsSold==true")["Items"]) == 4


def test_contacts_are_there_to_be_matched() -> None:
    contacts = App().get("/Contacts?includeArchived=true")["Contacts"]
    people = {row["Name"]: row for row in contacts}
    assert len(people) == 12
    assert people["Alice Baker"]["EmailAddress"] == "alice@example.com"
    assert people["Ben Carter"]["EmailAddress"] == "ben.home@example.com"
    chloe = people["Chloe Davies"]
    assert (chloe["FirstName"], chloe["LastName"], chloe["EmailAddress"]) == ("Chloe", "Davies", "")
    cities = [address["City"] for address in people["Dawson Interiors Ltd"]["Addresses"]]
    assert "Leeds" in cities
    shared = [row["Name"] for row in contacts if row["EmailAddress"] == "emma@example.com"]
    assert sorted(shared) == ["E. Field", "Emma Field"]
    assert people["Frank Green"]["ContactStatus"] == "ARCHIVED"


def test_older_invoice_was_entered_by_a_person() -> None:
    app = App()
    (older,) = app.get("/Invoices/INV-0001")["Invoices"]
    assert (older["Status"], older["Total"]) == ("AUTHORISED", 60)
    assert app.get("/Invoices?createdByMyApp=true")["Invoices"] == []
    assert app.put("Invoices", invoice())["InvoiceNumber"] == "INV-0002"
