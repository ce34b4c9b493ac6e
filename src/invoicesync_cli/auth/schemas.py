"""What is read of the answers that say whose account a sign-in is for, under the vendors' names."""

from pydantic import Field, TypeAdapter

from invoicesync_cli.http.schemas import Rows, Schema, Text


class KeapUser(Schema):
    """Whoever signed in to Keap."""

    tenant_id: Text = ""


class KeapCompany(Schema):
    """The company in Keap's configuration."""

    name: Text = ""


class KeapApplication(Schema):
    """The part of Keap's configuration about the account."""

    company: KeapCompany = KeapCompany()


class KeapConfiguration(Schema):
    """Keap's configuration."""

    application: KeapApplication = KeapApplication()


class Connection(Schema):
    """An organisation, or a practice, that Xero lets an app into."""

    tenant: Text = Field(alias="tenantId")
    name: Text = Field("", alias="tenantName")
    type: Text = Field("ORGANISATION", alias="tenantType")


CONNECTIONS = TypeAdapter(Rows[Connection])


class Organisation(Schema):
    """An organisation of Xero's."""

    id: Text = Field(alias="OrganisationID")
    name: Text = Field("", alias="Name")


class Organisations(Schema):
    """Xero's answer to which organisation it is: always one."""

    one: tuple[Organisation] = Field(alias="Organisations")


class CompanyInfo(Schema):
    """A company of QuickBooks'."""

    name: Text = Field("", alias="CompanyName")


class Company(Schema):
    """QuickBooks' answer about one company."""

    info: CompanyInfo = Field(alias="CompanyInfo")
