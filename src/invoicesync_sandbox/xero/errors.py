"""The ways in which Xero says no, each with the body that it is known for."""

import uuid
from collections.abc import Sequence
from typing import Any

NOT_FOUND = "The resource you're looking for cannot be found"


class Problem(Exception):
    """An answer that is no success: a status, headers, and a JSON object or plain text."""

    def __init__(
        self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


class PostDataInvalid(Problem):
    """The body cannot be read into the vendor's objects."""

    def __init__(self, message: str) -> None:
        super().__init__(400, _exception(14, "PostDataInvalidException", message))


class QueryParseError(Problem):
    """A filter or an order that cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__(400, _exception(16, "QueryParseException", message))


class Invalid(Problem):
    """Elements that break the vendor's rules."""

    def __init__(self, elements: Sequence[dict[str, Any]]) -> None:
        body = _exception(10, "ValidationException", "A validation exception occurred")
        super().__init__(400, body | {"Elements": list(elements)})


class NotFound(Problem):
    """No such thing: plain text, whatever was asked for."""

    def __init__(self) -> None:
        super().__init__(404, NOT_FOUND)


class Refused(Problem):
    """Turned away at the gate: a sign-in, scope or organisation that is not right."""

    def __init__(
        self, status: int, title: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status, gate_body(status, title, detail), headers)


def gate_body(status: int, title: str, detail: str) -> dict[str, Any]:
    """The body that the gateway writes."""
    return {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid.uuid4()),
        "Extensions": {},
    }


def _exception(number: int, kind: str, message: str) -> dict[str, Any]:
    return {"ErrorNumber": number, "Type": kind, "Message": message}
