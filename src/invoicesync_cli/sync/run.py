"""The run itself: settle what is open, go through Keap chunk by chunk, keep count."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from invoicesync_cli.config import Config, Loaded
from invoicesync_cli.errors import Interrupted, InvoiceSyncError
from invoicesync_cli.fetch.keap import Keap, Order
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import Document, Invoice, Kind
from invoicesync_cli.state import State as StateFile
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.apply import Loader
from invoicesync_cli.sync.ledger_check import LedgerCheck
from invoicesync_cli.sync.missing import gone, nameless, unknown
from invoicesync_cli.sync.money import Money
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.pay import Payer
from invoicesync_cli.sync.plan import Planner
from invoicesync_cli.sync.planned import Planned
from invoicesync_cli.sync.recover import recover
from invoicesync_cli.sync.result import Result
from invoicesync_cli.sync.scan import Scan, is_due, note_done
from invoicesync_cli.sync.setup import Setup

LOOK_BACK = timedelta(days=35)
"""How far back payments are held against the records in every run (R10)."""
LONG_LOOK_BACK = timedelta(days=90)
"""The same once a week."""
LOOKED_BACK = "money_checked"


@dataclass
class Deps:
    """What a run works with. `tell` is called with a line about how far it is."""

    loaded: Loaded
    state: StateFile
    keap: Keap
    ledger: Ledger
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    tell: Callable[[str], None] = lambda _: None


def run(deps: Deps, options: Options) -> Result:
    """One run. Raises what ends it early, with the result so far as `partial` on the error."""
    moment = deps.now().strftime("%Y%m%dT%H%M%S")
    result = Result(f"{moment}-{uuid.uuid4().hex[:8]}", dry_run=options.dry_run)
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
        result.report([document])


def _close(deps: Deps, result: Result, status: str) -> None:
    state = deps.state
    if status in {"error", "interrupted"}:
        # What was booked before the end came is reported, though nobody got round to it.
        result.report(state.documents_of(result.run))
    result.calls = {"keap": deps.keap.service.usage.calls, "ledger": deps.ledger.usage.calls}
    result.cursor = state.cursor()
    result.needs_person = state.needs_person()
    for name, usage in (("keap", deps.keap.service.usage), ("ledger", deps.ledger.usage)):
        if usage.day_left is not None:
            state.remember(f"calls_left_{name}", f"{usage.day_left} {deps.now():%Y-%m-%d}")
    state.end_run(result.run, status, result.summary())


class _Run:
    """One run's parts and its budget of invoices."""

    def __init__(self, deps: Deps, options: Options, result: Result) -> None:
        self._deps = deps
        self._options = options
        self._result = result
        config = self._config
        self._setup = Setup(deps.state, deps.keap, deps.ledger, deps.loaded, deps.now)
        self._adoption = Adoption(deps.state, deps.ledger, self._setup, deps.now)
        self._planner = Planner(
            deps.state,
            deps.keap,
            deps.ledger,
            self._setup,
            self._adoption,
            config,
            options,
            deps.now,
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
        payer = Payer(
            deps.state,
            deps.ledger,
            result.run,
            dry_run=options.dry_run,
            recreate=options.recreate,
            now=deps.now,
        )
        self._money = Money(
            deps.state,
            deps.keap,
            deps.ledger,
            self._setup,
            config,
            payer,
            self._loader.made,
            options,
            self._adoption,
            self._report,
        )
        self._left = config.sync.max_invoices or None

    @property
    def _config(self) -> Config:
        return self._deps.loaded.config

    def go(self) -> None:
        """Do everything that was asked for."""
        state, ledger = self._deps.state, self._deps.ledger
        if self._config.sync.mode == "off":
            self._result.messages.append('sync.mode is "off": nothing is sent to the ledger.')
            return
        # Nothing that was meant for one organisation may reach another, or be missed there (R18).
        self._setup.check_organisation()
        if not self._options.dry_run:
            self._report(recover(state, ledger, self._result.run))
        self._result.currency = self._setup.account.currency
        if self._options.named:
            self._named()
            return
        check = LedgerCheck(
            state, ledger, self._setup, self._adoption, self._result.run, self._deps.now()
        )
        self._report(check.look())
        if self._options.only != "payments":
            self._scan()
        if self._sends_money:
            now = self._deps.now()
            back = LONG_LOOK_BACK if is_due(state, LOOKED_BACK, now) else LOOK_BACK
            self._money.settle_open(now - back)
            note_done(state, LOOKED_BACK, now)
        check.finish()

    @property
    def _sends_money(self) -> bool:
        return self._config.sends_payments and self._options.only != "invoices"

    def _named(self) -> None:
        orders, not_found = self._orders(self._options.ids)
        self._chunk(orders)
        recorded = self._deps.state.records_of(not_found, self._options.by)
        self._report(gone(self._deps.state, [item.key for item in recorded], self._result.run))
        known = {getattr(item.document, f"{self._options.by}_id") for item in recorded}
        for typed in not_found:
            if typed in known:
                continue
            document = unknown(typed, self._options.by)
            self._deps.state.log(self._result.run, document)
            self._report([document])

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
        scan = Scan(deps.state, deps.keap, self._options, config.sync.start, deps.now)
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
        self._report(gone(deps.state, scan.gone, self._result.run))

    def _chunk(self, chunk: Sequence[Order]) -> str:
        """Judge and load a chunk; the id of the first order that the budget left over.

        Only what was created uses the budget up: otherwise a few invoices that the ledger refuses
        in every run would keep all others from ever being sent.
        """
        plans = self._planner.judge(chunk)
        self._result.leave(self._planner.unchanged)
        made: list[str] = []
        while plans:
            part = self._within_budget(plans)
            if not part:
                self._money_of_chunk(made, plans[0].order.order_id)
                return plans[0].order.order_id
            received = self._loader.load(part)
            self._report(plan.document for plan in part)
            self._report(received)
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

        def reached(order_id: str) -> bool:
            return not before or int(order_id) < int(before)

        touched = {key: paid for key, paid in self._planner.touched.items() if reached(key)}
        with self._deps.state.transaction():
            self._deps.state.note_paid(touched)
        if not self._sends_money:
            return
        self._money.settle(sorted({*touched, *made}, key=int))
        unpaid: dict[str, Invoice] = {
            key: item for key, item in self._planner.unpaid.items() if reached(key)
        }
        self._report(self._money.report_failed(unpaid))

    def _within_budget(self, plans: list[Planned]) -> list[Planned]:
        left = len(plans) if self._left is None else self._left
        for place, plan in enumerate(plans):
            if plan.sends and left == 0:
                return plans[:place]
            left -= plan.sends
        return plans

    def _report(self, documents: Iterable[Document]) -> None:
        self._result.report(documents)
        counts = self._result.counts(Kind.INVOICE)
        self._deps.tell(f"{counts['created']} created, {counts['unchanged']} unchanged")
