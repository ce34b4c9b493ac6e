"""Waiting for something that may never answer, and not for longer than that is worth."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Failed:
    """How something failed: by an error, or by no answer in time (None)."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def within(seconds: float, ask: Callable[[], T]) -> "T | Failed":
    """The answer of `ask`, or how it failed. After a time-out it goes on unheard."""
    answers: list[T | Failed] = []

    def work() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # noqa: BLE001 - Windows' keyring raises what is no KeyringError
            answers.append(Failed(error))

    # A daemon, because there is no way to end a thread that waits for a locked keyring.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else Failed(None)
