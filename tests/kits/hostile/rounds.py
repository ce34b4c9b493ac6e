"""Playing scenes with hostile answers, and judging what is in the books afterwards.

The oracle: no command ends with a bug or a traceback. After a command whose answers made no sense
the books hold nothing that they don't hold in a scene without them. Once the same command is typed
again, and `sync` and `retry`, the books and the records are what they are there, to the last field;
three things are tolerated and counted (`TOLERATED`).
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from invoicesync_cli.errors import ExitCode
from tests.kits.hostile.answers import Change, Menu
from tests.kits.hostile.between import DoesNotEnd, Tampering
from tests.kits.hostile.memory import Share
from tests.kits.hostile.scenes import OF_SERVICE, SCENES, SETTINGS, Scene, Step
from tests.kits.hostile.worlds import (
    ACCOUNT,
    DUE,
    MADE,
    REFERENCE,
    WORDS,
    Books,
    Ran,
    World,
    without_lines,
)

ORDERLY = {0, 3, 4, 5, 6, 7}
"""Exit codes of a command whose services answer nonsense."""
SHARES = {
    "keap": (0.15, 0.4, 0.8),
    "xero": (0.15, 0.4, 0.8),
    "qbo": (0.15, 0.4, 0.8),
    "identity": (0.5, 1.0),
}
"""How many of a command's answers are hostile."""
CRASHES = ("exit", "traceback", "does not end")
WRONG, BOOKS_DIFFER = "wrong booking", "books or records differ"
"""What findings are called."""
LEFT_OPEN = "left open"
"""A document is missing, or its money, and is held or failed: a person sees it in `todo`. So it is
when a ledger itself says that it booked another total, or that a note is in an unknown state."""
KEAPS_WORD = "as Keap said"
"""Keap said something else, in the type that is due: then that is what is booked. Names and
descriptions are as they came; an invoice is due on another day, as a payment that could not be read
would have made it paid at once (R3), which the run says. A payment is in the account that the
settings have for the way of paying and the merchant that Keap said, and bears the reference that
Keap said. A charge that failed is known as Keap said it, or not at all. No figure differs but by a
field in `MEANT`, and of that either a record is held or `verify` tells the difference."""
LEDGERS_WORD = "as the ledger said"
"""QuickBooks said in a command's answers that it takes no shipping or discount line: then postage,
or what is taken off, is a line with an item (R5). All but the lines of invoices is as it should
be. Or Xero said that it has no items: then what an item would be sold on is on the account of all
other lines (R5). Or a ledger gave an invoice another number, or a person other words (`NAMED`). Or
it said again and again that what `undo` wants to take back is not there: then `verify` finds it."""
TOLERATED = {LEFT_OPEN, KEAPS_WORD, LEDGERS_WORD}
SAID = ("SalesFormsPrefs.AllowShipping", "SalesFormsPrefs.AllowDiscount")
"""The settings that say so, where they are `false`."""
NO_ITEMS = Change("Items", "list")
"""What says that Xero has none: the list is there, and nothing in it."""
MEANT = {
    ("orders", "item_type"),
    ("orders", "sku"),
    ("orders", "taxable"),
    ("payments", "amount"),
    ("payments", "type"),
    ("payments", "status"),
    ("payments", "payment_time"),
    ("payments", "refund_payment_id"),
    ("invoice_order_payments", "amount"),
    ("invoice_order_payments", "pay_status"),
    ("invoice_order_payments", "payment_id"),
    ("invoice_order_payments", "refund_invoice_payment_id"),
}
"""Fields of Keap's lists that a figure hangs on."""
NAMED = {
    *("DocNumber", "InvoiceNumber", "DisplayName", "Name", "CompanyName", "ContactName"),
    *("GivenName", "FamilyName", "FirstName", "LastName"),
    *("PrimaryEmailAddr", "Address", "EmailAddress"),
}
"""Fields of a ledger that number an invoice, or name a person."""
ACCOUNTED = {
    ("payments", "payment_method_type"),
    ("payments", "merchant_account_id"),
    ("merchant_accounts", "id"),
    ("merchant_accounts", "name"),
}
"""The fields that the account of a payment hangs on, beside the list of merchants as a whole."""
REFERENCED = {("payments", "external_transaction_id")}
"""The field that a payment's reference is."""
Records = dict[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True)
class Undisturbed:
    """A scene without hostile answers: exit code, books and records after every step."""

    codes: tuple[int, ...]
    books: tuple[Books, ...]
    records: tuple[Records, ...]


@dataclass
class Finding:
    """What went wrong: in which step, after which answers."""

    seed: int
    scene: str
    command: str
    what: str
    changes: list[str]
    evidence: str = ""

    def __str__(self) -> str:
        done = "\n    ".join(self.changes)
        return (
            f"{self.what}: {self.scene}, {self.command} (seed {self.seed})\n    {done}\n"
            f"{self.evidence}"
        )


@dataclass
class Tally:
    """What was tried and found."""

    answers: int = 0
    commands: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    tolerated: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    plays: int = 0

    def found(self, *kinds: str) -> int:
        """How many findings are of these kinds."""
        return sum(one.what.startswith(kinds) for one in self.findings)


