"""Answers of the services, whatever they are written in, and the errors that bad ones mean."""

import html
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from invoicesync_cli.errors import (
    ExitCode,
    InvoiceSyncError,
    SignInNeeded,
    TryLater,
    UnreadableRows,
)
from invoicesync_cli.vendors import VENDORS

SPOILT = {400, 413, 422}
"""What a service says of a body that it has read and wants nothing of. Any other refusal of a
write is about who sends it, where to, or how often."""

DIGITS = 30
"""Digits of the longest number that is read, before the point and after it."""
TAG = re.compile(r"<[/?]?[A-Za-z!][^<>]*>")
"""A tag of a web page, or of XML."""
MOST = 2_000_000
"""Values that an answer may have: some hundred bytes each once they are read, however short they
are written. A thousand invoices of fifty lines come to less."""
WORDS = 50_000
"""Characters of an answer in which the vendor's words are looked for."""

GATEWAYS = {502, 504}
"""What something in between says that has waited in vain: the service may be at work still."""
ELSEWHERE = {407, 408, 425}
"""Refusals by a proxy, or for the moment only."""


class Throttled(TryLater):
    """The service takes no more requests for the moment.

    `wait` is the seconds that it names, None where it names none.
    """

    wait: float | None = None


class ServiceRefused(InvoiceSyncError):
    """The service understood the request and refused it (a 4xx)."""

    exit_code = ExitCode.TRY_LATER
    code = "refused"

    def __init__(self, reply: "Reply", words: str) -> None:
        super().__init__(
            f"{reply.service} refused the request ({reply.status}): {words}",
            hint="Everything done so far is saved. Try again later; if it stays, report it with "
            "the output of the same command with -vv.",
        )
        self.reply = reply
        self.words = words

    @property
    def of_body(self) -> bool:
        """Whether it was what was sent that the service refused, all of it."""
        return self.reply.status in SPOILT


class WebPage(TryLater):
    """A server in between answered the request (a 3xx or 4xx) with a page of its own."""

    def __init__(self, reply: "Reply", words: str) -> None:
        super().__init__(
            f"{reply.service} answered with {kind_of(reply)} ({reply.status}): {words}",
            hint="This is mostly a maintenance page or a proxy in between. Try again later.",
            code="not-json",
        )
        self.reply = reply


@dataclass(frozen=True)
class Reply:
    """An answer, whatever it is written in. `secrets` never appear in its words."""

    service: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    trace: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def good(self) -> bool:
        """Whether the service did what was asked (a 2xx), or has nothing newer (304)."""
        return 200 <= self.status < 300 or self.status == 304

    def json(self) -> Any:
        """The answer as data, numbers with a fraction as `Decimal`.

        Raises `TryLater`: `not-json` when it is something else, as it is when a proxy or a
        maintenance page answers in the service's place, and `unreadable-answer` when it holds a
        number that no ledger could (NaN, 1e400).
        """
        numbers = _Numbers()
        data = self._parsed(numbers)
        if numbers.unusable:
            raise unreadable_answer(self.service, "it holds a number that is out of range")
        return data

    def data(self) -> Any:
        """As `json`, but a number that no ledger could hold is an object that no schema takes."""
        return self._parsed(_Numbers())

    def _parsed(self, numbers: "_Numbers") -> Any:
        if sum(map(self.body.count, (b",", b"[", b"{"))) > MOST:
            raise unreadable_answer(self.service, f"it has more than {MOST:,} values")
        try:
            return numbers.parsed(self.body.decode("utf-8-sig"))
        except RecursionError:
            raise unreadable_answer(self.service, "it is nested too deeply") from None
        except ValueError:
            raise TryLater(
                f"{self.service} answered with {kind_of(self)} where data was due: "
                f"{words_of(self)}",
                hint="This is mostly a maintenance page or a proxy in between. Try again in a "
                "few minutes; if it stays, open the address in a browser on this machine.",
                code="not-json",
            ) from None


def loads(text: str) -> Any:
    """JSON as data; a number that no ledger could hold is an `OutOfRange`.

    Raises `ValueError` when it is no JSON, `RecursionError` when it is nested too deeply.
    """
    return _Numbers().parsed(text)


ESCAPED = re.compile(
    r"""\\(?:\\                              # a backslash, whatever follows it
    | u[dD][89abAB]..\\u[dD][c-fC-F]..     # a pair, which is one character
    | u[dD][89a-fA-F]..)                    # half of one""",
    re.VERBOSE,
)


def _storable(escape: re.Match[str]) -> str:
    """A question mark for half a surrogate pair, which nothing can store; the rest as it is."""
    return "?" if len(escape[0]) == 6 else escape[0]


class OutOfRange:
    """Stands for a number that no ledger could hold."""


@dataclass
class _Numbers:
    """Reads the numbers of JSON; of those that are out of range it takes note."""

    unusable: bool = False

    def parsed(self, text: str) -> Any:
        return json.loads(
            ESCAPED.sub(_storable, text),
            parse_float=self._decimal,
            parse_int=self._integer,
            parse_constant=self._refuse,
        )

    def _integer(self, digits: str) -> int | OutOfRange:
        return int(digits) if len(digits) <= DIGITS else self._refuse(digits)

    def _decimal(self, digits: str) -> Decimal | OutOfRange:
        if len(digits) > 2 * DIGITS:
            return self._refuse(digits)
        try:
            number = Decimal(digits)
        except InvalidOperation:
            return self._refuse(digits)
        return number if abs(number.adjusted()) < DIGITS else self._refuse(digits)

    def _refuse(self, _: str) -> OutOfRange:
        self.unusable = True
        return OutOfRange()


