"""The run itself: settle what is open, go through Keap chunk by chunk, keep count."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from invoicesync_cli.config import Config, Loaded
from invoicesync_cli.errors import ExitCode, Interrupted, InvoiceSyncError
from invoicesync_cli.fetch.keap import Keap, Order
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import ZERO, Document, Kind, State, money
from invoicesync_cli.state import State as StateFile
from invoicesync_cli.state.codec import document_as_json
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.apply import Loader
from invoicesync_cli.sync.missing import gone, nameless, unknown
from invoicesync_cli.sync.money import Money
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.pay import Payer
from invoicesync_cli.sync.plan import Planner
from invoicesync_cli.sync.planned import Planned
from invoicesync_cli.sync.recover import recover
from invoicesync_cli.sync.scan import OVERLAP, SETTLED_BACK, SETTLED_EVERY, Scan
from invoicesync_cli.sync.setup import Setup
from invoicesync_cli.sync.watch import Watch

QUIET = 6
"""Calls that a run with nothing new costs at the most."""
LEDGER_EVERY = timedelta(hours=1)
COUNTED = ("created", "skipped", "held", "waiting", "failed", "unchanged")


@dataclass
class Deps:
    """What a run works with. `tell` is called with a line about how far it is."""

    loaded: Loaded
    state: StateFile
    keap: Keap
    ledger: Ledger
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    tell: Callable[[str], None] = lambda _: None


@dataclass
class Result:
    """What a run did; `as_json` is the `data` of `--json`."""

    run: str
    dry_run: bool
    documents: list[Document] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    """Orders about whose invoices there was nothing new."""
    messages: list[str] = field(default_factory=list)
    currency: str = ""
    calls: dict[str, int] = field(default_factory=lambda: {"keap": 0, "ledger": 0})
    cursor: tuple[str, str] = ("", "")
    needs_person: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """3 while anything needs a person, from this run or an earlier one."""
        told = any(document.state.needs_person for document in self.documents)
        return ExitCode.NEEDS_PERSON if self.needs_person or told else ExitCode.OK

    def tell(self, documents: Sequence[Document]) -> None:
        """Take in outcomes; a later one of the same document stands for the earlier."""
        known = {_identity(item): place for place, item in enumerate(self.documents)}
        for document in documents:
            place = known.get(_identity(document))
            if place is None:
                known[_identity(document)] = len(self.documents)
                self.documents.append(document)
            else:
                self.documents[place] = document

    def counts(self, kind: Kind) -> dict[str, int]:
        """How many documents of a kind ended in each state."""
        states = [item.state for item in self.documents if item.kind is kind]
        found = {state: states.count(State(state)) for state in COUNTED}
        if kind is Kind.INVOICE:
            told = {item.order_id for item in self.documents if item.kind is kind}
            found["unchanged"] += len(self.unchanged - told)
        return found

    def totals(self) -> tuple[Decimal, Decimal]:
        """What the created invoices come to, in Keap and in the ledger."""
        made = [
            item
            for item in self.documents
            if item.kind is Kind.INVOICE and item.state is State.CREATED
        ]
        keap = sum((item.total or ZERO for item in made), ZERO)
        ledger = sum((item.ledger_total or ZERO for item in made), ZERO)
        return money(keap), money(ledger)

    def as_json(self) -> dict[str, Any]:
        """The `data` of `sync --json`."""
        keap, ledger = self.totals()
        return {
            "run": self.run,
            "dry_run": self.dry_run,
            "invoices": self.counts(Kind.INVOICE),
            "payments": self.counts(Kind.PAYMENT),
            "credits": self.counts(Kind.CREDIT),
            "refunds": self.counts(Kind.REFUND),
            "totals": {"currency": self.currency, "keap": str(keap), "ledger": str(ledger)},
            "calls": self.calls,
            "cursor": {"order_id": self.cursor[0], "invoice_id": self.cursor[1]},
            "documents": [document_as_json(document) for document in self.documents],
        }


def _identity(document: Document) -> tuple[str, ...]:
    ids = (document.order_id, document.invoice_id, document.payment_id)
    # A failed charge has no payment id, only the gateway's.
    charge = document.kind is Kind.PAYMENT and not document.payment_id
    return (document.kind, *ids, document.reference if charge else "")


def run(deps: Deps, options: Options) -> Result:
    """One run. Raises what ends it early, with the result so far as `partial` on the error."""
    moment = deps.now().strftime("%Y%m%dT%H%M%S")
    result = Result(f"{moment}-{uuid.uuid4().hex[:8]}", options.dry_run)
    deps.state.begin_run(result.run, options.command)
    try:
        _Run(deps, options, result).go()
        _report_nameless(deps, result)
    except InvoiceSyncError as error:
        _close(deps, result, "error")
        error.partial = result.as_json()
        raise
    except KeyboardInterrupt:
        _close(deps, result, "interrupted")
        stopped = Interrupted()
        stopped.partial = result.as_json()
        raise stopped from None
    except BaseException:
        _close(deps, result, "error")
        raise
    _close(deps, result, "partial" if result.exit_code else "ok")
    return result


def _report_nameless(deps: Deps, result: Result) -> None:
    """Say what Keap has given that belongs to no order: by its invoice, or in a message."""
    for row in deps.keap.nameless:
        if not row.invoice_id:
            result.messages.append(row.problem)
            continue
        document = nameless(row.invoice_id, row.problem)
        deps.state.log(result.run, document)
        result.tell([document])


def _close(deps: Deps, result: Result, status: str) -> None:
    state = deps.state
    if status in {"error", "interrupted"}:
        # What was booked before the end came is told, though nobody got round to it.
        events = [document for _, _, document in state.events(run=result.run)]
        result.tell(list(reversed(events)))
    result.calls = {"keap": deps.keap.service.usage.calls, "ledger": deps.ledger.usage.calls}
    result.cursor = state.cursor()
    result.needs_person = state.needs_person()
    for name, usage in (("keap", deps.keap.service.usage), ("ledger", deps.ledger.usage)):
        if usage.day_left is not None:
            state.remember(f"calls_left_{name}", f"{usage.day_left} {deps.now():%Y-%m-%d}")
    summary = result.as_json()
    del summary["documents"]
    state.end_run(result.run, status, summary)


class _Run:
    """One run's parts and its budget of invoices."""

    def __init__(self, deps: Deps, options: Options, result: Result) -> None:
        self._deps = deps
        self._options = options
        self._result = result
        config = self._config
        self._setup = Setup(deps.state, deps.keap, deps.ledger, deps.loaded, deps.now)
        adoption = Adoption(deps.state, deps.ledger, self._setup, deps.now)
        self._planner = Planner(
            deps.state, deps.keap, deps.ledger, self._setup, adoption, config, options, deps.now
        )
        self._loader = Loader(
            deps.state,
            deps.ledger,
            lambda: self._planner.people,
            result.run,
            skip_synced=config.invoices.skip_synced,
            dry_run=options.dry_run,
            recreate=options.recreate,
            now=deps.now,
        )
        payer = Payer(deps.state, deps.ledger, result.run, dry_run=options.dry_run, now=deps.now)
        self._money = Money(
            deps.state,
            deps.keap,
            deps.ledger,
            self._setup,
            config,
            payer,
            self._loader.made,
            options,
        )
        self._watch = Watch(deps.state, deps.ledger, self._setup, result.run)
        self._left = config.sync.max_invoices or None

    @property
    def _config(self) -> Config:
        return self._deps.loaded.config

    def go(self) -> None:
        """Do everything that was asked for."""
        if self._config.sync.mode == "off":
            self._result.messages.append('sync.mode is "off": nothing is sent to the ledger.')
            return
        # Nothing that was meant for one organisation may reach another, or be missed there (R18).
        self._setup.check_organisation()
        if not self._options.dry_run:
            state, ledger = self._deps.state, self._deps.ledger
            self._tell(recover(state, ledger, self._result.run, self._deps.now))
        self._result.currency = self._setup.account.currency
        if self._options.named:
            self._named()
            return
        if self._options.only != "payments":
            self._scan()
        if self._sends_money:
            self._late_money()
        self._check_ledger(self._deps.now())

    @property
    def _sends_money(self) -> bool:
        return self._config.sends_payments and self._options.only != "invoices"

    def _late_money(self) -> None:
        """Money that came without its order having changed: on open invoices, and typed in late.

        Keap stamps a payment with the day it is said to be of, so a new one may be dated long ago;
        the open invoices' payments are therefore asked for in every run (R10).
        """
        state, now = self._deps.state, self._deps.now()
        self._tell(self._money.settle(state.open_dues()))
        before = state.fact("paid_until")
        if before:
            since = datetime.fromisoformat(before) - OVERLAP
            pages = self._deps.keap.payments_since(since)
            paid = {order for page in pages for row in page for order in row.order_ids}
            self._tell(self._money.settle(sorted(paid, key=int)))
        if not self._money.stopped:
            server = self._deps.keap.service.usage.server_time or now
            state.remember("paid_until", min(server, now).isoformat())

    def _check_ledger(self, now: datetime) -> None:
        """See whether invoices are still in the ledger: open ones, and once a week all of three
        months.

        Once an hour is enough for a run that has cost a quiet run's calls already. Where no
        payments are sent every invoice stays open here, so they are all left to the week.
        """
        state, deps = self._deps.state, self._deps
        checked = state.fact("ledger_checked")
        calls = deps.keap.service.usage.calls + deps.ledger.usage.calls
        young = checked and now - datetime.fromisoformat(checked) < LEDGER_EVERY
        if young and calls >= QUIET:
            return
        state.remember("ledger_checked", now.isoformat())
        watched = set(self._long_sent(now))
        if checked and self._sends_money:
            watched.update(state.open_dues())
        if watched:
            self._tell(self._watch.look(sorted(watched, key=int)))

    def _long_sent(self, now: datetime) -> list[str]:
        """Once a week, the orders whose invoices were created in the last three months."""
        state = self._deps.state
        checked = state.fact("sent_checked")
        due = checked and now - datetime.fromisoformat(checked) >= SETTLED_EVERY
        if due or not checked:
            state.remember("sent_checked", now.isoformat())
        return state.created_since((now - SETTLED_BACK).date().isoformat()) if due else []

    def _named(self) -> None:
        orders, not_found = self._orders(self._options.ids)
        self._chunk(orders)
        recorded = self._deps.state.records_of(not_found, self._options.by)
        self._tell(gone(self._deps.state, [item.key for item in recorded], self._result.run))
        known = {getattr(item.document, f"{self._options.by}_id") for item in recorded}
        for typed in not_found:
            if typed in known:
                continue
            document = unknown(typed, self._options.by)
            self._deps.state.log(self._result.run, document)
            self._tell([document])

    def _orders(self, ids: Sequence[str]) -> tuple[list[Order], list[str]]:
        """The orders of the ids that were typed, and the ids that Keap does not know."""
        keap, state = self._deps.keap, self._deps.state
        if self._options.by == "order":
            found = {order.order_id: order for order in keap.orders_by_id(ids)}
            return list(found.values()), [typed for typed in ids if typed not in found]
        known = state.orders_of_invoices(ids)
        by_invoice = {order.invoice_id: order for order in keap.orders_by_id(list(known.values()))}
        for typed in ids:
            order = None if typed in by_invoice else keap.order_of_invoice(typed)
            if order:
                by_invoice[typed] = order
        orders = [by_invoice[typed] for typed in ids if typed in by_invoice]
        return orders, [typed for typed in ids if typed not in by_invoice]

    def _scan(self) -> None:
        config, deps = self._config, self._deps
        scan = Scan(
            deps.state,
            deps.keap,
            self._options,
            config.sync.start,
            deps.now,
            dues=self._sends_money,
        )
        for chunk in scan.chunks():
            stopped = self._chunk(chunk)
            scan.done(chunk, stopped_before=stopped)
            if stopped:
                self._result.messages.append(
                    f"Stopped after {config.sync.max_invoices} invoices (sync.max_invoices); "
                    "the next run goes on from there."
                )
                return
        scan.finish()
        self._tell(gone(deps.state, scan.gone, self._result.run))

    def _chunk(self, chunk: Sequence[Order]) -> str:
        """Judge and load a chunk; the id of the first order that the budget left over.

        Only what was created uses the budget up: otherwise a few invoices that the ledger refuses
        in every run would keep all others from ever being sent.
        """
        plans = self._planner.judge(chunk)
        self._result.unchanged = self._planner.unchanged
        made: list[str] = []
        while plans:
            part = self._within_budget(plans)
            if not part:
                self._money_of_chunk(made, plans[0].order.order_id)
                return plans[0].order.order_id
            received = self._loader.load(part)
            self._tell([plan.document for plan in part])
            self._tell(received)
            made += [plan.order.order_id for plan in part if plan.sends]
            plans = plans[len(part) :]
            if self._left is not None:
                self._left -= sum(plan.sends for plan in part)
        self._money_of_chunk(made)
        return ""

    def _money_of_chunk(self, made: Sequence[str], before: str = "") -> None:
        """Money of the orders that are new, changed or just made, right after their invoices.

        Orders from `before` on were left for the next run, and so is their money.
        """
        if not self._sends_money:
            return

        def reached(order_id: str) -> bool:
            return not before or int(order_id) < int(before)

        touched = {key: paid for key, paid in self._planner.touched.items() if reached(key)}
        self._tell(self._money.settle(sorted({*touched, *made}, key=int), touched))
        unpaid = {key: item for key, item in self._planner.unpaid.items() if reached(key)}
        self._tell(self._money.report_failed(unpaid))
        if not self._money.stopped:
            self._deps.state.note_paid(touched)

    def _within_budget(self, plans: list[Planned]) -> list[Planned]:
        left = len(plans) if self._left is None else self._left
        for place, plan in enumerate(plans):
            if plan.sends and left == 0:
                return plans[:place]
            left -= plan.sends
        return plans

    def _tell(self, documents: Sequence[Document]) -> None:
        self._result.tell(documents)
        counts = self._result.counts(Kind.INVOICE)
        self._deps.tell(f"{counts['created']} created, {counts['unchanged']} unchanged")
