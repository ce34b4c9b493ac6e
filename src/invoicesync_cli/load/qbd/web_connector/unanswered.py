"""Why a message to the Web Connector has no answer, in words."""

from invoicesync_cli.errors import TryLater
from invoicesync_cli.load.qbd.channel import SERVICE

LIVES = "See that the Web Connector runs on the QuickBooks PC"


def no_call(wait: float) -> TryLater:
    """Nobody came to fetch the message."""
    return TryLater(
        f"The Web Connector did not ask for work within {_span(wait)}.",
        hint=f"{LIVES}, with Auto-Run ticked for invoicesync, and that somebody is logged in "
        "there; or click Update Selected. Everything done so far is saved.",
        code="no-web-connector",
        unknown=False,
    )


def no_answer(limit: float) -> TryLater:
    """The message is out, and QuickBooks takes too long."""
    return TryLater(
        f"{SERVICE} gave no answer within {_span(limit)}.",
        hint="See what QuickBooks shows on its PC. The next run looks up what became of the "
        "message.",
        code="no-answer",
    )


def lost() -> TryLater:
    """The message was out when the Web Connector came anew."""
    return TryLater(
        f"The Web Connector broke off before {SERVICE}'s answer came.",
        hint=f"{LIVES}. The next run looks up what became of the message.",
        code="answer-lost",
    )


def nobody() -> TryLater:
    """Whoever waited for the answer has gone."""
    return TryLater("Its run has ended.", code="no-answer", unknown=False)


def _span(seconds: float) -> str:
    count, unit = (seconds / 60, "minute") if seconds >= 60 else (seconds, "second")
    return f"{count:g} {unit}{'' if count == 1 else 's'}"
