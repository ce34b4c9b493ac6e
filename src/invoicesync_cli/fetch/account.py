"""What Keap says of the account itself: whose it is, its currency and time zone, its settings."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from invoicesync_cli.fetch import readers, schemas
from invoicesync_cli.fetch.lists import Lists, senseless
from invoicesync_cli.fetch.readers import Unreadable
from invoicesync_cli.http.responses import Reply, ServiceRefused, WebPage
from invoicesync_cli.model import KeapAccount, Merchants
from invoicesync_cli.vendors import KEAP

Get = Callable[[str, Mapping[str, str | list[str]]], tuple[Any, Reply]]
"""Asks for a path with parameters; gives the object in the answer, and the answer."""
CONFIGURATION = "/settings/applications:getConfiguration"
PROFILE = "/businessProfile"


def read_account(get: Get) -> KeapAccount:
    """Currency, time zone and name of the account: one call, or two."""
    try:
        data, reply = get(CONFIGURATION, {"fields": ["ECOMMERCE", "INVOICE"]})
    except (ServiceRefused, WebPage):
        # How several modules are asked for is documented in two ways; the profile has it all.
        return _profile(get)
    settings = _whole(schemas.Configuration, data, CONFIGURATION)
    found = KeapAccount(
        tenant=tenant_of(reply),
        company=settings.application.company.name,
        currency=settings.ecommerce.currency,
        time_zone=settings.application.time_zone,
    )
    if found.currency and found.time_zone:
        return found
    profile = _profile(get)
    return replace(
        found,
        company=found.company or profile.company,
        currency=found.currency or profile.currency,
        time_zone=found.time_zone or profile.time_zone,
    )


def read_payment_types(get: Get) -> list[str]:
    """The names of manual payments that the account has set up; none where Keap keeps them to
    itself."""
    try:
        data, _ = get(CONFIGURATION, {"fields": ["ECOMMERCE"]})
        names = readers.read(schemas.PaymentTypes, data).ecommerce.payment_types
    except (ServiceRefused, WebPage, Unreadable):
        return []
    return [name.strip() for name in names.split(",") if name.strip()]


def read_merchants(lists: Lists) -> Merchants:
    """The merchant accounts; whether all of them could be read is said too."""
    rows, _ = lists.page("/merchants", "merchant_accounts", {})
    found = {}
    for row in rows:
        with contextlib.suppress(Unreadable):
            merchant = readers.read(schemas.Merchant, row)
            found[merchant.id] = merchant.name
    return Merchants(found, complete=len(found) == len(rows))


def tenant_of(reply: Reply) -> str:
    """The account that an answer says it comes from; blank where it does not say."""
    return KEAP.account_id(reply.headers.get("x-keap-tenant-id", ""))


def _profile(get: Get) -> KeapAccount:
    data, reply = get(PROFILE, {})
    profile = _whole(schemas.Profile, data, PROFILE)
    return KeapAccount(tenant_of(reply), profile.name, profile.currency_code, profile.time_zone)


def _whole(schema: type[readers.Read], data: Any, path: str) -> readers.Read:
    """An answer without which there is nothing to do. Raises `TryLater`."""
    try:
        return readers.read(schema, data)
    except Unreadable as error:
        raise senseless(f"of {path}, {error}") from None
