"""The contract check: everything about an exchange that the vendor's document does not say."""

import json
from collections.abc import Iterator
from typing import Any

from tests.contract import qbo_schemas
from tests.contract.exchanges import Exchange
from tests.contract.parameters import request_problems
from tests.contract.schemas import Problem, document_problems
from tests.contract.specification import Operation, Schema, operation


def problems(exchange: Exchange) -> list[Problem]:
    """What is wrong with a request or with its answer, each thing once."""
    if qbo_schemas.about_company(exchange):
        return qbo_schemas.exchange_problems(exchange)
    found = operation(exchange.service, exchange.method, exchange.path)
    if found is None:
        return [Problem(str(exchange), "operation", "path", "no such operation is known")]
    both = (*_of_request(found, exchange), *_of_answer(found, exchange))
    return list(dict.fromkeys(both))


def _of_request(found: Operation, exchange: Exchange) -> Iterator[Problem]:
    for kind, where, what in request_problems(found, exchange):
        yield Problem(found.id, kind, where, what)
    if exchange.sent:
        body = _data(exchange.sent)
        yield from _of_body(found, found.body, body, "sent")


def _of_answer(found: Operation, exchange: Exchange) -> Iterator[Problem]:
    if not exchange.status:
        return
    known, schema = found.answer(exchange.status)
    if not known:
        yield Problem(found.id, "status", str(exchange.status), "no such answer is foreseen")
        return
    if schema is None:
        return
    if not exchange.got_headers.get("Content-Type", "").startswith("application/json"):
        yield Problem(found.id, "media type", "got", "the answer is not JSON")
        return
    yield from _of_body(found, schema, _data(exchange.got), "got")


def _of_body(found: Operation, schema: Schema | None, body: Any, side: str) -> Iterator[Problem]:
    if schema is None:
        yield Problem(found.id, "name", side, "there is no body in this operation")
        return
    for kind, path, what in document_problems(
        found.specification, schema, body, sent=side == "sent"
    ):
        yield Problem(found.id, kind, " ".join((side, "/".join(path))).strip(), what)


def _data(body: bytes) -> Any:
    return json.loads(body.decode("utf-8"))
