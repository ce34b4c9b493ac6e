"""The account itself: its profile, its settings and the user behind the credential."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.keap.fields import Shown, constants
from invoicesync_sandbox.keap.rows import Address
from invoicesync_sandbox.keap.views import ADDRESS
from invoicesync_sandbox.keap.wire import Json

MODULES = frozenset(
    {"AFFILIATE", "APPOINTMENT", "CONTACT", "ECOMMERCE", "EMAIL", "FORMS"}
    | {"FULFILLMENT", "INVOICE", "NOTE", "OPPORTUNITY", "TASK", "TEMPLATE"}
)
_PROFILE, _COMPANY, _USER, _SHOP, _APP = ("profile",), ("company",), ("user",), ("shop",), ("app",)
_EVERYWHERE = ("profile", "company", "user")


@dataclass
class Profile:
    """The business that owns the account, and its owner."""

    company: Annotated[str, Shown("name", shown=("profile", "company"))]
    currency: Annotated[str, Shown("currency_code", shown=_PROFILE), Shown("currency", shown=_SHOP)]
    time_zone: Annotated[str, Shown("time_zone", shown=("profile", "app"))]
    tenant_id: Annotated[str, Shown("tenant_id", shown=_USER)]
    email: Annotated[str, Shown("email", shown=_EVERYWHERE), Shown("keap_id", shown=_USER)] = (
        "hello@wickandwax.example"
    )
    phone: Annotated[str, Shown("phone", shown=("profile", "company"))] = "+44 113 496 0000"
    website: Annotated[str, Shown("website", shown=("profile", "company"))] = (
        "https://wickandwax.example"
    )
    given_name: Annotated[
        str, Shown("given_name", shown=_USER), Shown("preferred_name", shown=_USER)
    ] = "Robin"
    family_name: Annotated[str, Shown("family_name", shown=_USER)] = "Chandler"
    address: Address = field(
        default_factory=lambda: Address(
            "4 Tallow Yard", "", "Leeds", "West Yorkshire", "GB-LDS", "LS1 4AP"
        )
    )
    payment_types: tuple[str, ...] = (
        "Cash",
        "Check",
        "Bank Transfer",
        "Credit Card",
        "Money Order",
        "Adjustment",
        "Credit",
        "Refund",
    )
    default_tax: Annotated[str, Shown("default_tax", shown=_SHOP)] = "20"
    tax_label: str = "VAT"


_TABLE = FieldTable(
    "Profile",
    *constants(
        _PROFILE,
        logo_url=None,
        language_tag="en-GB",
        business_type="Retail",
        business_goals=[],
        business_primary_color=None,
        business_secondary_color=None,
    ),
    *constants(_USER, sub="1", id="100001", middle_name=None, is_admin=True),
    *constants(
        _SHOP, default_to_auto_charge=False, track_cost_per_unit=False, track_inventory=False
    ),
    *constants(_APP, default_view_locale="en_GB", features_enabled={"marketing": True}),
    row=Profile,
)


def profile_json(profile: Profile) -> Json:
    """`GET /businessProfile`."""
    address = ADDRESS.view(None, profile.address, "profile")
    return _TABLE.view(None, profile, "profile") | {"address": address}


def configuration_json(profile: Profile, modules: Iterable[str], merchant_id: str) -> Json:
    """`GET /settings/applications:getConfiguration`: `application`, and the asked-for modules."""
    address = profile.address
    company = _TABLE.view(None, profile, "company") | {
        "street_address_1": address.line1,
        "street_address_2": address.line2,
        "city": address.locality,
        "state": address.region,
        "zip": address.postal_code,
        "country": address.country,
    }
    contents: dict[str, Json] = {
        "ECOMMERCE": _TABLE.view(None, profile, "shop")
        | {
            "default_country": address.country,
            "default_merchant": merchant_id,
            "payment_types": ",".join(profile.payment_types),
        },
        "INVOICE": {"tax_label": profile.tax_label},
    }
    reply: Json = {"application": _TABLE.view(None, profile, "app") | {"company": company}}
    return reply | {module.lower(): contents.get(module, {}) for module in modules}


def user_json(profile: Profile, *, tenant: bool) -> Json:
    """`GET /oauth/connect/userinfo`, with or without the account's id."""
    shown = _TABLE.view(None, profile, "user")
    return shown if tenant else {name: shown[name] for name in shown if name != "tenant_id"}
