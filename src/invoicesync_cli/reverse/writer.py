"""Keap as what batches are sent to: one contact or order at a time, looked for after a lost answer.

Keap knows no idempotency keys. What was sent and not answered for is looked for by its marker, a
contact by its e-mail or its name; what is there is the outcome, and what is not there was not made.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from invoicesync_cli.fetch.entering import (
    contact_of_body,
    enter_order,
    enter_person,
    order_body,
    person_body,
    person_of_body,
    with_positive_discounts,
)
from invoicesync_cli.fetch.finding import orders_of, people_where
from invoicesync_cli.fetch.keap import KeapClient, KeapOrder
from invoicesync_cli.http.limits import Usage
from invoicesync_cli.http.responses import ServiceRefused
from invoicesync_cli.load.ledger import Capabilities, WriteResult
from invoicesync_cli.model import KeapContact, LedgerId, NewOrder, OrderId, Reason
from invoicesync_cli.transform.names import folded

ORDER, PERSON = "reverse/order", "reverse/contact"
"""The kinds of batches in the journal."""
SETTLED = 10.0
"""Seconds after which a request that lost its answer is done with: a look before proves nothing."""
OF_CONTENT = {400, 404, 409, 413, 422}
"""Refusals of one contact or order; any other is about who asks, or how often."""


class KeapWriter:
    """Sends to Keap. `orders` are the orders that were made or found, by their ids."""

    capabilities = Capabilities(
        name="Keap",
        batch=1,
        in_flight=1,
        lists=(),
        lists_for={},
        identity=(),
    )

    def __init__(self, keap: KeapClient, now: Callable[[], datetime]) -> None:
        self._keap = keap
        self._now = now
        self.orders: dict[OrderId, KeapOrder] = {}

    @property
    def usage(self) -> Usage:
        """What has been asked of Keap so far."""
        return self._keap.service.usage

    @property
    def batch_size(self) -> int:
        """One: Keap makes no two things in one request."""
        return 1

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._keap.service.pause(seconds)

    def body(self, kind: str, payloads: Sequence[Any]) -> bytes:  # noqa: ARG002
        """The body of an order (of a `NewOrder`) or a contact (of a `NewPerson`)."""
        (payload,) = payloads
        return order_body(payload) if isinstance(payload, NewOrder) else person_body(payload)

    def send(
        self,
        kind: str,
        body: bytes,
        key: str,  # noqa: ARG002 - Keap knows none
        names: Sequence[str],  # noqa: ARG002
        *,
        sent_at: datetime | None = None,
        known: Collection[LedgerId] = (),
    ) -> list[WriteResult]:
        """Make it, or with `sent_at` find it. `known` are Keap's contacts that somebody else is."""
        if sent_at:
            self._let_settle(sent_at)
            found = self._find_order(body) if kind == ORDER else self._find_person(body, known)
            return [found or WriteResult()]
        try:
            return [
                self._made(enter_order(self._keap, body)) if kind == ORDER else self._person(body)
            ]
        except ServiceRefused as error:
            if error.reply.status not in OF_CONTENT:
                raise
            return [self._refused(kind, body, error)]

    def _refused(self, kind: str, body: bytes, error: ServiceRefused) -> WriteResult:
        """What a refusal means: of an order with discounts, that Keap wants the other sign."""
        other = with_positive_discounts(body) if kind == ORDER else None
        if other is None:
            return WriteResult(words=error.words, reason=Reason.REJECTED)
        try:
            return self._made(enter_order(self._keap, other))
        except ServiceRefused as again:
            if again.reply.status not in OF_CONTENT:
                raise
            return WriteResult(words=error.words, reason=Reason.REJECTED)

    def _person(self, body: bytes) -> WriteResult:
        return WriteResult(id=LedgerId(enter_person(self._keap, body)))

    def _made(self, order: KeapOrder) -> WriteResult:
        self.orders[order.order_id] = order
        total = order.invoice.total if order.invoice else None
        return WriteResult(id=LedgerId(order.order_id), total=total)

    def _find_order(self, body: bytes) -> WriteResult | None:
        person, marker = contact_of_body(body)
        for page in orders_of(self._keap, person):
            for order in page:
                if order.invoice and marker in order.invoice.notes:
                    return self._made(order)
        return None

    def _find_person(self, body: bytes, known: Collection[LedgerId]) -> WriteResult | None:
        wanted = person_of_body(body)
        asked = {"email": wanted.emails[0]} if wanted.emails else _named(wanted)
        for one in people_where(self._keap, asked):
            same = wanted.emails or _called(one) == _called(wanted)
            if same and LedgerId(one.id) not in known:
                return WriteResult(id=LedgerId(one.id))
        return None

    def _let_settle(self, sent_at: datetime) -> None:
        passed = (self._now() - sent_at).total_seconds()
        if 0 <= passed < SETTLED:
            self.pause(SETTLED - passed)


def _named(person: KeapContact) -> dict[str, str]:
    parts = {"given_name": person.given_name, "family_name": person.family_name}
    return {name: value for name, value in parts.items() if value}


def _called(person: KeapContact) -> tuple[str, str]:
    return folded(person.given_name), folded(person.family_name)
