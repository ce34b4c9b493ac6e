"""What a ledger asks when it is set up: its own settings, with what its lists offer for each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module

from invoicesync_cli.config import Config
from invoicesync_cli.model import LedgerFacts
from invoicesync_cli.vendors import VENDORS


@dataclass(frozen=True)
class Choice:
    """A value that a setting can have; `words` are other words that stand for it. `shown` stands
    in its place in a list where the value itself would say nothing to a person."""

    value: str
    text: str = ""
    words: tuple[str, ...] = ()
    shown: str = ""

    @property
    def label(self) -> str:
        """What a list shows for the value."""
        return self.shown or self.value


@dataclass(frozen=True)
class Question:
    """A question about the setting `key`. Enter takes what is set, else `default`;
    `instead` goes before both, where an answer just given makes what is set an unlikely one.

    `choices` are in the order of how likely they are. With `closed` there are no other values.
    `blank` says what no answer means, where one is not needed; `what` names an entry of a list in
    an error, whose code is then `unknown`. `warnings` are said after a value was taken; `reads`
    makes what was typed into a value.
    """

    key: str
    text: str
    choices: Sequence[Choice] = ()
    default: str = ""
    instead: str = ""
    explain: str = ""
    closed: bool = False
    blank: str = ""
    what: str = ""
    unknown: str = ""
    warnings: Mapping[str, str] = field(default_factory=dict)
    reads: Callable[[str], str] = str


@dataclass(frozen=True)
class OptionalQuestions:
    """Questions that most people can leave out: asked when `text` is answered with yes."""

    text: str
    questions: tuple[Question, ...]


Asked = Question | OptionalQuestions
CurrentConfig = Callable[[], Config]
"""The config with what was answered so far."""


@dataclass(frozen=True)
class LedgerQuestions:
    """What a ledger asks before anybody is signed in, and about its lists (None: nobody is).

    `tracking` is how what it tracks sales by is listed, and the settings that name it.
    """

    app: Callable[[CurrentConfig], Iterable[Asked]]
    books: Callable[[CurrentConfig, LedgerFacts | None], Iterable[Asked]]
    tracking: tuple[str, str]


def questions_of(ledger: str) -> LedgerQuestions:
    """The questions of a ledger; `questions.py` of its package has them."""
    found: LedgerQuestions = import_module(f"{VENDORS[ledger].package}.questions").QUESTIONS
    return found


def accounts(facts: LedgerFacts | None, kind: str, *, payable: bool = False) -> list[Choice]:
    """The accounts that lines, or payments, can go to, those of a kind first."""
    found = facts.accounts if facts else ()
    fitting = [item for item in found if (item.payable if payable else item.usable)]
    fitting.sort(key=lambda item: (item.kind != kind, not item.code))
    return [
        Choice(item.code or item.id, item.name, (item.id,), "" if item.code else "no code")
        for item in fitting
    ]


def payment_account(facts: LedgerFacts | None, blank: str = "") -> Question:
    """The question where payments go. `blank` says what no answer means, where none is needed."""
    return Question(
        "payments.account",
        "Which account do payments go to?",
        choices=accounts(facts, "bank", payable=True),
        explain="Usually the current account, or the clearing account of the card processor.",
        closed=facts is not None,
        blank=blank,
        what="account that takes payments",
        unknown="account-unknown",
    )


def kind_account(facts: LedgerFacts | None, kind: str) -> Question:
    """The question where payments of one kind go, by Keap's type or merchant account."""
    return replace(
        payment_account(facts),
        key=f"payments.accounts.{kind}",
        text=f"Which account do payments of {kind} go to?",
        explain="",
    )


def untaxed_invoices(text: str = "") -> Question:
    """The question what becomes of an invoice that Keap put no tax on (R6)."""
    return Question(
        "tax.untaxed_invoices",
        "What about an invoice that Keap put no tax on?",
        choices=(
            Choice("exempt", "It stays without tax: 100.00 is booked as 100.00, tax 0.00"),
            Choice("inclusive", "Tax is in its amounts: at 20 %, 120.00 is 100.00 and 20.00 tax"),
            Choice("exclusive", "Tax comes on top: at 20 %, 100.00 becomes 120.00"),
        ),
        explain=text,
        closed=True,
    )


def finance_charges() -> Question:
    """The question whether finance charges bear tax (R6)."""
    return Question(
        "tax.tax_finance_charges",
        "Do finance charges, as payment plans have them, bear tax?",
        choices=(
            Choice("false", "No", words=("n",), shown="No"),
            Choice("true", "Yes", words=("y",), shown="Yes"),
        ),
        closed=True,
    )
