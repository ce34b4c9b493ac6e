"""One write of one or many elements: what is saved, what is refused, and how that is said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.posted import as_number
from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.errors import Invalid
from invoicesync_sandbox.xero.findings import ElementRefused, Findings
from invoicesync_sandbox.xero.posted import DATES, NUMBERS, Posted, as_day
from invoicesync_sandbox.xero.wire import iso_date, ms_date

NO_ID = "00000000-0000-0000-0000-000000000000"
Work = Callable[[Posted, Findings], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """What is written: the collection's name, and what its elements show when they are refused."""

    collection: str
    error_flag: str

    @property
    def id_name(self) -> str:
        """The name of an element's id."""
        return f"{self.collection.removesuffix('s')}ID"


def write(
    books: Books, kind: Kind, elements: list[Posted], work: Work, *, summarise: bool
) -> dict[str, Any]:
    """Do `work` on every element, in order, and return the collection.

    Raises `Invalid` when `summarise` and any is refused; `PostDataInvalid` undoes everything.
    """
    replies: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    with books.journal.attempt():
        for posted in elements:
            findings = Findings()
            reply = _one(books, kind, posted, findings, work)
            if findings.errors or findings.line_errors:
                failed.append(reply)
            if not summarise:
                reply["StatusAttributeString"] = _status(findings)
            if findings.warnings:
                reply["Warnings"] = _messages(findings.warnings)
            replies.append(reply)
    if failed and summarise:
        raise Invalid(failed)
    return {kind.collection: replies}


def _one(
    books: Books, kind: Kind, posted: Posted, findings: Findings, work: Work
) -> dict[str, Any]:
    try:
        with books.journal.attempt():
            reply = work(posted, findings)
            findings.stop()
            return reply
    except ElementRefused:
        return _refused(books, kind, posted, findings)


def _status(findings: Findings) -> str:
    if findings.errors or findings.line_errors:
        return "ERROR"
    return "WARNING" if findings.warnings else "OK"


def _refused(books: Books, kind: Kind, posted: Posted, findings: Findings) -> dict[str, Any]:
    """What was sent, with the errors. A new element has no id, only zeros."""
    shown = {kind.id_name: NO_ID, **_echo(posted.values)}
    on_document = list(findings.errors)
    for place, messages in findings.line_errors.items():
        if place < len(shown.get("LineItems", ())):
            shown["LineItems"][place]["ValidationErrors"] = _messages(messages)
        if books.switches.line_errors_on_document:
            on_document += [text for text in messages if text not in on_document]
    shown[kind.error_flag] = True
    shown["ValidationErrors"] = _messages(on_document)
    return shown


def _echo(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent as it was understood: figures and dates in the vendor's forms, no nulls."""
    shown: dict[str, Any] = {}
    for name, value in fields.items():
        day = as_day(value) if name in DATES else None
        if isinstance(value, dict):
            shown[name] = _echo(value)
        elif isinstance(value, list):
            entries = [item for item in value if isinstance(item, dict)]
            shown[name] = [_echo(item) | {"ValidationErrors": []} for item in entries]
        elif day:
            shown |= {f"{name}String": iso_date(day), name: ms_date(day)}
        elif value is not None:
            shown[name] = as_number(value, Posted.most_digits) if name in NUMBERS else value
    return shown


def _messages(texts: list[str]) -> list[dict[str, str]]:
    return [{"Message": text} for text in texts]
