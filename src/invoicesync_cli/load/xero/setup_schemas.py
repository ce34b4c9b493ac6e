"""What is read of Xero's setup lists, by the types of its Accounting API (OpenAPI document 16)."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, StrictBool

from invoicesync_cli.http.schemas import BadRow, Rows, Schema, Text
from invoicesync_cli.load.xero.schemas import Loose, NotNegative, OrganisationId, XeroDay


class OrganisationRow(Schema):
    """The organisation."""

    COLLECTION: ClassVar[str] = "Organisation"
    id: OrganisationId = Field(alias="OrganisationID")
    name: Text = Field("", alias="Name")
    currency: Text = Field(alias="BaseCurrency")
    period_lock: XeroDay | None = Field(None, alias="PeriodLockDate")
    year_lock: XeroDay | None = Field(None, alias="EndOfYearLockDate")


class AccountRow(Schema):
    """An account of the chart."""

    COLLECTION: ClassVar[str] = "Accounts"
    id: Text = Field(alias="AccountID")
    code: Text = Field("", alias="Code")
    name: Loose = Field("", alias="Name")
    type: Text = Field("", alias="Type")
    status: Text = Field("", alias="Status")
    takes_payments: StrictBool = Field(False, alias="EnablePaymentsToAccount")


class TaxRateRow(Schema):
    """A tax rate."""

    COLLECTION: ClassVar[str] = "TaxRates"
    code: Text = Field(alias="TaxType")
    name: Loose = Field("", alias="Name")
    status: Text = Field("ACTIVE", alias="Status")
    rate: NotNegative = Field(Decimal(0), alias="EffectiveRate")
    for_sales: StrictBool = Field(True, alias="CanApplyToRevenue")


class SalesDetails(Schema):
    """How an item is sold."""

    account: Text = Field("", alias="AccountCode")


class ItemRow(Schema):
    """An item."""

    COLLECTION: ClassVar[str] = "Items"
    code: Text = Field(alias="Code")
    name: Loose = Field("", alias="Name")
    sales: SalesDetails = Field(SalesDetails(), alias="SalesDetails")


class TrackingOptionRow(Schema):
    """An option of a tracking category."""

    name: Loose = Field("", alias="Name")
    status: Text = Field("ACTIVE", alias="Status")


def _readable(rows: Any) -> Any:
    return tuple(row for row in rows if not isinstance(row, BadRow))


class TrackingRow(Schema):
    """A tracking category."""

    COLLECTION: ClassVar[str] = "TrackingCategories"
    name: Loose = Field("", alias="Name")
    status: Text = Field("ACTIVE", alias="Status")
    options: Annotated[Rows[TrackingOptionRow], AfterValidator(_readable)] = Field(
        (), alias="Options"
    )


class CurrencyRow(Schema):
    """A currency of the organisation."""

    COLLECTION: ClassVar[str] = "Currencies"
    code: Text = Field(alias="Code")


class ConnectionRow(Schema):
    """An organisation that the sign-in opens."""

    tenant: Text = Field(alias="tenantId")
    name: Loose = Field("", alias="tenantName")


LISTS: dict[str, type[Schema]] = {
    "Organisation": OrganisationRow,
    "Accounts": AccountRow,
    "TaxRates": TaxRateRow,
    "Items": ItemRow,
    "Currencies": CurrencyRow,
    "TrackingCategories": TrackingRow,
}
"""The setup lists by the names of their addresses."""
NEEDED = {"Items"}
"""The lists of which a row that cannot be read is not as good as none: a SKU that is no item's goes
to the default account without a word (R5). What else is missing, the config or an item names."""
