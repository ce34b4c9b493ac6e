"""Waiting for something that may never answer, and not for longer than that is worth."""

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

LISTENING = 0.5
"""Seconds after which a wait looks up: on Windows nothing interrupts one that has no end."""


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


def at_once(jobs: "Sequence[Callable[[], T]]") -> list[T]:
    """The answers of all jobs, done at the same time. Raises what the first of them raises.

    Whoever interrupts it need not wait for what they are waiting for: they end with the process.
    """
    answers: dict[int, T] = {}
    errors: dict[int, BaseException] = {}
    done: queue.SimpleQueue[int] = queue.SimpleQueue()

    def work(place: int) -> None:
        try:
            answers[place] = jobs[place]()
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            errors[place] = error
        done.put(place)

    for place in range(len(jobs)):
        threading.Thread(target=work, args=(place,), daemon=True).start()
    left = len(jobs)
    while left:
        with contextlib.suppress(queue.Empty):
            done.get(timeout=LISTENING)
            left -= 1
    for _, error in sorted(errors.items()):
        raise error
    return [answers[place] for place in range(len(jobs))]
