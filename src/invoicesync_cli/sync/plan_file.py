"""A plan that a dry run made, kept in a file, and held against what a later run would send.

Two people can share the work: one makes the plan and looks through it, the other applies it. What
is sent is what stands in the file, or it is not sent.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from invoicesync_cli.auth import Pins
from invoicesync_cli.config import Loaded
from invoicesync_cli.errors import ConfigError, UsageError
from invoicesync_cli.machine import write_privately
from invoicesync_cli.model import (
    NOT_MADE_YET,
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    PaymentDraft,
    Reason,
)
from invoicesync_cli.state import Store
from invoicesync_cli.state.codec import Plain, as_json, document_as_json, load, load_said
from invoicesync_cli.state.rows import Record
from invoicesync_cli.vendors import KEAP

FORM = 1
"""The form of the file; no other is read."""
RecordKey = tuple[DocumentKind, str]
"""A document by its kind and the key of its record."""
ONLY_KNOWN_LATER = {
    Draft: ("contact", "contact_id"),
    PaymentDraft: ("invoice", "contact_id", "unapplied"),
}
"""Fields that a document has only once others of the same run are in the ledger."""
SHOWN = 3
"""Differences that a message names."""


@dataclass(frozen=True)
class PlanOwner:
    """Whose plan it is: the profile, the ledger's organisation and the Keap account, by ids."""

    profile: str
    ledger: str
    organisation: str
    keap: str

    def __str__(self) -> str:
        profile = f"the profile {self.profile!r}" if self.profile else "the profile without a name"
        return f"{profile}, organisation {self.organisation}, Keap account {self.keap}"


@dataclass(frozen=True)
class Plan:
    """The documents of a plan file, each with what decided it."""

    path: Path
    books: PlanOwner
    entries: Mapping[RecordKey, Plain]
    orders: tuple[str, ...]

    def check(self, books: PlanOwner) -> None:
        """Raise `ConfigError` when it was made for other books than these."""
        if self.books != books:
            raise ConfigError(
                f"{self.path} is a plan for {self.books}, and this is {books}.",
                hint="Apply it with the profile and the sign-ins that it was made with.",
                code="plan-for-others",
            )

    def differs(self, key: RecordKey, document: Document, decided: Plain) -> str:
        """What is otherwise than in the plan; blank where the document comes out the same."""
        planned = self.entries[key]
        if document.state is not DocumentState.CREATED:
            return f"it would be {document.state} now ({document.reason}). {document.message}"
        found = list(_differences(planned, decided))
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        return ", ".join(found[:SHOWN]) + more


@dataclass(frozen=True)
class _Entry:
    """What `apply` reads of a document in the file."""

    kind: DocumentKind
    key: str
    order_id: Annotated[str, Field(pattern=r"^[0-9]+$")]
    decided_by: Plain


@dataclass(frozen=True)
class _Held:
    """What `apply` reads of the file."""

    books: PlanOwner
    documents: tuple[_Entry, ...]


def waiting(document: Document, what: str) -> Document:
    """A document that is not as the plan has it."""
    return replace(
        document,
        state=DocumentState.WAITING,
        reason=Reason.PLAN_DIFFERS,
        message=f"It is not as in the plan: {what}".rstrip(". ") + ".",
        hint="The next sync sends it as it is now. For four eyes, make another plan.",
    )


def decided_by(document: Document, source: str, draft: Draft | PaymentDraft | None) -> Plain:
    """What decides a document, as far as it is known before anything is sent."""
    kept: dict[str, Any] = {}
    if draft is not None:
        kept = as_json(type(draft), draft)
        for name in ONLY_KNOWN_LATER[type(draft)]:
            kept.pop(name, None)
        if isinstance(kept.get("note"), dict):
            kept["note"].pop("contact_id", None)
    said: Plain = load_said(source) if source else {}
    return {"contact": document.contact, "keap": said, "draft": kept}


