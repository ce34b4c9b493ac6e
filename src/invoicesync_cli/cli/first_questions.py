"""The first-time questions in their order, with the sign-ins on the way."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from invoicesync_cli.auth.stores import SecretsUnavailable, check
from invoicesync_cli.cli.auth import looking, signed_in
from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.interview import Interview
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.config import Config
from invoicesync_cli.errors import InvoiceSyncError, SignInNeeded
from invoicesync_cli.load.questions import Asked, Choice, Question, kind_account, questions_of
from invoicesync_cli.services import is_loopback
from invoicesync_cli.vendors import KEAP, VENDORS, Vendor, ledgers

if TYPE_CHECKING:
    from invoicesync_cli.model import KeapAccount, LedgerFacts

T = TypeVar("T")

WELCOME = """\
These questions make the config. Enter takes what stands in [brackets]; Ctrl-C
ends, and this command goes on from what was answered. Nothing is sent to
anybody's books by it."""

MODES = (
    Choice("invoices-and-payments", "Invoices as they are made, payments as they arrive"),
    Choice("invoices", "Invoices only, without payments"),
    Choice("paid-only", "Nothing until an order is paid, then both"),
    Choice("off", "Nothing to the ledger"),
)
PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The usual port of each way to speak to a mail server."""


@dataclass
class FirstQuestions:
    """One round of the questions. `signed_in` says of each service whether somebody is."""

    call: Call
    interview: Interview
    signed_in: dict[str, bool] = field(default_factory=dict)
    _workspace: Workspace = field(default_factory=Workspace)
    _tracked: tuple[str, ...] = ()
    """What the ledger tracks sales by, as far as it could be asked."""

    def ask(self) -> None:
        """Ask everything. Raises `UsageError` and `ConfigError` as `Interview.ask` does."""
        interview = self.interview
        if not interview.terminal.no_input:
            interview.terminal.say(WELCOME)
        interview.ask_all(_what())
        self._storage()
        interview.ask_all(_keap(self._config))
        account = self._keap_account() if self._sign_in(KEAP) else None
        ledger = VENDORS[self._config().sync.destination]
        questions = questions_of(ledger.key)
        interview.ask_all(questions.app(self._config))
        facts = self._facts(ledger) if self._sign_in(ledger) else None
        if facts:
            self._tracked = tuple(dict.fromkeys(pair.category for pair in facts.tracking))
        if self._config().sync.mode != "off":
            self._currency(account, facts)
            interview.ask_all(questions.books(self._config, facts))
            self._other_accounts(facts)
            interview.ask(_due_days())
        interview.ask_all(_mail(self._config))
        interview.ask_all(_reverse(self._config))
        interview.take_rest()

    def left(self, findings: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """What there still is to do: the command, blank for none, and why."""
        return list(self._left(findings))

    def command(self, words: str) -> str:
        """A command for this profile and config."""
        options = (("--profile", self.call.profile), ("--config", self.call.config))
        given = [f" {name} {shlex.quote(value)}" for name, value in options if value]
        return f"invoicesync{''.join(given)} {words}"

    def _config(self) -> Config:
        return self.interview.draft.config

    def _left(self, findings: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        config = self._config()
        ledger = VENDORS[config.sync.destination]
        for service, there in self.signed_in.items():
            if not there:
                yield self.command(f"auth {service}"), f"Sign in to {VENDORS[service].title}."
        if any(finding["level"] == "error" for finding in findings):
            yield (
                self.command("init"),
                "Answer what is still missing; once you are signed in, this lists what there is.",
            )
        if config.notify.email != "off" and config.notify.smtp_user:
            yield (
                self.command("notify password"),
                "Keep the password of the mail server (or set INVOICESYNC_SMTP_PASSWORD).",
            )
        if config.notify.email != "off" or config.notify.ping_url:
            yield self.command("notify test"), "Send a mail or ping, to see that it arrives."
        yield self.command("doctor"), "Check every setting against both services."
        yield self.command("sync --dry-run"), "See what would be done; nothing is changed."
        if config.reverse.enabled:
            yield (
                self.command("reverse-sync --dry-run"),
                f"See which invoices made in {ledger.title} would become orders in Keap.",
            )
        yield (
            self.command("sync-id 1234"),
            f"Send one invoice, by its id in Keap as the dry run lists it, and look at it in "
            f"{ledger.title}.",
        )
        mails = " and mails what needs you" if config.notify.email != "off" else ""
        yield (
            self.command("schedule install --every 30m"),
            f"Let it run by itself: the first run carries over everything{mails}.",
        )
        yield self.command("sync"), "Or do that now, and watch it."
        if self._tracked and not config.ledger.tracked:
            listed, settings = questions_of(ledger.key).tracking
            yield (
                self.command(listed),
                f"{ledger.title} tracks sales by {', '.join(self._tracked)}: if invoices are to "
                f"have it too, choose what, and name it in {settings} (invoicesync config edit).",
            )

    # --- signing in -----------------------------------------------------------------------------

    def _storage(self) -> None:
        """Files instead of the keyring, where there is none."""
        key, terminal = "auth.storage", self.interview.terminal
        if key in self.interview.typed:
            self.interview.ask(Question(key, key))
            return
        if terminal.no_input or self._config().auth.storage == "file":
            return
        try:
            check(self._workspace.credentials(self.call, self.interview.draft.loaded).store)
        except SecretsUnavailable as error:
            terminal.say(f"\n{error.message}")
            folder = self._workspace.paths(self.call).secrets
            if terminal.agrees(
                f"Keep secrets in files that only you can read, in {folder}?", default=True
            ):
                self.interview.draft.answer(key, "file")

    def _sign_in(self, vendor: Vendor) -> bool:
        """Sign in, unless somebody is, or it is to be done later."""
        from invoicesync_cli.auth.overview import services

        terminal, loaded = self.interview.terminal, self.interview.draft.loaded
        try:
            with looking(self.call, loaded) as (credentials, pins):
                known = services(credentials, pins)[0][vendor.key]
        except InvoiceSyncError as error:
            terminal.say(f"\n{error.message} {error.hint}")
            known = {"signed_in": False, "name": "", "store": ""}
        if known["signed_in"] and not terminal.no_input:
            to = f" to {known['name']}" if known["name"] else ""
            terminal.say(f"\n{vendor.title}: signed in{to} ({known['store']}).")
        self.signed_in[vendor.key] = known["signed_in"] or self._signs_in(vendor)
        return self.signed_in[vendor.key]

    def _signs_in(self, vendor: Vendor) -> bool:
        from invoicesync_cli.auth.accounts import described

        terminal = self.interview.terminal
        section = self._config().vendor(vendor.key)
        if terminal.no_input or (section.needs_app and not section.app_id):
            return False
        terminal.say("")
        question = f"Sign in to {vendor.title} now?"
        while terminal.agrees(question, default=True):
            try:
                done = signed_in(self.call, vendor, terminal, self.interview.draft.loaded)
            except InvoiceSyncError as error:
                terminal.say(f"{error.message} {error.hint}")
                if isinstance(error, SignInNeeded) and error.code == "input-needed":
                    break
                question = "Try again?"
                continue
            terminal.say(f"Signed in to {vendor.title}: {described(done.account)}.")
            return True
        terminal.say(f"Later, then: {self.command(f'auth {vendor.key}')}")
        return False

    # --- what the services say ------------------------------------------------------------------

    def _facts(self, ledger: Vendor) -> "LedgerFacts | None":
        """The ledger's lists; None, and said why, where they cannot be had."""

        def read() -> "LedgerFacts":
            with self._workspace.ledger(self.call, self.interview.draft.loaded) as found:
                able = found.capabilities
                return found.facts(found.read_lists(dict.fromkeys((*able.lists, *able.tracking))))

        return self._tried(ledger, read)

    def _keap_account(self) -> "KeapAccount | None":
        def read() -> "KeapAccount":
            with self._workspace.keap(self.call, self.interview.draft.loaded) as keap:
                return keap.account()

        return self._tried(KEAP, read)

    def _tried(self, vendor: Vendor, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InvoiceSyncError as error:
            self.interview.terminal.say(
                f"\n{vendor.title} cannot be asked just now, so nothing is checked against it: "
                f"{error.message} {error.hint}"
            )
            return None

    def _currency(self, account: "KeapAccount | None", facts: "LedgerFacts | None") -> None:
        """Keap's currency, as it says itself, to be confirmed."""
        terminal, key = self.interview.terminal, "keap.currency"
        found = account.currency if account else ""
        said = f"Keap sells in {found}" if found else "Keap does not say yet what it sells in"
        if facts:
            said += f"; the books of {facts.organisation} are kept in {facts.currencies[0]}"
        self.interview.ask(
            Question(
                key,
                "Which currency are Keap's invoices in?",
                choices=(
                    Choice("auto", f"{found}, as Keap says" if found else "As Keap says"),
                    *map(Choice, ("AUD", "EUR", "GBP", "NZD", "USD")),
                ),
                explain=f"{said}.",
                closed=True,
            )
        )
        chosen: str = self._config().keap.currency
        chosen = found if chosen == "auto" else chosen
        if facts and chosen and chosen not in facts.currencies:
            terminal.say(
                f"Warning: the books have no {chosen}, so every invoice would be held "
                "(currency-differs)."
            )

    def _other_accounts(self, facts: "LedgerFacts | None") -> None:
        """Accounts of their own for single kinds of payment."""
        interview, terminal = self.interview, self.interview.terminal
        if not self._config().sends_payments:
            return
        table = "payments.accounts."
        for key in [key for key in interview.typed if key.startswith(table)]:
            interview.ask(kind_account(facts, key.removeprefix(table)))
        if terminal.no_input:
            return
        terminal.say("")
        if not terminal.agrees(
            "Do some payments go to another account, as those by a card processor?",
            default=False,
        ):
            return
        while name := terminal.answer(
            "Keap's payment type or merchant account, such as Stripe; Enter when done: "
        ):
            interview.ask(kind_account(facts, name))


def _what() -> Iterator[Asked]:
    yield Question(
        "sync.destination",
        "Where do Keap's invoices go to?",
        choices=[Choice(key, VENDORS[key].product, (VENDORS[key].title,)) for key in ledgers()],
        closed=True,
    )
    yield Question("sync.mode", "What is carried over?", choices=MODES, closed=True)
    yield Question(
        "sync.start",
        "From where on? first, an invoice id, or a date such as 2026-01-31",
        explain="If another program or somebody by hand has carried over Keap's invoices so far, "
        "give the day after the last one: what is in the books already must not come twice.",
        reads=lambda typed: f"id:{typed}" if typed.isascii() and typed.isdigit() else typed,
    )


def _keap(config: Callable[[], Config]) -> Iterator[Asked]:
    yield Question(
        "keap.sign_in",
        "How do you sign in to Keap?",
        choices=(
            Choice("api-key", "With a key, made in Keap under Settings > API Settings"),
            Choice("oauth", "In a browser, with an app of your own"),
        ),
        closed=True,
    )
    if config().keap.sign_in == "oauth":
        yield Question(
            "keap.client_id",
            "Client id of your Keap app",
            explain=f"Make an app at {KEAP.oauth.app_page}.",
        )
        yield Question(
            "keap.redirect_uri",
            "Its redirect address",
            explain="An https page of yours; you paste its address back after the sign-in.",
        )


def _due_days() -> Question:
    return Question(
        "invoices.due_days",
        "After how many days is an invoice due?",
        explain="One that is paid at once is due that day, one with a payment plan on its last.",
    )


def _reverse(config: Callable[[], Config]) -> Iterator[Asked]:
    yield Question(
        "reverse.enabled",
        "Shall invoices made in the ledger become orders in Keap, in scheduled runs?",
        choices=(
            Choice("false", "No", words=("n",), shown="No"),
            Choice(
                "true",
                "No payments do, and no card is ever charged",
                words=("yes", "y"),
                shown="Yes",
            ),
        ),
        closed=True,
    )
    if config().reverse.enabled:
        yield Question(
            "reverse.start",
            "Those dated from which day on? Such as 2026-12-01",
            explain="It is a start of its own: sync.start is for the way from Keap.",
        )


def _mail(config: Callable[[], Config]) -> Iterator[Asked]:
    yield Question(
        "notify.email",
        "Shall it send mail after scheduled runs?",
        choices=(
            Choice("off", "No"),
            Choice("problems", "When something newly needs a person, or a run failed (advised)"),
            Choice("daily", "Once a day"),
        ),
        default="problems",
        closed=True,
    )
    if config().notify.email == "off":
        return
    yield Question("notify.to", "To which address?")
    yield Question("notify.from", "From which address?", default=config().notify.to)
    yield Question("notify.smtp_host", "Which mail server sends it? Such as smtp.example.com")
    before = config().notify
    local = is_loopback(before.smtp_host)
    open_to_others = not local and before.smtp_security == "none"
    yield Question(
        "notify.smtp_security",
        "How is it spoken to?",
        choices=(
            Choice("starttls", "Encrypted from the first command on (STARTTLS)"),
            Choice("tls", "Encrypted at once (TLS)"),
            Choice("none", "Not encrypted, for a server on this machine"),
        ),
        default="none" if local else "",
        instead="starttls" if open_to_others else "",
        closed=True,
    )
    was_usual = before.smtp_port == PORTS[before.smtp_security]
    yield Question(
        "notify.smtp_port",
        "On which port?",
        instead=str(PORTS[config().notify.smtp_security]) if was_usual else "",
    )
    yield Question("notify.smtp_user", "User name at the mail server", blank="it wants none")
