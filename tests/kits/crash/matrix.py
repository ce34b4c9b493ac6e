"""Plays a scenario with harm done to it, and holds the books against an undisturbed run's."""

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from invoicesync_cli.errors import InvoiceSyncError, SignInNeeded
from invoicesync_cli.sync import Result
from tests.kits.bookkeepers import LEDGERS, Books
from tests.kits.bookkeeping import Memory
from tests.kits.crash.books import books as books_of
from tests.kits.crash.books import differences, records
from tests.kits.crash.harm import WAYS, Killed, Position
from tests.kits.crash.process import Process
from tests.kits.crash.scenarios import SCENARIOS, Act
from tests.kits.crash.snapshot import copied

MINUTE, WEEK = 60.0, 7 * 86_400.0
KEY_LIFE = 30 * MINUTE
"""Longer than either ledger knows a key in these tests."""
MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files that need no disk
MOST_RUNS = 30
"""After so many runs nothing may be left to be done."""


@dataclass(frozen=True)
class Aftermath:
    """When it is run again, on a ledger with that memory for keys, and whether a scheduled run
    comes before the same command."""

    name: str
    seconds: float = 0.0
    memory: Memory = "long"
    scheduled_first: bool = False


AFTERMATHS = {
    item.name: item
    for item in (
        Aftermath("at once"),
        Aftermath("after the key's life", KEY_LIFE),
        Aftermath("after a week", WEEK),
        Aftermath("after a scheduled run", MINUTE, scheduled_first=True),
        Aftermath("at once, only the last key known", memory="last"),
        Aftermath("at once, keys forgotten", memory="never"),
    )
}


Done = TypeVar("Done")
Left = tuple[Counter[str], dict[str, str]]
"""What is in the books, and what the state says."""


@dataclass(frozen=True)
class Outcome:
    """What a play came to: the books and the state in the end, and what went wrong on the way.

    `struck` says whether everything that was planned has happened. `left` is what the command left
    behind, at its first attempt.
    """

    first: Process
    left: Left
    struck: bool
    books: Counter[str]
    records: dict[str, str]
    exit_code: int | None
    problems: list[str]

    def against(self, undisturbed: "Outcome") -> list[str]:
        """What is otherwise than in the undisturbed run, in words; nothing where all is well."""
        found = [item for item in self.problems if item not in undisturbed.problems]
        found += [f"books: {item}" for item in differences(undisturbed.books, self.books)]
        found += [f"state: {item}" for item in differences(undisturbed.records, self.records)]
        if self.exit_code != undisturbed.exit_code:
            found.append(f"exit code {undisturbed.exit_code} became {self.exit_code}")
        return found


class Matrix:
    """Everything that can happen to one scenario on one ledger. Used in a `with`."""

    def __init__(self, scenario: str, ledger: str) -> None:
        self.name = f"{scenario} / {ledger}"
        self._scenario, self._ledger = SCENARIOS[scenario], ledger
        between = self._scenario.between
        self.memories = LEDGERS[ledger].memories
        self.aftermaths = [
            item
            for item in AFTERMATHS.values()
            if item.memory in self.memories and (between or not item.scheduled_first)
        ]
        self._prepared: dict[Memory, Books] = {}
        self._undisturbed: dict[str, Outcome] = {}

    def __enter__(self) -> "Matrix":
        # In memory, where there is such a place: nobody waits for a disk.
        memory = MEMORY if MEMORY.is_dir() else None
        self._folder = Path(tempfile.mkdtemp(prefix="crash-", dir=memory))
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder)

    def undisturbed(self, aftermath: Aftermath) -> Outcome:
        """What the scenario comes to when nothing happens."""
        if aftermath.name not in self._undisturbed:
            self._undisturbed |= dict(self._play([aftermath]))
        return self._undisturbed[aftermath.name]

    def positions(self, aftermath: Aftermath) -> list[Position]:
        """Every place at which something can happen to the process, found by running it."""
        counted = self.undisturbed(aftermath).first.counted
        return [
            Position(what, at, how)
            for what, ways in WAYS.items()
            for at in range(1, counted[what] + 1)
            for how in ways
        ]

    def different(self, aftermath: Aftermath) -> list[Position]:
        """The positions but for those that are the same as another: at a request that only reads,
        or before what follows it, a process that ends leaves the same behind. Where several batches
        are on their way, nobody knows what follows what.
        """
        found: dict[object, Position] = {}
        left = self.undisturbed(aftermath).first.left_behind()
        for position in self.positions(aftermath):
            same = left.get(position) if self._scenario.small else None
            found.setdefault(same or position, position)
        return list(found.values())

    def wrong(
        self, first: Position, aftermaths: Collection[Aftermath], second: Position | None = None
    ) -> Iterator[tuple[str, bool, list[str]]]:
        """Play with harm done to the command and, with `second`, to the one that goes on.

        For each aftermath: what was played, whether all of that has happened, and what came out
        wrong. Aftermaths of one play have the same memory for keys.
        """
        for name, outcome in self._play(aftermaths, first, second):
            harm = [str(one) for one in (first, second) if one]
            played = " / ".join([self.name, name, *harm])
            yield played, outcome.struck, outcome.against(self.undisturbed(AFTERMATHS[name]))

    def _play(
        self,
        aftermaths: Iterable[Aftermath],
        first: Position | None = None,
        second: Position | None = None,
    ) -> Iterator[tuple[str, Outcome]]:
        """Play from the shop as it was to the run that finds nothing left to do.

        The first process is played once, and all that can follow from where it left off.
        """
        aftermaths = list(aftermaths)
        with self._scenario.batches(self._ledger), self._home() as home:
            books = copied(self._ready(aftermaths[0].memory), home / "first")
            played = _Played(books, self._scenario.command)
            process = played.process(first)
            left = books_of(books.shop), records(books.shop)
            for number, aftermath in enumerate(aftermaths):
                then = copied(books, home / str(number))
                later = _Played(then, self._scenario.command, [*played.problems])
                outcome = later.outcome(process, left, aftermath, second)
                yield aftermath.name, outcome
                lived = first is not None and first.how == "lost"
                if lived and not second and left == self.undisturbed(aftermath).left:
                    # It came to its end as if nothing had happened, and so does what follows.
                    return

    def _ready(self, memory: Memory) -> Books:
        if memory not in self._prepared:
            home = self._folder / f"prepared-{memory}"
            self._prepared[memory] = self._scenario.prepared(home, self._ledger, memory)
        return self._prepared[memory]

    @contextmanager
    def _home(self) -> Iterator[Path]:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        yield folder
        shutil.rmtree(folder)


