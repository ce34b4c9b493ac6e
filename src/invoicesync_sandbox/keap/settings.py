"""The account itself: its profile, its settings and the user behind the credential."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from invoicesync_sandbox.keap.rows import Address
from invoicesync_sandbox.keap.views import ADDRESS
from invoicesync_sandbox.keap.wire import Json

MODULES = frozenset(
    {"AFFILIATE", "APPOINTMENT", "CONTACT", "ECOMMERCE", "EMAIL", "FORMS"}
    | {"FULFILLMENT", "INVOICE", "NOTE", "OPPORTUNITY", "TASK", "TEMPLATE"}
)


@dataclass
class Profile:
    """The business that owns the account, and its owner."""

    company: str
    currency: str
    time_zone: str
    tenant_id: str
    email: str = "hello@wickandwax.example"
    phone: str = "+44 113 496 0000"
    website: str = "https://wickandwax.example"
    given_name: str = "Robin"
    family_name: str = "Chandler"
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
    default_tax: str = "20"
    tax_label: str = "VAT"


def profile_json(profile: Profile) -> Json:
    """`GET /businessProfile`."""
    return {
        "name": profile.company,
        "email": profile.email,
        "website": profile.website,
        "phone": profile.phone,
        "address": ADDRESS.view(None, profile.address, "profile"),
        "time_zone": profile.time_zone,
        "logo_url": None,
        "currency_code": profile.currency,
        "language_tag": "en-GB",
        "business_type": "Retail",
        "business_goals": [],
        "business_primary_color": None,
        "business_secondary_color": None,
    }


def configuration_json(profile: Profile, modules: Iterable[str], merchant_id: str) -> Json:
    """`GET /settings/applications:getConfiguration`: `application`, and the asked-for modules."""
    contents: dict[str, Json] = {
        "ECOMMERCE": {
            "currency": profile.currency,
            "default_country": profile.address.country,
            "default_merchant": merchant_id,
            "default_tax": profile.default_tax,
            "payment_types": ",".join(profile.payment_types),
            "default_to_auto_charge": False,
            "track_cost_per_unit": False,
            "track_inventory": False,
        },
        "INVOICE": {"tax_label": profile.tax_label},
    }
    reply: Json = {"application": _application_json(profile)}
    for module in modules:
        reply[module.lower()] = contents.get(module, {})
    return reply


def user_json(profile: Profile) -> Json:
    """`GET /oauth/connect/userinfo`."""
    return {
        "email": profile.email,
        "sub": "1",
        "id": "100001",
        "keap_id": profile.email,
        "given_name": profile.given_name,
        "middle_name": None,
        "family_name": profile.family_name,
        "preferred_name": profile.given_name,
        "is_admin": True,
        "tenant_id": profile.tenant_id,
    }


def _application_json(profile: Profile) -> Json:
    address = profile.address
    return {
        "company": {
            "name": profile.company,
            "email": profile.email,
            "phone": profile.phone,
            "website": profile.website,
            "street_address_1": address.line1,
            "street_address_2": address.line2,
            "city": address.locality,
            "state": address.region,
            "zip": address.postal_code,
            "country": address.country,
        },
        "time_zone": profile.time_zone,
        "default_view_locale": "en_GB",
        "features_enabled": {"marketing": True},
    }
