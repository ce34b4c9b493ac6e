"""Opening what a command works with: paths, config, state, and both services."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from invoicesync_cli.auth import Credentials, Pins
from invoicesync_cli.cli.command import CURRENT, Call
from invoicesync_cli.cli.progress import waits
from invoicesync_cli.config import Config, Loaded, load, overridden
from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.http.client import Network
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.load.registry import open_ledger
from invoicesync_cli.lock import only_run
from invoicesync_cli.paths import Paths, locate
from invoicesync_cli.progress import SILENT, ProgressListener
from invoicesync_cli.services import Origins, all_origins
from invoicesync_cli.state import Store
from invoicesync_cli.state.todo import Pages
from invoicesync_cli.sync import RunResources
from invoicesync_cli.vendors import KEAP


class NotAsked:
    """Signs no request: of a run that does not ask the service."""

    def headers(self) -> dict[str, str]:
        """None. Raises `SignInNeeded`."""
        raise SignInNeeded(f"{KEAP.title} is not asked by this command.")

    def renew(self, _: Mapping[str, str]) -> bool:
        """There is nothing to renew."""
        return False


@dataclass
class Workspace:
    """The surroundings of a command: environment and network. The demo brings its own."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    network: Network = field(
        default_factory=lambda: Network(recorder=CURRENT.recorder(), waiting=waits)
    )

    def paths(self, call: Call) -> Paths:
        """Where this profile's files are."""
        return locate(call.config, call.profile, self.environ)

    def config(
        self,
        call: Call,
        options: Mapping[str, object] | None = None,
        *,
        complete: bool = True,
    ) -> Loaded:
        """The config with the given options over it. Raises `ConfigError`."""
        loaded = load(self.paths(call).config, complete=complete)
        return overridden(loaded, options) if options else loaded

    def all_origins(self) -> dict[str, Origins]:
        """Where each vendor is reached. Raises `ConfigError`."""
        return all_origins(self.environ)

    def origins(self, loaded: Loaded) -> tuple[Origins, Origins]:
        """Where Keap and the ledger are reached. Raises `ConfigError`."""
        found = self.all_origins()
        return found[KEAP.key], found[loaded.config.sync.destination]

    def credentials(
        self, call: Call, loaded: Loaded | None = None, state: Store | None = None
    ) -> Credentials:
        """What this profile signs its requests with; without `loaded`, by a config in the making.

        `state` helps to say where an earlier sign-in was put. Raises `ConfigError`.
        """
        config = (loaded or self.config(call, complete=False)).config
        put = Pins(state).stores() if state else {}
        self.all_origins()
        return Credentials(config, self.paths(call), self.network, self.environ, put)

    def pages(self, config: Config, state: Store) -> Pages:
        """Where people see the documents of this profile. Raises `ConfigError`."""
        ledger = config.sync.destination
        found = self.all_origins()
        rehearsed = any(found[name].root for name in (KEAP.key, ledger))
        return Pages(ledger, Pins(state).known(KEAP.key).id, rehearsed)

    def state(self, call: Call) -> Store:
        """The state, for a command that does more than look."""
        call.acts = True
        return Store.open(self.paths(call).state)

    @contextlib.contextmanager
    def run(
        self,
        call: Call,
        options: Mapping[str, object],
        *,
        dry_run: bool,
        progress: ProgressListener = SILENT,
        now: Callable[[], datetime] | None = None,
        asks_keap: bool = True,
    ) -> Iterator[RunResources]:
        """Everything that a run needs, under the profile's lock.

        A dry run works on a throw-away copy of the state and leaves no trace. For a run that does
        not ask Keap nobody has to be signed in there.
        """
        paths, loaded = self.paths(call), self.config(call, options)
        with contextlib.ExitStack() as stack:
            if dry_run:
                state = Store.copy(paths.state)
            else:
                stack.enter_context(only_run(paths.lock))
                state = self.state(call)
            stack.callback(state.close)
            credentials = self.credentials(call, loaded, state)
            keap, ledger = self._services(loaded, state, credentials, asks_keap=asks_keap)
            stack.callback(keap.close)
            stack.callback(ledger.close)
            yield RunResources(
                loaded,
                state,
                keap,
                ledger,
                now or self.network.timing.now,
                progress,
                None if dry_run else paths.contacts,
            )

    @contextlib.contextmanager
    def ledger(self, call: Call, loaded: Loaded | None = None) -> Iterator[Ledger]:
        """The ledger alone, to look into as soon as somebody is signed in there.

        `loaded` is a config in the making; without it, that of the file, however unfinished.
        """
        loaded = loaded or self.config(call, complete=False)
        _, where = self.origins(loaded)
        credentials = self._checked(call, loaded, where)
        tokens, account = credentials.tokens(where.vendor), credentials.account(where.vendor)
        ledger = open_ledger(loaded.config, where, self.network, tokens, account)
        with contextlib.closing(ledger):
            yield ledger

    @contextlib.contextmanager
    def keap(self, call: Call, loaded: Loaded) -> Iterator[KeapClient]:
        """Keap alone, to look into as soon as somebody is signed in there."""
        where, _ = self.origins(loaded)
        credentials = self._checked(call, loaded, where)
        with contextlib.closing(
            KeapClient(where, self.network, credentials.tokens(KEAP.key))
        ) as client:
            yield client

    @contextlib.contextmanager
    def look(self, call: Call) -> Iterator[tuple[Loaded, Store]]:
        """The config and the state, to read from while a run may be going on."""
        loaded = self.config(call)
        with Store.read(self.paths(call).state) as state:
            for where in self.origins(loaded):
                Pins(state).check_root(where)
            yield loaded, state

    @contextlib.contextmanager
    def change(self, call: Call) -> Iterator[Store]:
        """The state to change by hand, under the profile's lock."""
        loaded, paths = self.config(call), self.paths(call)
        with only_run(paths.lock), self.state(call) as state:
            for where in self.origins(loaded):
                Pins(state).pin_root(where)
            yield state

    def _checked(self, call: Call, loaded: Loaded, where: Origins) -> Credentials:
        """The credentials, unless the state is of other hosts. Raises `ConfigError`."""
        with Store.read(self.paths(call).state) as state:
            Pins(state).check_root(where)
            return self.credentials(call, loaded, state)

    def _services(
        self, loaded: Loaded, state: Store, credentials: Credentials, *, asks_keap: bool
    ) -> tuple[KeapClient, Ledger]:
        keap_at, ledger_at = self.origins(loaded)
        for where in (keap_at, ledger_at):
            Pins(state).pin_root(where)
        signed = credentials.tokens(KEAP.key) if asks_keap else NotAsked()
        keap = KeapClient(keap_at, self.network, signed)
        ledger = ledger_at.vendor
        tokens, account = credentials.tokens(ledger), credentials.account(ledger)
        return keap, open_ledger(loaded.config, ledger_at, self.network, tokens, account)