class _Played:
    """One shop in which a command is run until it is done."""

    def __init__(self, books: Books, command: Act, problems: list[str] | None = None) -> None:
        self._books, self._command = books, command
        self.problems = problems or []
        self._processes: list[Process] = []
        self._sign_ins = 0

    def process(self, planned: Position | None) -> Process:
        """The command, with harm done to its process."""
        process = Process(planned)
        self._processes.append(process)
        with process.of(self._books):
            try:
                self._signed_in(lambda: self._command(self._books))
            except Killed:
                pass
            except InvoiceSyncError as error:
                if not process.struck:
                    self.problems.append(f"without harm it ended by {error}")
        self.problems += [f"the ledger had it already: {words!r}" for words in process.twice]
        return process

    def outcome(
        self, first: Process, left: Left, aftermath: Aftermath, planned: Position | None
    ) -> Outcome:
        """The command again, after a while, and then runs until nothing is left to do."""
        shop = self._books.shop
        self._processes.append(first)
        shop.ticker.pass_time(aftermath.seconds)
        if aftermath.scheduled_first:
            self._scheduled()
        second = self.process(planned)
        if planned:
            shop.ticker.pass_time(aftermath.seconds)
            self.process(None)
        exit_code = self._until_quiet()
        struck = all(one.struck for one in (first, second) if one.planned)
        return Outcome(first, left, struck, books_of(shop), records(shop), exit_code, self.problems)

    def _until_quiet(self) -> int | None:
        """The exit code of the run that finds nothing left to do."""
        before = books_of(self._books.shop)
        for _ in range(MOST_RUNS):
            result = self._scheduled()
            after = books_of(self._books.shop)
            if result is None:
                return None
            if after == before:
                return int(result.exit_code)
            before = after
        self.problems.append("there is always more to do")
        return None

    def _scheduled(self) -> Result | None:
        try:
            return self._signed_in(self._books.shop.sync)
        except InvoiceSyncError as error:
            self.problems.append(f"a run without harm ended by {error}")
            return None

    def _signed_in(self, work: Callable[[], Done]) -> Done:
        """Do something; where an answer with new tokens was lost, somebody may have to sign in.

        Intuit replaces its refresh token about once a day, and the older value stops working. If
        that answer is lost no program can sign in any more, and the right end is to say so.
        """
        try:
            return work()
        except SignInNeeded as error:
            lost = sum(process.renewal_lost for process in self._processes)
            if error.code != "sign-in-expired" or lost <= self._sign_ins:
                raise
            self._sign_ins += 1
            self._books.shop._sign_in()
            return work()


def matrices() -> list[Matrix]:
    """One for each scenario and ledger."""
    return [
        Matrix(scenario.name, ledger)
        for scenario in SCENARIOS.values()
        for ledger in scenario.ledgers
    ]


def drawn(matrix: Matrix, chance: random.Random) -> tuple[Position, Aftermath, Position]:
    """A pair: harm done to the command, and to the one that goes on."""
    aftermath = chance.choice(matrix.aftermaths)
    positions = matrix.positions(aftermath)
    return chance.choice(positions), aftermath, chance.choice(positions)
