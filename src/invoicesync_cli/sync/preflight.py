"""What a run has to know of both sides before it can judge anything, in few calls."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from invoicesync_cli.auth.accounts import Account
from invoicesync_cli.auth.pins import Pins
from invoicesync_cli.config import Loaded
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.load.ledger import Ledger, WriteResult
from invoicesync_cli.model import KeapAccount, LedgerSettings, Merchants, NewItem, Payment, Reason
from invoicesync_cli.state import Store
from invoicesync_cli.state.codec import Texts, dump, dump_said, load, load_said
from invoicesync_cli.sync.batches import Batches, BatchItem
from invoicesync_cli.transform.accounts import Items
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.vendors import KEAP

ACCOUNT_FRESH = timedelta(hours=12)
"""How long Keap's currency and time zone are taken as read; every answer says whose they are."""


@dataclass(frozen=True)
class KeptAccount:
    """The Keap account as it was read `at` a time; an older version did not keep its `tenant`."""

    at: datetime
    company: str
    currency: str
    time_zone: str
    tenant: str = ""


def time_zone(name: str) -> ZoneInfo:
    """A time zone of Keap's. Raises `ConfigError` for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"Keap's time zone {name!r} is not known on this machine.",
            hint="Choose a city's time zone in Keap under Settings, or upgrade the package "
            "tzdata on this machine.",
            code="time-zone-unknown",
        ) from None


class Preflight:
    """Keap's account and the ledger's setup lists.

    The lists are kept in the state. Kept ones are good enough to see that nothing has changed for
    a held document; before anything is sent, or decided by a list, that list is read again.
    """

    def __init__(
        self,
        state: Store,
        keap: KeapClient,
        ledger: Ledger,
        loaded: Loaded,
        now: Callable[[], datetime],
    ) -> None:
        self._state = state
        self._keap = keap
        self._ledger = ledger
        self._loaded = loaded
        self._now = now
        self._pins = Pins(state)
        self._identified = False
        self._fresh: set[str] = set()
        self._lists = load_said(state.get_meta("ledger_lists") or "{}")
        self._rules: DraftSettings | None = None
        self._account: KeapAccount | None = None
        self._merchants: Merchants | None = None

    @property
    def account(self) -> KeapAccount:
        """The Keap account; pinned to this profile on its first run."""
        if self._account is None:
            self._account = self._kept_account() or self._read_account()
            self._keap.tenant = self._account.tenant
        return self._account

    @property
    def zone(self) -> ZoneInfo:
        """The Keap account's time zone. Raises `ConfigError` for one this machine does not know."""
        try:
            return time_zone(self.account.time_zone)
        except ConfigError:
            # What is put right in Keap counts from the next run on.
            self._state.set_meta("keap_account", "")
            raise

    @property
    def first_day(self) -> date | None:
        """The day that sync.start names, None for another kind of start."""
        try:
            return date.fromisoformat(self._loaded.config.sync.start)
        except ValueError:
            return None

    def rules(self) -> DraftSettings:
        """Everything that drafts depend on. Raises `ConfigError` when the config does not fit."""
        if self._rules is None:
            config = self._loaded.config
            ledger = self._ledger_settings()
            chosen = config.keap.currency
            self._rules = DraftSettings(
                config=config,
                ledger=ledger,
                items=Items(
                    ledger.facts.items,
                    by_name=ledger.items is not None and ledger.items.matched == "name",
                ),
                zone=self.zone,
                keap_currency=self.account.currency if chosen == "auto" else chosen,
                merchants=self._merchants or Merchants(),
            )
        return self._rules

    def lock_date(self) -> date | None:
        """The last day of the ledger's closed period, by fresh lists; None while none is closed."""
        self.refresh(self.stale({Reason.PERIOD_LOCKED}, sends=False))
        return self._ledger.facts(self._lists).lock_date

    def know_merchants(self, payments: Iterable[Payment]) -> None:
        """Read the names of Keap's merchant accounts once, where an account may hang on one."""
        named = self._loaded.config.payments.accounts
        if self._merchants is None and named and any(item.merchant_account_id for item in payments):
            self._merchants = self._keap.merchants()
            self._rules = None

    def stale(self, reasons: Collection[Reason], *, sends: bool) -> list[str]:
        """The lists that have to be read again before these verdicts can stand."""
        capabilities = self._ledger.capabilities
        needed = set(capabilities.lists) if sends else set()
        for reason in reasons:
            needed.update(capabilities.lists_for.get(reason, ()))
        return sorted(needed - self._fresh)

    def make_item(self) -> None:
        """Make the item for lines that match no other, once, and read the items again.

        An item's name is its own: one that is there already is taken, not made twice.
        Raises `ConfigError` with the ledger's words when it would not have it.
        """
        routing = self.rules().ledger.items
        if routing is None or routing.income is None or routing.unmatched.id:
            return
        item = NewItem(routing.unmatched.name, routing.income)
        refused: list[WriteResult] = []

        def settle(_: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
            refused.extend(sent for sent in sents if sent.id is None and not sent.unclear)

        batches = Batches(self._state, self._ledger, "", self._now)
        element = BatchItem(f"item/{item.name}", item.name, item)
        batches.send("item", [element], before=_nothing, settle=settle, undo=_nothing)
        self.refresh(self._ledger.capabilities.lists_for[Reason.ITEM_MISSING])
        made = self.rules().ledger.items
        if made is None or not made.unmatched.id:
            words = " ".join(sent.words for sent in refused) or "the ledger does not show it"
            hint = "Make a service item of that name in the ledger, or name another one."
            if any(sent.taken for sent in refused):
                # What is not shown for sale keeps its name all the same.
                hint = "Make the item of that name active again in the ledger, or name another one."
            raise ConfigError(
                f"The item {item.name!r}, for lines that match no other, could not be made: "
                f"{words}",
                hint=hint,
                code="item-missing",
            )

    def check_organisation(self) -> None:
        """Ask whose ledger it is, once. Raises `SignInNeeded` for another organisation."""
        if not self._identified:
            self.refresh(self._ledger.capabilities.identity)

    def refresh(self, names: Collection[str]) -> None:
        """Read lists again and keep them. Raises `SignInNeeded` for another organisation."""
        self._lists |= self._ledger.read_lists(names)
        self._fresh.update(names)
        self._rules = None
        facts = self._ledger.facts(self._lists)
        capabilities = self._ledger.capabilities
        known = self._pins.known(self._loaded.config.sync.destination)
        kept = [name for name in capabilities.lists if name not in self._fresh]
        if facts.organisation_id != known.id and kept:
            # What was kept, its name too, is not of the organisation that answers.
            self._lists |= self._ledger.read_lists(kept)
            self._fresh.update(kept)
            facts = self._ledger.facts(self._lists)
        account = Account(facts.organisation_id, facts.organisation)
        self._pins.keep_books(self._loaded.config.sync.destination, account)
        self._identified |= self._fresh.issuperset(capabilities.identity)
        self._state.set_meta("ledger_lists", dump_said(self._lists))

    def notices(self) -> list[str]:
        """What of the ledger's settings a person should know and has not read yet; nothing where
        the settings were of no use."""
        if self._rules is None:
            return []
        known = load(Texts, self._state.get_meta("notices") or "[]")
        now = tuple(self._ledger.notices)
        if now != known:
            self._state.set_meta("notices", dump(Texts, now))
        return [notice for notice in now if notice not in known]

    def _ledger_settings(self) -> LedgerSettings:
        missing = [name for name in self._ledger.capabilities.lists if name not in self._lists]
        if missing:
            self.refresh(missing)
        try:
            return self._ledger.settings(self._lists, self._loaded)
        except ConfigError:
            # The kept lists may be older than what the config now names.
            stale = self.stale((), sends=True)
            if not stale:
                raise
            self.refresh(stale)
            return self._ledger.settings(self._lists, self._loaded)

    def _kept_account(self) -> KeapAccount | None:
        text = self._state.get_meta("keap_account")
        kept = load(KeptAccount, text) if text else None
        if kept is None or not kept.tenant:
            return None
        if not timedelta(0) <= self._now() - kept.at < ACCOUNT_FRESH:
            return None
        return KeapAccount(kept.tenant, kept.company, kept.currency, kept.time_zone)

    def _read_account(self) -> KeapAccount:
        self._keap.tenant = self._pins.known(KEAP.key).id
        account = self._keap.account()
        self._pins.pin(KEAP.key, Account(account.tenant, account.company))
        kept = KeptAccount(self._now(), **asdict(account))
        self._state.set_meta("keap_account", dump(KeptAccount, kept))
        return account


def _nothing(_: Sequence[BatchItem]) -> None:
    """An item has no record of its own: its name finds it again."""