def unreadable_answer(service: str, problem: str) -> TryLater:
    """The error that an answer is JSON, but not what was asked for."""
    return TryLater(
        f"{service}'s answer makes no sense: {problem}.",
        hint="Nothing was done with it. Try again later.",
        code="unreadable-answer",
    )


def unreadable_rows(service: str, problem: str, ids: Collection[str]) -> TryLater:
    """The error that rows of an answer make no sense. Where one has not even an id, nobody can tell
    what all the others are worth."""
    error = unreadable_answer(service, problem)
    if not all(ids):
        return error
    return UnreadableRows(error.message, hint=error.hint, ids=ids)


def throttled(status: int, body: bytes) -> bool:
    """Whether a service wants to be asked less often. QuickBooks has said so with 403 as well."""
    return status == 429 or (status == 403 and b"ThrottleExceeded" in body)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer names until the service takes requests again."""
    seconds = count_of(headers.get("Retry-After", ""))
    return None if seconds is None else float(seconds)


def count_of(text: str) -> int | None:
    """The number in a header; None when it is blank or no number that makes sense."""
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else None


def failure(reply: Reply) -> InvoiceSyncError:
    """The error that a bad answer means."""
    words = words_of(reply)
    traced = f" (trace id {reply.trace})" if reply.trace else ""
    if throttled(reply.status, reply.body):
        error = Throttled(
            f"{reply.service} takes no more requests for the moment: {words}{traced}",
            hint="Everything done so far is saved. Try again in a few minutes.",
            code="limit-reached",
            unknown=False,
        )
        error.wait = retry_after(reply.headers)
        return error
    if reply.status in {401, 403}:
        return SignInNeeded(
            f"{reply.service} refused the sign-in ({reply.status}): {words}{traced}",
            hint=f"Sign in again: {sign_in_command(reply.service)}",
            code="sign-in-refused",
        )
    if reply.status >= 500:
        down = TryLater(
            f"{reply.service} has a problem of its own ({reply.status}): {words}{traced}",
            hint="Everything done so far is saved. Try again in a few minutes.",
            code="inner-error" if reply.status == 500 else "service-down",
        )
        down.at_work = reply.status in GATEWAYS
        return down
    page = kind_of(reply) == "a web page" and reply.status != 413
    if page or reply.status < 400 or reply.status in ELSEWHERE:
        return WebPage(reply, words + traced)
    return ServiceRefused(reply, words + traced)


def sign_in_command(service: str) -> str:
    """The command that signs in to a service, by the name that users read."""
    rows = [row for row in VENDORS.values() if service.startswith(row.title)]
    key = max(rows, key=lambda row: len(row.title)).key if rows else "status"
    return f"invoicesync auth {key}"


def kind_of(reply: Reply) -> str:
    """What an answer is written in, in words."""
    start = reply.body.lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "a web page"
    if start.startswith((b"<?xml", b"<")):
        return "XML"
    return "nothing" if not start else "plain text"


def words_of(reply: Reply) -> str:
    """The vendor's own words in an answer, in one line of at most 300 characters."""
    text = reply.body.decode("utf-8", "replace")
    try:
        found = _said(loads(text))
    except (ValueError, RecursionError):
        found = ""
    text = text[:WORDS]
    if not found:
        titled = re.search(r"<(?:title|h1)[^<>]*>([^<]+)</", text, re.IGNORECASE)
        found = titled.group(1) if titled else TAG.sub(" ", text)
    line = " ".join(found.split())
    for secret in reply.secrets:
        # Some proxies repeat the request in their error page, credentials and all.
        line = line.replace(secret, "…")
    return (line[:297] + "…") if len(line) > 300 else line or "no words"


def _said(data: object) -> str:
    """The sentence in the various JSON errors of the vendors."""
    named = _caseless(data)
    fault = _caseless(named.get("fault"))
    if fault:
        return said_of(fault) or str(fault.get("faultstring", ""))
    inside = " ".join(dict.fromkeys(_inside(named.get("elements"))))
    if inside:
        return inside
    for name in ("detail", "error_description", "message", "title", "error"):
        if isinstance(named.get(name), str) and named[name]:
            return str(named[name])
    return ""


def _inside(data: object) -> Iterator[str]:
    """The validation errors of Xero's elements, and of whatever is inside them."""
    if isinstance(data, list):
        for item in data:
            yield from _inside(item)
    elif isinstance(data, dict):
        for name, value in data.items():
            if name == "ValidationErrors":
                errors = value if isinstance(value, list) else ()
                yield from (_said(error) for error in errors)
            else:
                yield from _inside(value)


def said_of(fault: Mapping[str, Any]) -> str:
    """The sentences of a QuickBooks fault, without the links that it may put into them."""
    errors = _caseless(fault).get("error")
    said = []
    for error in errors if isinstance(errors, list) else ():
        named = _caseless(error)
        texts = (plain(str(named.get(name) or "")) for name in ("message", "detail"))
        said.append(": ".join(dict.fromkeys(text for text in texts if text)))
    return "; ".join(text for text in said if text)


def plain(text: str) -> str:
    """A text for people without the markup of web pages."""
    return html.unescape(TAG.sub("", text))


def _caseless(data: object) -> Mapping[str, Any]:
    """An object by its keys in lower case: the vendors write some of them in two ways."""
    return {name.lower(): value for name, value in data.items()} if isinstance(data, dict) else {}