def _differences(before: Plain, now: Plain) -> Iterator[str]:
    was, is_now = dict(_leaves("", before)), dict(_leaves("", now))
    for name in dict.fromkeys([*was, *is_now]):
        if not _same(was.get(name), is_now.get(name)):
            yield f"{name} was {_shown(was.get(name))}, is {_shown(is_now.get(name))}"


def _same(before: object, now: object) -> bool:
    """Whether two values mean the same: a number may be written in several ways, and the item for
    unmatched lines is only made when it is needed."""
    if before == now or NOT_MADE_YET in {before, now}:
        return True
    try:
        return Decimal(str(before)) == Decimal(str(now))
    except InvalidOperation:
        return False


def _leaves(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(f"{path} {name}".strip(), part)
    elif isinstance(value, list):
        for place, part in enumerate(value, 1):
            yield from _leaves(f"{path} {place}", part)
    else:
        yield path.removeprefix("draft ").replace("_", " "), value


def _shown(value: object) -> str:
    return "nothing" if value in {None, ""} else str(value)


def books_of(state: Store, loaded: Loaded, profile: str) -> PlanOwner:
    """The books that a state is of, once a run has asked both services whose they are."""
    ledger, pins = loaded.config.sync.destination, Pins(state)
    return PlanOwner(profile, ledger, pins.known(ledger).id, pins.known(KEAP.key).id)


# --- the file -----------------------------------------------------------------------------------


def save(
    path: Path,
    books: PlanOwner,
    documents: Iterable[Document],
    state: Store,
    made_at: datetime,
    version: str,
) -> int:
    """Write what a dry run would create to a file, all of it or nothing, for its owner only: how
    many documents. `state` is the copy that the dry run has worked on."""
    entries = [_entry(document, state) for document in documents]
    held = {
        "form": FORM,
        "made_at": made_at.isoformat(timespec="seconds"),
        "version": version,
        "books": as_json(PlanOwner, books),
        "documents": [entry for entry in entries if entry],
    }
    text = json.dumps({**held, "checksum": _checksum(held)}, ensure_ascii=False, indent=1)
    write_privately(path, text + "\n")
    return len(held["documents"])  # type: ignore[arg-type]


def read(path: Path) -> Plan:
    """The plan in a file. Raises `UsageError` when there is no such file, `ConfigError` when it is
    damaged, was changed by hand, or is of another version."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise UsageError(
            f"There is no file {path}.", hint="Name one that sync --dry-run --save has written."
        ) from None
    except UnicodeDecodeError:
        raise _unusable(path, "it is no plan") from None
    try:
        held = json.loads(text)
        whole = held.pop("checksum") == _checksum(held)
        form = held["form"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _unusable(path, "it is damaged, or no plan") from None
    if form != FORM:
        raise _unusable(path, "another version of invoicesync has written it")
    if not whole:
        raise _unusable(path, "it was damaged, or changed by hand")
    try:
        found = load(_Held, json.dumps(held))
    except ValueError:
        raise _unusable(path, "it is damaged, or no plan") from None
    entries = {(item.kind, item.key): item.decided_by for item in found.documents}
    orders = tuple(dict.fromkeys(item.order_id for item in found.documents))
    return Plan(path, found.books, entries, orders)


def _entry(document: Document, state: Store) -> dict[str, Any] | None:
    """A document as `--json` shows it, with its draft and the fingerprint of what decided it."""
    found = [
        record
        for record in state.records_of([document.order_id], "order")
        if record.document == document and record.draft
    ]
    if not found:
        return None
    record = found[0]
    decided = decided_by(document, record.source, _draft(record))
    return {
        **document_as_json(document),
        "key": record.key,
        "draft": load_said(record.draft),
        "decided_by": decided,
        "fingerprint": _checksum(decided),
    }


def _draft(record: Record) -> Draft | PaymentDraft | None:
    return record.invoice_draft or record.payment_draft


def _checksum(held: Mapping[str, object]) -> str:
    text = json.dumps(held, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _unusable(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{path} cannot be applied: {why}.",
        hint="Make the plan again: invoicesync sync --dry-run --save FILE",
        code="plan-unusable",
    )
