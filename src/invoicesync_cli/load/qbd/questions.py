"""What QuickBooks Desktop asks when it is set up: how it is reached, sales tax, items, accounts."""

from collections.abc import Iterator

from invoicesync_cli.load.questions import (
    Asked,
    Choice,
    CurrentConfig,
    LedgerQuestions,
    Question,
    accounts,
)
from invoicesync_cli.load.quickbooks import item_questions, payment_questions
from invoicesync_cli.model import LedgerFacts, TaxStyle


def app(config: CurrentConfig) -> Iterator[Asked]:
    """What has to be known before anybody can sign in."""
    yield Question(
        "qbd.transport",
        "How is QuickBooks reached?",
        choices=(
            Choice("web-connector", "Intuit's Web Connector comes here: from any machine"),
            Choice("com", "Directly: in Windows, on the PC with QuickBooks"),
        ),
        explain="QuickBooks Desktop is a preview: try it on a copy of your company file first.",
        closed=True,
    )
    yield Question(
        "qbd.company_file",
        "Full path of the company file on the QuickBooks PC",
        default=config().qbd.company_file,
        blank="the file that is open there",
    )


def books(config: CurrentConfig, facts: LedgerFacts | None) -> Iterator[Asked]:
    """What is picked from the company file's lists."""
    if facts is None or facts.tax_style is not TaxStyle.OFF:
        yield from _tax(facts)
    yield from payment_questions("qbd", config, facts)
    unmatched = config().qbd.unmatched_item
    account = Question(
        "qbd.unmatched_account",
        f"Income account that the item {unmatched} sells to, when it is made",
        choices=accounts(facts, "income"),
        closed=facts is not None,
        blank="none: an item of that name is there",
        what="income account",
        unknown="account-unknown",
    )
    yield from item_questions(
        "qbd",
        config,
        [Choice(item.name, item.account, (item.id,)) for item in facts.items] if facts else None,
        compared=(
            Choice("name", "The name of the item in QuickBooks"),
            Choice("part-number", "Its manufacturer's part number"),
            Choice("barcode", "Its barcode"),
        ),
        discount="that for what matches none",
        shipping="that for what matches none",
        new_item=[account],
    )


def _tax(facts: LedgerFacts | None) -> Iterator[Question]:
    yield Question(
        "qbd.tax",
        "How does Keap's sales tax get into QuickBooks?",
        choices=(
            Choice("line", "As a line of its own, with Keap's amount"),
            Choice("rate", "QuickBooks works it out; what would differ from Keap's is held"),
        ),
        closed=True,
    )
    items = [code for code in facts.tax_codes if "(tax item)" in code.name] if facts else []
    for key, text, rated in (
        ("tax_item", "Which sales tax item is it?", True),
        ("zero_tax_item", "Which sales tax item is the one of 0 %?", False),
    ):
        fitting = [code for code in items if rated or not code.rate]
        yield Question(
            f"qbd.{key}",
            text,
            choices=[Choice(code.code, f"({code.rate:f} %)") for code in fitting],
            closed=facts is not None,
            what="sales tax item",
            unknown="tax-code-unknown",
        )


QUESTIONS = LedgerQuestions(app, books, ("lookup classes", "qbd.class"))
