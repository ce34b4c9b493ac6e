"""Every error a user can meet. The class says what happens next and which exit code it means."""

from collections.abc import Collection
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process reports to a script."""

    OK = 0
    BUG = 1
    USAGE = 2
    NEEDS_PERSON = 3
    SIGN_IN = 4
    CONFIG = 5
    DIFFERENCES = 6
    TRY_LATER = 7
    RUN_ACTIVE = 8
    INTERRUPTED = 130


class InvoiceSyncError(Exception):
    """A sentence for a bookkeeper, a hint with the next thing to do, and a stable code.

    `unknown` says that the request may have been worked on all the same, `at_work` that it may be
    worked on still.
    """

    exit_code = ExitCode.BUG
    code = "bug"
    unknown = False
    at_work = False

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code
        self.partial: dict[str, object] = {}
        """What a run had done when it ended, as `--json` shows it."""


class UsageError(InvoiceSyncError):
    """The command was typed in a way that has no meaning."""

    exit_code = ExitCode.USAGE
    code = "usage"


class SignInNeeded(InvoiceSyncError):
    """Nobody is signed in, the service refused the credential, or it is the wrong company."""

    exit_code = ExitCode.SIGN_IN
    code = "sign-in-needed"


class ConfigError(InvoiceSyncError):
    """The configuration is wrong or incomplete, or names what the ledger does not have."""

    exit_code = ExitCode.CONFIG
    code = "config"


class TryLater(InvoiceSyncError):
    """A service is down, out of reach, or a limit is reached. What was done is saved."""

    exit_code = ExitCode.TRY_LATER
    code = "try-later"

    def __init__(
        self, message: str, *, hint: str = "", code: str = "", unknown: bool = True
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.unknown = unknown


class UnreadableRows(TryLater):
    """Some rows of an answer make no sense; `ids` are what they are known by, the others do."""

    code = "unreadable-answer"

    def __init__(self, message: str, *, hint: str, ids: Collection[str]) -> None:
        super().__init__(message, hint=hint)
        self.ids = frozenset(ids)


class RunActive(InvoiceSyncError):
    """Another run of this profile holds the lock."""

    exit_code = ExitCode.RUN_ACTIVE
    code = "run-active"


class Interrupted(InvoiceSyncError):
    """Ctrl-C or a signal; what was done is saved."""

    exit_code = ExitCode.INTERRUPTED
    code = "interrupted"

    def __init__(self, hint: str = "") -> None:
        hint = hint or "Everything done so far is saved; the next sync goes on."
        super().__init__("Interrupted.", hint=hint)
