"""What a run did: counted as it goes, and kept on disk, so that a long run needs no more memory."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import ZERO, Document, DocumentKind, DocumentState, Reason, money
from invoicesync_cli.state.codec import document_as_json, dump, load
from invoicesync_cli.sync.forecast import Forecast

COUNTED = ("created", "skipped", "held", "waiting", "failed", "unchanged")


class Documents:
    """The documents of a run, each once with its last outcome, in the order they came up in.

    They lie in a temporary database, which SQLite keeps on disk and deletes when it is closed.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute(
            "CREATE TABLE documents (place INTEGER PRIMARY KEY, identity TEXT UNIQUE NOT NULL, "
            "kind TEXT NOT NULL, state TEXT NOT NULL, document TEXT NOT NULL, "
            "changed INTEGER NOT NULL DEFAULT 0) STRICT"
        )

    def put(self, document: Document) -> Document | None:
        """Take in an outcome; the earlier one of the same document, if there was one."""
        identity = _identity(document)
        row = self._db.execute(
            "SELECT document FROM documents WHERE identity = ?", (identity,)
        ).fetchone()
        self._db.execute(
            "INSERT INTO documents (identity, kind, state, document) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (identity) DO UPDATE SET state = excluded.state, "
            "document = excluded.document",
            (identity, document.kind, document.state, dump(Document, document)),
        )
        return load(Document, row[0]) if row else None

    def note_changed(self, documents: Iterable[Document]) -> None:
        """Note of which documents the outcome is another than before the run."""
        self._db.executemany(
            "UPDATE documents SET changed = 1 WHERE identity = ?",
            ((_identity(document),) for document in documents),
        )

    def chosen(
        self, states: Iterable[DocumentState], kinds: Iterable[DocumentKind], changed: bool | None
    ) -> Iterator[Document]:
        """Those of some states and kinds, read as they are used."""
        wanted = (json.dumps(list(states)), json.dumps(list(kinds)), changed, changed)
        for row in self._db.execute(
            "SELECT document FROM documents WHERE state IN (SELECT value FROM json_each(?)) "
            "AND kind IN (SELECT value FROM json_each(?)) AND (? IS NULL OR changed = ?) "
            "ORDER BY place",
            wanted,
        ):
            yield load(Document, row[0])

    def as_before(self) -> dict[DocumentState, int]:
        """How many stand in each state as they did before the run."""
        rows = self._db.execute(
            "SELECT state, count(*) FROM documents WHERE NOT changed GROUP BY 1"
        )
        return {DocumentState(state): count for state, count in rows}


class Result:
    """What a run did; `as_json` is the `data` of `--json`."""

    counted: tuple[str, ...] = COUNTED
    """The states that documents are counted by."""

    def __init__(self, run: str, *, dry_run: bool) -> None:
        self.run = run
        self.dry_run = dry_run
        self.messages: list[str] = []
        self.currency = ""
        self.calls = {"keap": 0, "ledger": 0}
        self.cursor = ("", "")
        self.forecast: Forecast | None = None
        """What the run was expected to cost, where it was about more than named documents."""
        self.needs_person = False
        """Whether anything from an earlier run needs a person."""
        self.approves = True
        """Whether what was created is approved: else somebody has to do that."""
        self.applies_plan = False
        """Whether what is not as in a plan counts: elsewhere it waits like anything else."""
        self._plan_differs = False
        self._documents = Documents()
        self._counts: Counter[tuple[DocumentKind, DocumentState]] = Counter()
        self._keap, self._ledger = ZERO, ZERO
        self._unchanged: set[int] = set()

    @property
    def documents(self) -> list[Document]:
        """Every document that the run touched, with its outcome: for a run over a few."""
        return list(self.chosen())

    def chosen(
        self,
        states: Iterable[DocumentState] = DocumentState,
        kinds: Iterable[DocumentKind] = DocumentKind,
        changed: bool | None = None,
    ) -> Iterator[Document]:
        """The documents of some states and kinds, in order, one at a time.

        With `changed` only those whose outcome is another than before the run; False: the others.
        """
        return self._documents.chosen(states, kinds, changed)

    def note_changed(self, documents: Iterable[Document]) -> None:
        """Take in what the run wrote down: the outcome of these documents has changed."""
        self._documents.note_changed(documents)

    def as_before(self) -> dict[DocumentState, int]:
        """How many of the documents that are open stand as they did before the run."""
        counts = self._documents.as_before()
        return {state: counts[state] for state in DocumentState if state.open and state in counts}

    @property
    def exit_code(self) -> ExitCode:
        """6 where anything was not as in the plan that was applied; else 3 while anything needs a
        person, from this run or an earlier one."""
        if self.applies_plan and self._plan_differs:
            return ExitCode.DIFFERENCES
        reported = any(count and state.needs_person for (_, state), count in self._counts.items())
        return ExitCode.NEEDS_PERSON if self.needs_person or reported else ExitCode.OK

    def report(self, documents: Iterable[Document]) -> None:
        """Take in outcomes; a later one of the same document stands for the earlier."""
        for document in documents:
            self._plan_differs |= document.reason is Reason.PLAN_DIFFERS
            before = self._documents.put(document)
            if before:
                self._count(before, -1)
            self._count(document, 1)

    def leave(self, order_ids: Iterable[str]) -> None:
        """Count invoices about which there was nothing new, unless something is reported later."""
        self._unchanged.update(int(order_id) for order_id in order_ids)

    def _count(self, document: Document, sign: int) -> None:
        self._counts[document.kind, document.state] += sign
        if document.kind is not DocumentKind.INVOICE:
            return
        if document.order_id.isdigit():
            self._unchanged.discard(int(document.order_id))
        if document.state is DocumentState.CREATED:
            self._keap += sign * (document.total or ZERO)
            self._ledger += sign * (document.ledger_total or ZERO)

    def counts(self, kind: DocumentKind) -> dict[str, int]:
        """How many documents of a kind ended in each state."""
        found = {state: self._counts[kind, DocumentState(state)] for state in self.counted}
        if kind is DocumentKind.INVOICE:
            found["unchanged"] += len(self._unchanged)
        return found

    def totals(self) -> tuple[Decimal, Decimal]:
        """What the created invoices come to, in Keap and in the ledger."""
        return money(self._keap), money(self._ledger)

    def summary(self) -> dict[str, Any]:
        """What a run did, in numbers."""
        keap, ledger = self.totals()
        return {
            "run": self.run,
            "dry_run": self.dry_run,
            "invoices": self.counts(DocumentKind.INVOICE),
            "payments": self.counts(DocumentKind.PAYMENT),
            "credits": self.counts(DocumentKind.CREDIT),
            "refunds": self.counts(DocumentKind.REFUND),
            "totals": {"currency": self.currency, "keap": str(keap), "ledger": str(ledger)},
            "calls": self.calls,
            "forecast": self.forecast.as_json() if self.forecast else None,
            "cursor": {"order_id": self.cursor[0], "invoice_id": self.cursor[1]},
        }

    def as_json(self) -> dict[str, Any]:
        """The `data` of `sync --json`; its documents can be read once."""
        documents = (document_as_json(document) for document in self.chosen())
        return {**self.summary(), "documents": documents}


def _identity(document: Document) -> str:
    # A failed charge has no payment id, only the gateway's.
    charge = document.kind is DocumentKind.PAYMENT and not document.payment_id
    ids = (document.order_id, document.invoice_id, document.payment_id)
    if not any(ids):
        # An invoice of the ledger that has no order in Keap yet.
        ids = ("", document.ledger_id, "")
    return "\t".join((document.kind, *ids, document.reference if charge else ""))
