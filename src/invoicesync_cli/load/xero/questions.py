"""What Xero asks when it is set up: the app, accounts, tax types and the status of new invoices."""

from collections.abc import Iterator, Sequence

from invoicesync_cli.load.questions import (
    Asked,
    Choice,
    CurrentConfig,
    LedgerQuestions,
    OptionalQuestions,
    Question,
    accounts,
    finance_charges,
    payment_account,
    untaxed_invoices,
)
from invoicesync_cli.model import LedgerFacts, TaxCode
from invoicesync_cli.vendors import XERO

TAXED_FIRST = ("OUTPUT2", "OUTPUT")
"""Tax types of usual sales: the United Kingdom and New Zealand, Australia and others."""
UNTAXED_FIRST = ("ZERORATEDOUTPUT", "EXEMPTOUTPUT", "ZERORATED", "NONE")
STATUS = {
    "draft": "A draft, to be approved in Xero; money goes onto it once it is",
    "submitted": "Submitted, waiting for approval in Xero",
    "authorised": "Authorised at once: it can never be changed or deleted again, only voided",
}


def app(config: CurrentConfig) -> Iterator[Asked]:
    """What has to be known before anybody can sign in."""
    yield Question(
        "xero.sign_in",
        "How do you sign in to Xero?",
        choices=(
            Choice(
                "pkce",
                "With an app that has no secret (the way to sign in is called PKCE)",
                words=("browser",),
                shown="browser",
            ),
            Choice("custom-connection", "With a custom connection (client id and secret)"),
        ),
        closed=True,
    )
    browser = config().xero.sign_in == "pkce"
    where = XERO.oauth.app_page if browser else "developer.xero.com/app/manage (Custom connection)"
    yield Question(
        "xero.client_id", "Client id of your Xero app", explain=f"Make an app at {where}."
    )
    if browser:
        yield Question(
            "xero.redirect_uri",
            "Its redirect address",
            explain="It has to be registered with the app, exactly so.",
        )


def books(config: CurrentConfig, facts: LedgerFacts | None) -> Iterator[Asked]:
    """What is picked from the organisation's lists."""
    sales = Question(
        "xero.account",
        "Which account are sales booked to?",
        choices=accounts(facts, "income"),
        closed=facts is not None,
        what="account",
        unknown="account-unknown",
    )
    yield sales
    yield OptionalQuestions(
        "Do discounts, shipping or finance charges go to accounts of their own?",
        tuple(
            Question(
                f"xero.{key}_account",
                f"Account for {words}",
                choices=sales.choices,
                closed=sales.closed,
                blank="that of sales",
                what=sales.what,
                unknown=sales.unknown,
            )
            for key, words in (
                ("discount", "discounts"),
                ("shipping", "shipping"),
                ("finance_charge", "finance charges"),
            )
        ),
    )
    usable = [code for code in facts.tax_codes if code.usable] if facts else []
    yield _tax("tax_type", "with tax", _first(usable, TAXED_FIRST, taxed=True), facts)
    yield _tax("zero_tax_type", "without tax", _first(usable, UNTAXED_FIRST, taxed=False), facts)
    yield untaxed_invoices()
    yield finance_charges()
    if config().sends_payments:
        yield payment_account(facts)
    yield Question(
        "xero.status",
        "As what do new invoices come into Xero?",
        choices=[Choice(value, text) for value, text in STATUS.items()],
        explain="Begin with drafts, send one test invoice (sync-id), look at it in Xero, and "
        "switch to authorised then.",
        closed=True,
        warnings={
            "authorised": "Warning: authorised invoices cannot be changed or deleted in Xero "
            "afterwards, only voided."
        },
    )


def _tax(key: str, words: str, codes: Sequence[TaxCode], facts: LedgerFacts | None) -> Question:
    return Question(
        f"xero.{key}",
        f"Which tax type do lines {words} get?",
        choices=[Choice(code.code, _named(code)) for code in codes],
        default=codes[0].code if codes else "",
        closed=facts is not None,
        what="tax type for sales",
        unknown="tax-code-unknown",
    )


def _named(code: TaxCode) -> str:
    """A tax type as a person knows it, with its rate."""
    return code.name if "%" in code.name else f"{code.name} ({code.rate:f} %)"


def _first(codes: Sequence[TaxCode], usual: Sequence[str], *, taxed: bool) -> list[TaxCode]:
    """The tax types that fit, the usual ones first; for taxed lines others go before those of 0 %,
    which is all that some organisations have."""
    fitting = [code for code in codes if bool(code.rate) == taxed] or ([*codes] if taxed else [])

    def rank(code: TaxCode) -> int:
        return usual.index(code.code) if code.code in usual else len(usual)

    return sorted(fitting, key=rank)


QUESTIONS = LedgerQuestions(app, books, ("lookup tracking", "[xero.tracking]"))
