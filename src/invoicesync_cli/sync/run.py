"""The run itself: settle what is open, go through Keap chunk by chunk, keep count."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from invoicesync_cli.config import Loaded
from invoicesync_cli.errors import Interrupted, InvoiceSyncError, TryLater
from invoicesync_cli.fetch.keap import KeapClient, KeapOrder
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import Document
from invoicesync_cli.progress import SILENT, ProgressListener
from invoicesync_cli.state import Store, instalments
from invoicesync_cli.sync import marks
from invoicesync_cli.sync.adoption import ADOPTING, Adoption
from invoicesync_cli.sync.contacts import MatchedContacts
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.duplicates import Duplicates
from invoicesync_cli.sync.forecast import LONG, forecast, in_words
from invoicesync_cli.sync.invoices.as_planned import check_invoices
from invoicesync_cli.sync.invoices.missing import nameless, no_longer_in_keap, unknown
from invoicesync_cli.sync.invoices.plan import InvoicePlanner, InvoicePlans
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.sync.invoices.send import InvoiceSender
from invoicesync_cli.sync.ledger_check import LedgerCheck
from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.payments.charges import failed_charges, unread_charges
from invoicesync_cli.sync.payments.settle import PaymentSettler
from invoicesync_cli.sync.plan_file import books_of
from invoicesync_cli.sync.preflight import Preflight
from invoicesync_cli.sync.recover import recover
from invoicesync_cli.sync.result import Result
from invoicesync_cli.sync.scan import READING_ORDERS, Scan, is_due, note_done

LOOK_BACK = timedelta(days=35)
"""How far back payments are held against the records in every run (R10)."""
LONG_LOOK_BACK = timedelta(days=90)
"""The same once a week."""
LOOKED_BACK = "money_checked"
GOES_ON = "Everything done so far is saved; the same command goes on."

R = TypeVar("R", bound=Result)


@dataclass
class RunResources:
    """What a run works with. `progress` hears how far it is, `kept_contacts` is the file with the
    ledger's contacts, for a run that holds the profile's lock."""

    loaded: Loaded
    state: Store
    keap: KeapClient
    ledger: Ledger
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    progress: ProgressListener = SILENT
    kept_contacts: Path | None = None


def run(
    resources: RunResources,
    options: Options,
    then: Callable[[RunContext, Result], None] = lambda _, __: None,
) -> Result:
    """One run, and `then` what is to be a part of it. Raises what ends it early, with the result so
    far as `partial` on the error."""

    def work(context: RunContext, result: Result) -> None:
        _Run(context, result).go()
        result.approves = resources.ledger.approves
        then(context, result)
        result.messages += context.preflight.notices()
        _report_nameless(resources, result)

    result = Result(new_name(resources), dry_run=options.dry_run)
    result.applies_plan = options.plan is not None
    recorded(resources, options, result, work)
    return result


def new_name(resources: RunResources) -> str:
    """The name of a run that begins now; names are in the order of time."""
    moment = resources.now().strftime("%Y%m%dT%H%M%S")
    return f"{moment}-{uuid.uuid4().hex[:8]}"


def recorded(
    resources: RunResources,
    options: Options,
    result: R,
    work: Callable[[RunContext, R], None],
) -> None:
    """Do work that is a run in the history. Raises what ends it early, with the result so far as
    `partial` on the error."""
    resources.state.history.begin_run(result.run, options.command)
    try:
        work(_context(resources, options, result), result)
    except InvoiceSyncError as error:
        _close(resources, result, "error")
        error.partial = result.as_json()
        raise
    except KeyboardInterrupt:
        _close(resources, result, "interrupted")
        stopped = Interrupted("" if options.command == "sync" else GOES_ON)
        stopped.partial = result.as_json()
        raise stopped from None
    except BaseException:
        _close(resources, result, "error")
        raise
    _close(resources, result, "partial" if result.exit_code else "ok")


def _context(resources: RunResources, options: Options, result: Result) -> RunContext:
    return RunContext(
        state=resources.state,
        keap=resources.keap,
        ledger=resources.ledger,
        loaded=resources.loaded,
        preflight=Preflight(
            resources.state, resources.keap, resources.ledger, resources.loaded, resources.now
        ),
        options=options,
        run=result.run,
        now=resources.now,
        report=result.report,
        progress=resources.progress,
        kept_contacts=resources.kept_contacts,
    )


def _report_nameless(resources: RunResources, result: Result) -> None:
    """Say what Keap has given that belongs to no order: by its invoice or payment, or in a message
    where there is neither, or an order has the payment by its own list."""
    for row in resources.keap.nameless:
        on_record = row.payment_id and resources.state.payment_records([row.payment_id])
        if on_record or not (row.invoice_id or row.payment_id):
            result.messages.append(row.problem)
            continue
        document = nameless(row)
        resources.state.history.log(result.run, document)
        result.report([document])


def _close(resources: RunResources, result: Result, status: str) -> None:
    state = resources.state
    if status in {"error", "interrupted"}:
        # What was booked before the end came is reported, though nobody got round to it.
        result.report(state.history.documents_of(result.run))
    result.note_changed(state.history.documents_of(result.run))
    result.calls = {
        "keap": resources.keap.service.usage.calls,
        "ledger": resources.ledger.usage.calls,
    }
    result.cursor = state.cursor()
    result.needs_person = state.needs_person()
    for name, usage in (("keap", resources.keap.service.usage), ("ledger", resources.ledger.usage)):
        if usage.day_left is not None:
            state.set_meta(f"calls_left_{name}", f"{usage.day_left} {resources.now():%Y-%m-%d}")
    marks.settle(state, resources.ledger.usage.server_time)
    state.history.end_run(result.run, status, result.summary())


def _check_adopted(context: RunContext) -> None:
    """Send nothing while an adoption is unfinished: what is not linked yet would be sent again."""
    if context.state.get_meta(ADOPTING):
        raise TryLater(
            "An adoption has begun and is not finished: what it has not linked yet would be sent "
            "a second time. Nothing was sent.",
            hint="Run the same invoicesync adopt again, to its end. Then sync goes on.",
            code="adoption-unfinished",
        )


class _Run:
    """One run's parts and its budget of invoices."""

    def __init__(self, context: RunContext, result: Result) -> None:
        self._context = context
        self._options = context.options
        self._result = result
        self._adoption = Adoption(context)
        matched = MatchedContacts(context)
        self._invoice_planner = InvoicePlanner(context, matched, self._adoption)
        self._invoice_sender = InvoiceSender(context, matched)
        made, renewed = self._invoice_sender.made, self._invoice_planner.renewed
        self._duplicates = Duplicates(context, made)
        self._payments = PaymentSettler(
            context, made, renewed, self._adoption, self._duplicates.settle
        )
        self._scan = Scan(context)
        self._left = context.config.sync.max_invoices or None

    def go(self) -> None:
        """Do everything that was asked for."""
        context = self._context
        if context.config.sync.mode == "off":
            self._result.messages.append('sync.mode is "off": nothing is sent to the ledger.')
            return
        progress = context.progress
        progress.phase(f"Reading {context.ledger_title}'s settings")
        # Nothing that was meant for one organisation may reach another, or be missed there (R18).
        context.preflight.check_organisation()
        if not self._options.dry_run:
            _check_adopted(context)
            context.report(recover(context.state, context.ledger, context.run, progress))
            context.report(self._duplicates.settle())
        self._result.currency = context.preflight.account.currency
        if self._options.plan:
            books = books_of(context.state, context.loaded, self._options.profile)
            self._options.plan.check(books)
            if not self._options.plan.orders:
                self._result.messages.append("The plan has no document.")
        if self._options.named:
            self._named()
            context.report(self._duplicates.settle(last=True))
            return
        progress.phase(f"Looking for changes in {context.ledger_title}")
        context.report(LedgerCheck(context, self._adoption).look())
        if self._options.only != "payments":
            self._read_orders()
        if context.sends_money:
            now = context.now()
            back = LONG_LOOK_BACK if is_due(context.state, LOOKED_BACK, now) else LOOK_BACK
            self._payments.settle_open(now - back)
            context.report(unread_charges(context))
            if not self._payments.left_over:
                note_done(context.state, LOOKED_BACK, now)
        context.report(self._duplicates.settle(last=True))

    def _named(self) -> None:
        self._context.progress.phase(READING_ORDERS)
        orders, not_found = self._orders(self._options.ids)
        self._chunk(orders)
        recorded = self._context.state.records_of(not_found, self._options.by)
        self._context.report(
            no_longer_in_keap(
                self._context.state, [item.key for item in recorded], self._result.run
            )
        )
        known = {getattr(item.document, f"{self._options.by}_id") for item in recorded}
        for typed in not_found:
            if typed in known:
                continue
            document = unknown(typed, self._options.by)
            self._context.state.history.log(self._result.run, document)
            self._context.report([document])

    def _orders(self, ids: Sequence[str]) -> tuple[list[KeapOrder], list[str]]:
        """The orders of the ids that were typed, and the ids that Keap does not know."""
        keap, state = self._context.keap, self._context.state
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

    def _read_orders(self) -> None:
        context, scan = self._context, self._scan
        for chunk in scan.chunks():
            stopped = self._chunk(chunk)
            scan.done(chunk, stopped_before=stopped)
            if stopped:
                limit = context.config.sync.max_invoices
                self._result.messages.append(
                    f"Stopped after {limit} invoices (sync.max_invoices); the next run goes on "
                    "from there."
                )
                return
        scan.finish()
        self._context.report(no_longer_in_keap(context.state, scan.missing, self._result.run))

    def _chunk(self, chunk: Sequence[KeapOrder]) -> str:
        """Judge and load a chunk; the id of the first order that the budget left over.

        Only what was created uses the budget up: otherwise a few invoices that the ledger refuses
        in every run would keep all others from ever being sent.
        """
        self._invoice_sender.made.clear()
        found = self._invoice_planner.judge(chunk)
        self._result.leave(found.unchanged)
        plans = found.plans
        self._foresee(chunk, plans)
        if self._options.plan:
            check_invoices(self._options.plan, plans)
        made: list[str] = []
        charges: list[Document] = []
        while plans:
            part = self._within_budget(plans)
            if not part:
                self._money_of_chunk(found, made, charges, plans[0].order.order_id)
                return plans[0].order.order_id
            left = plans[len(part)].order.order_id if len(part) < len(plans) else ""
            # On record before the invoices are: of those, a run that ends here knows no more.
            charges += self._failed_charges(found, left)
            received = self._invoice_sender.send(part)
            self._context.report(plan.document for plan in part)
            self._context.report(received)
            made += [plan.order.order_id for plan in part if plan.sends]
            plans = plans[len(part) :]
            if self._left is not None:
                self._left -= sum(plan.sends for plan in part)
        self._money_of_chunk(found, made, charges)
        return ""

    def _foresee(self, chunk: Sequence[KeapOrder], plans: Sequence[PlannedInvoice]) -> None:
        """Say once what a run over new orders will cost, before anything is sent."""
        if self._options.named or not self._scan.whole or self._result.forecast:
            return
        found = self._result.forecast = forecast(self._context, chunk, plans)
        if found and (found.seconds >= LONG or found.day):
            for line in in_words(found, self._context.ledger_title):
                self._context.progress.announce(line)

    def _money_of_chunk(
        self,
        found: InvoicePlans,
        made: Sequence[str],
        charges: Sequence[Document],
        before: str = "",
    ) -> None:
        """Money of the orders that are new, changed or just made, right after their invoices.

        Orders from `before` on were left for the next run, and so is their money. Of some orders
        the failed `charges` are on record already.
        """
        touched = {key: paid for key, paid in found.touched.items() if _reached(key, before)}
        state = self._context.state
        with state.transaction():
            state.note_paid(touched)
            instalments.note(state.db, found.instalments)
        if not self._context.sends_money:
            self._context.report(self._duplicates.settle())
            return
        self._payments.settle(sorted({*touched, *made}, key=int))
        self._context.report([*charges, *self._failed_charges(found, before)])

    def _failed_charges(self, found: InvoicePlans, before: str) -> list[Document]:
        """The charges that failed on the orders up to `before`, and that are not on record yet."""
        if not self._context.sends_money:
            return []
        unpaid = {key: item for key, item in found.unpaid.items() if _reached(key, before)}
        return failed_charges(self._context, unpaid)

    def _within_budget(self, plans: list[PlannedInvoice]) -> list[PlannedInvoice]:
        left = len(plans) if self._left is None else self._left
        for place, plan in enumerate(plans):
            if plan.sends and left == 0:
                return plans[:place]
            left -= plan.sends
        return plans


def _reached(order_id: str, before: str) -> bool:
    return not before or int(order_id) < int(before)
