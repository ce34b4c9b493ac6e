"""What a value of the config may be: a `ValueError` says what is wrong, with a hint."""

from datetime import date

from invoicesync_cli.services import LANDING_HINT, is_safe


def check_date(value: str, hint: str) -> None:
    """It is a date as we write it."""
    try:
        right = date.fromisoformat(value).isoformat() == value
    except ValueError:
        right = False
    if not right:
        raise ValueError("is no date.", hint)


def check_landing(value: str) -> None:
    """It is blank, or an address that a sign-in may end at."""
    if value and not is_safe(value):
        raise ValueError("is no redirect address.", LANDING_HINT)