@cache
def undisturbed(scene: Scene) -> Undisturbed:
    """Play a scene as it is."""
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    codes, books, records = [], [], []
    for step in scene.steps:
        enter(world, step)
        codes.append(world.type(words(world, step)).code)
        assert codes[-1] in ORDERLY, (step, codes)
        books.append(world.books())
        records.append(world.records())
    world.close()
    return Undisturbed(tuple(codes), tuple(books), tuple(records))


def enter(world: World, step: Step) -> None:
    """The day of a step comes, and people enter what they enter."""
    world.day(step.day)
    step.enter(world)


def words(world: World, step: Step) -> str:
    """The command with the ids in it."""
    line = step.command.replace("{to}", world.to).replace("{settings}", SETTINGS[world.to])
    for name, ident in world.ids.items():
        line = line.replace(f"{{{name}}}", ident)
    return line


class Rounds:
    """Hostile answers of one service in its scenes, everything in turn."""

    def __init__(
        self, service: str, seed: int, hear: Callable[[Finding], object] = lambda _: None
    ) -> None:
        self.service = service
        self.hear = hear
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.scenes = [SCENES[name] for name in OF_SERVICE[service]]
        self.menus: dict[str, Menu] = {}
        self.memory = Share()
        self.kinds: Counter[str] = Counter()
        self.tally = Tally()
        self.seed = seed

    def play(self, count: int) -> Tally:
        """Play scenes until so many answers were hostile."""
        while self.tally.answers < count:
            for scene in self.scenes:
                if self.tally.answers < count:
                    self.tally.plays += 1
                    self._scene(scene, count)
        return self.tally

    def _scene(self, scene: Scene, count: int) -> None:
        tampering = Tampering(
            self.service, self.chance, self.menus, memory=self.memory, kinds=self.kinds
        )
        usual = undisturbed(scene)
        world = scene.world(tampering)
        try:
            for number, step in enumerate(scene.steps):
                enter(world, step)
                if self.tally.answers < count and not self._step(scene, usual, world, number):
                    return
                if self.tally.answers >= count:
                    return
        finally:
            world.close()

    def _step(self, scene: Scene, usual: Undisturbed, world: World, number: int) -> bool:
        """One step, hostile and then as it is. Gives whether the scene can go on."""
        step, tampering = scene.steps[number], world.tampering
        line = words(world, step)
        found: list[tuple[str, str]] = []
        tampering.arm(self.chance.choice(SHARES[self.service]))
        try:
            ran = world.type(line)
        except DoesNotEnd as error:
            ran = Ran(1, "", "")
            found.append(("does not end", str(error)))
        tampering.disarm()
        self.tally.commands += 1
        self.tally.answers += len(tampering.changes)
        self.tally.codes[ran.code] += 1
        found += self._judge(ran, line)
        if tampering.changes:
            found += self._too_much(usual, world, number)
        if ran.code == ExitCode.SIGN_IN and not step.changes:
            self._type_again(world, line)
        if not found:
            found += self._repaired(usual, world, number, line)
        for what, evidence in found:
            if what in TOLERATED:
                self.tally.tolerated[what] += 1
                continue
            finding = Finding(self.seed, scene.name, line, what, list(tampering.done), evidence)
            self.tally.findings.append(finding)
            self.hear(finding)
        return not found

    @staticmethod
    def _judge(ran: Ran, line: str) -> Iterator[tuple[str, str]]:
        said = f"{ran.out[-1500:]}\n{ran.err[-3000:]}"
        if ran.code not in ORDERLY:
            yield f"exit {ran.code}", said
        if "Traceback" in ran.out + ran.err:
            yield "traceback", said
        if "--json" in line:
            json.loads(ran.out)

    def _too_much(self, usual: Undisturbed, world: World, number: int) -> Iterator[tuple[str, str]]:
        before = usual.books[number - 1] if number else Counter[tuple[str, ...]]()
        allowed = self._figures(before, world) | self._figures(usual.books[number], world)
        more = self._figures(world.books(), world) - allowed
        if more:
            what = KEAPS_WORD if self._meant(world) and self._told(usual, world, number) else WRONG
            yield what, "\n".join(map(str, more))

    def _repaired(
        self, usual: Undisturbed, world: World, number: int, line: str
    ) -> Iterator[tuple[str, str]]:
        """The same once more without hostile answers."""
        for again in (line, line if "reverse" in line else "sync", "retry"):
            if not self._same(usual, world, number):
                self._type_again(world, again)
                world.r.ticker.pass_time(self.chance.choice([1, 60, 600]))
        wanted, there = usual.books[number], world.books()
        records, due = world.records(), usual.records[number]
        differing = _differing(self._known(records, world), self._known(due, world))
        lines = [*(f"- {row}" for row in wanted - there), *(f"+ {row}" for row in there - wanted)]
        lines += [f"{key}: {row}" for key, row in _differing(records, due).items()]
        if differing and not there - wanted and all(map(_in_sight, differing.values())):
            yield LEFT_OPEN, "\n".join(lines)
        elif (
            lines and line.startswith("undo") and self._still_there(usual, world, number, differing)
        ):
            yield LEDGERS_WORD, "\n".join(lines)
        elif lines and self._as_was_said(usual, world, number, alike=not differing):
            yield KEAPS_WORD if self.service == "keap" else LEDGERS_WORD, "\n".join(lines)
        elif lines:
            yield BOOKS_DIFFER, "\n".join(lines)

    def _still_there(
        self, usual: Undisturbed, world: World, number: int, differing: Mapping[Any, Any]
    ) -> bool:
        """Whether a ledger has something of before that it said it has not, and `verify` finds
        that."""
        wanted, there, before = usual.books[number], world.books(), usual.books[number - 1]
        if self.service == "keap" or differing or wanted - there or there - (wanted | before):
            return False
        return world.type("verify").code == ExitCode.DIFFERENCES

    def _as_was_said(self, usual: Undisturbed, world: World, number: int, *, alike: bool) -> bool:
        """Whether a service has said it so: the records are `alike` and so are the figures, or one
        of Keap's fields has meant something else, and somebody sees it."""
        wanted, there = usual.books[number], world.books()
        if alike and self._figures(wanted, world) == self._figures(there, world):
            return True
        return self._meant(world) and self._told(usual, world, number)

    def _figures(self, books: Books, world: World) -> Books:
        """The books, where Keap's answers are hostile without its words and the contacts that are
        made of them, and without the days when invoices fall due; where QuickBooks said that it
        takes no such lines, without the lines of invoices; where Xero said that it has no items,
        with their lines on the usual account."""
        changes = world.tampering.changes
        if self.service != "keap":
            said = any(one.place.endswith(SAID) and one.what == "false" for _, one in changes)
            books = Counter(map(without_lines, books.elements())) if said else books
            named = any(one.place.rpartition(".")[2] in NAMED for _, one in changes)
            if any(where.endswith("/Items") and one == NO_ITEMS for where, one in changes):
                books = Counter(map(world.without_items, books.elements()))
            return _without(books, (WORDS,)) if named else books
        aside = [DUE, WORDS]
        merchants = any(where.endswith("/merchants") for where, _ in changes)
        aside += [ACCOUNT] if merchants or self._altered(world, ACCOUNTED) else []
        aside += [REFERENCE] if self._altered(world, REFERENCED) else []
        return _without(books, tuple(aside))

    def _known(self, records: Records, world: World) -> Records:
        """The records, without failed charges where Keap's answers about these were altered, and
        what became an order in Keap by its turn where the ledger's numbers were."""
        changes = world.tampering.changes
        if any(one.place.rpartition(".")[2] in NAMED for _, one in changes):
            made = sorted(row for (_, key), row in records.items() if key.startswith(MADE))
            rest = {at: row for at, row in records.items() if not at[1].startswith(MADE)}
            return rest | {("invoice", f"{MADE}{turn}"): row for turn, row in enumerate(made)}
        if not any(where.endswith("/sales/transactions") for where, _ in changes):
            return records
        return {at: row for at, row in records.items() if not at[1].startswith("charge:")}

    def _meant(self, world: World) -> bool:
        """Whether Keap said something else in a field that has a meaning."""
        return self._altered(world, MEANT)

    @staticmethod
    def _altered(world: World, fields: set[tuple[str, str]]) -> bool:
        """Whether one of these fields was altered, given as the list and the field."""
        places = (change.place.split(".") for _, change in world.tampering.changes)
        return any((place[0], place[-1]) in fields for place in places)

    @staticmethod
    def _told(usual: Undisturbed, world: World, number: int) -> bool:
        """Whether anybody sees the difference: by a record that is held or failed for it, or by
        `verify`."""
        new = world.records().items() - usual.records[number].items()
        held = any(state in {"held", "failed"} for _, (state, _) in new)
        return held or world.type("verify").code == ExitCode.DIFFERENCES

    @staticmethod
    def _same(usual: Undisturbed, world: World, number: int) -> bool:
        return world.books() == usual.books[number] and world.records() == usual.records[number]

    @staticmethod
    def _type_again(world: World, line: str) -> None:
        """Type a command; whoever was signed out by an answer signs in again before."""
        if world.type(line).code == ExitCode.SIGN_IN:
            for name in ("keap", world.to):
                world.type(f"auth {name}")
            world.type(line)


def _differing(records: Records, due: Records) -> dict[tuple[str, str], tuple[Any, Any]]:
    """What each record is that is not as it is due, by its key: the due one first."""
    return {
        key: (due.get(key), records.get(key))
        for key in {*records, *due}
        if due.get(key) != records.get(key)
    }


def _without(books: Books, aside: tuple[str, ...]) -> Books:
    """The books without the texts that begin so, and without the people."""
    return Counter(
        tuple(text for text in row if not text.startswith(aside))
        for row in books.elements()
        if row[0] not in {"contact", "person"}
    )


def _in_sight(records: tuple[object, Any]) -> bool:
    """Whether what is not as it should be is on the list of what needs a person."""
    _, found = records
    return found is not None and found[0] in {"held", "failed"}
