"""Two machines, each with a state of its own, that keep the same books from the same shop."""

import copy
import gc
import random
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.sync import Result
from tests.kits.desktop_wire import wire
from tests.kits.rehearsal import Rehearsal

App = Callable[..., Iterable[bytes]]


def second_machine(first: Rehearsal, home: Path) -> Rehearsal:
    """Another machine with a copy of everything that the first has in its home folder: a backup
    that was restored, or a disk that was copied."""
    shutil.copytree(first.home, home)
    other = copy.copy(first)
    other.home = home
    other.environ = {**first.environ, "INVOICESYNC_HOME": str(home)}
    other.network = copy.copy(first.network)
    return other


@dataclass
class Turns:
    """Lets the requests of machines through one at a time, in an order that a seed decides."""

    seed: int
    waiting: list[int] = field(default_factory=list)
    turn: int = 0
    lock: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - no secret

    def place(self, machine: int, app: App) -> App:
        """A service as a machine reaches it."""

        def ask(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            with self.lock:
                self.lock.wait_for(lambda: self.turn == machine)
                answer = list(app(environ, start))
                self._pass_on()
                return answer

        return ask

    def leave(self, machine: int) -> None:
        """A machine makes no more requests."""
        with self.lock:
            self.waiting.remove(machine)
            self._pass_on()

    def _pass_on(self) -> None:
        if self.waiting:
            self.turn = self._dice.choice(self.waiting)
        self.lock.notify_all()


def together(
    machines: Sequence[Rehearsal],
    seed: int,
    run: Callable[[Rehearsal], Result] = Rehearsal.sync,
) -> list[int]:
    """A run on each machine at the same time, their requests in an order that a seed decides: the
    exit codes."""
    turns = Turns(seed, list(range(len(machines))))
    ended = [-1] * len(machines)
    # What lies about is not to be cleared away by another thread than the one that made it.
    gc.collect()

    def work(number: int, machine: Rehearsal) -> None:
        try:
            ended[number] = run(machine).exit_code
        except InvoiceSyncError as error:
            ended[number] = error.exit_code
        finally:
            turns.leave(number)

    before = [machine.network for machine in machines]
    threads = []
    for number, machine in enumerate(machines):
        apps = machine.network.apps
        placed = {at: turns.place(number, app) for at, app in apps.items()}
        machine.network = replace(machine.network, apps=placed)
        wire(machine, turns.place(number, machine.qbd))
        threads.append(threading.Thread(target=work, args=(number, machine)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for machine, network in zip(machines, before, strict=True):
        machine.network = network
    return ended
