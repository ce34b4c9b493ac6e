"""An app with the account's API key at the simulated Keap, and what it reads there."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from werkzeug.test import Client

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import Address, KeapSandbox

NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)


def account_with_a_person() -> KeapSandbox:
    """An account with one person, its clock stopped."""
    account = KeapSandbox(Clock(NOW))
    account.add_contact(
        given_name="Ada",
        family_name="Lovelace",
        emails=("ada@example.com", "ada@work.example"),
        phones=("020 7946 0000",),
        company="Engines Ltd",
        billing=Address("12 St James's Square", "", "London", postal_code="SW1Y 4JH"),
    )
    return account


def get(keap: KeapSandbox, path: str, status: int = 200, **query: str) -> Any:
    """The JSON answer to a read."""
    reply = Client(keap).get(
        f"/crm/rest/v2{path}",
        query_string=query,
        headers={"Authorization": "Bearer KeapAK-sandbox"},
    )
    assert reply.status_code == status, reply.text
    return reply.json


def switch(keap: KeapSandbox, **settings: Any) -> None:
    """Set some switches of a filled account."""
    keap.switches = replace(keap.switches, **settings)


def post(keap: KeapSandbox, path: str, body: Any, status: int = 201) -> Any:
    """The JSON answer to a write."""
    reply = Client(keap).post(
        f"/crm/rest/v2{path}", json=body, headers={"Authorization": "Bearer KeapAK-sandbox"}
    )
    assert reply.status_code == status, reply.text
    return reply.json
