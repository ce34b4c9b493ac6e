"""What QuickBooks asks when it is set up: the app, tax codes, items and the deposit account."""

from collections.abc import Iterator

from invoicesync_cli.load.questions import (
    Asked,
    Choice,
    CurrentConfig,
    LedgerQuestions,
    Question,
    finance_charges,
    untaxed_invoices,
)
from invoicesync_cli.load.quickbooks import item_questions, payment_questions
from invoicesync_cli.model import LedgerFacts, LedgerItem, TaxStyle
from invoicesync_cli.vendors import QBO


def app(config: CurrentConfig) -> Iterator[Asked]:
    """What has to be known before anybody can sign in."""
    yield Question(
        "qbo.environment",
        "Which keys of your Intuit app are these?",
        choices=(
            Choice("production", "Production keys: real books; the redirect address is https"),
            Choice("sandbox", "Development keys: Intuit's test companies"),
        ),
        closed=True,
    )
    yield Question(
        "qbo.client_id",
        "Client id of your Intuit app",
        explain=f"Make an app at {QBO.oauth.app_page}. Its client secret is asked for at sign-in.",
    )
    yield Question(
        "qbo.redirect_uri",
        "Its redirect address",
        default=config().qbo.landing,
        blank=config().qbo.landing,
        explain="It has to be registered for these keys, exactly so. For production keys that is "
        "an https page of yours, whose address you paste back after the sign-in.",
    )


def books(config: CurrentConfig, facts: LedgerFacts | None) -> Iterator[Asked]:
    """What is picked from the company's lists."""
    style = facts.tax_style if facts else None
    if style in {TaxStyle.RATE, None}:
        yield from _tax_codes(facts)
        yield untaxed_invoices()
        yield finance_charges()
    yield from payment_questions("qbo", config, facts)
    yield from item_questions(
        "qbo",
        config,
        [_choice(item) for item in facts.items] if facts else None,
        compared=(
            Choice("sku", "The SKU of the product in QuickBooks"),
            Choice("name", "The name of the product in QuickBooks"),
        ),
        discount="QuickBooks' own discount line",
        shipping="QuickBooks' own shipping line",
    )


def _tax_codes(facts: LedgerFacts | None) -> Iterator[Question]:
    usable = [code for code in facts.tax_codes if code.usable] if facts else []
    for key, words, taxed in (
        ("taxable_code", "with tax", True),
        ("non_taxable_code", "without tax", False),
    ):
        fitting = [code for code in usable if bool(code.rate) == taxed]
        fitting.sort(key=lambda code: -code.rate)
        yield Question(
            f"qbo.{key}",
            f"Which tax code do lines {words} get?",
            choices=[Choice(code.name, f"({code.rate:f} %)", (code.id,)) for code in fitting],
            default=fitting[0].name if fitting else "",
            explain="" if facts else "In the United States it is the one that stands here.",
            closed=facts is not None,
            what="tax code for sales",
            unknown="tax-code-unknown",
        )


def _choice(item: LedgerItem) -> Choice:
    return Choice(item.name, f"SKU {item.code}" if item.code else "", (item.id, item.code))


QUESTIONS = LedgerQuestions(app, books, ("lookup classes", "qbo.class and qbo.location"))
