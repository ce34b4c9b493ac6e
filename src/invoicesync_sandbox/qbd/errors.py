"""The ways in which QuickBooks says no: to a request, to a message, and to a call of the SDK.

Codes and words are those that captures and Intuit's own tables have; two blanks before
"QuickBooks error message" are QuickBooks' own.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["Info", "Warn", "Error"]
NO_RECORD = "Invalid argument.  The specified record does not exist in the list."

PARSE = 0x80040400
BUSY_OTHER_MODE = 0x80040410
COULD_NOT_START = 0x80040408
OTHER_FILE = 0x8004040A
BAD_TICKET = 0x8004040D
DIALOG = 0x80040414
NOT_RUNNING = 0x80040416
NO_FILE = 0x80040417
NOT_AUTHORISED = 0x80040418
DENIED = 0x80040420
NEEDS_SINGLE_USER = 0x80040422
BAD_PATH = 0x80040406
UNEXPECTED = 0x80040402
SERVER_DIED = 0x80010105
NO_RPC_SERVER = 0x800706BA
RPC_FAILED = 0x800706BE

WORDS = {
    PARSE: "QuickBooks found an error when parsing the provided XML text stream.",
    UNEXPECTED: "Unexpected error. Check the qbsdklog.txt file for possible, additional"
    " information.",
    BAD_PATH: "The path to the QuickBooks company data file is not valid.",
    COULD_NOT_START: "Could not start QuickBooks.",
    OTHER_FILE: "Another QuickBooks company data file is already open and it is different from"
    " the one requested.",
    BAD_TICKET: "The session ticket is not valid.",
    BUSY_OTHER_MODE: "The QuickBooks company data file is currently open in a mode other than the"
    " one specified by your application.",
    DIALOG: "A modal dialog box is showing in the QuickBooks user interface. Your application"
    " cannot access QuickBooks until the user dismisses the dialog box.",
    NOT_RUNNING: "If QuickBooks is not running, a call to BeginSession must include the name of"
    " the company data file.",
    NO_FILE: "If the QuickBooks company data file is not open, a call to BeginSession must include"
    " the name of the data file.",
    NOT_AUTHORISED: "This application has not accessed this QuickBooks company data file before."
    " Only the QuickBooks administrator can grant an application permission to access a QuickBooks"
    " company data file for the first time.",
    DENIED: "The QuickBooks user has denied access.",
    NEEDS_SINGLE_USER: "This application requires Single User file access mode and there is"
    " already another application sharing data with this QuickBooks company data file.",
    SERVER_DIED: "The server threw an exception.",
    NO_RPC_SERVER: "The RPC server is unavailable.",
    RPC_FAILED: "The remote procedure call failed.",
}


class Unparsable(ValueError):
    """The message cannot be read: nothing of it is done, and nothing says where it is wrong."""


class SdkError(Exception):
    """A call of the SDK ends with an HRESULT (unsigned) instead of an answer."""

    def __init__(self, hresult: int, message: str = "") -> None:
        super().__init__(message or WORDS.get(hresult, ""))
        self.hresult = hresult

    @property
    def code(self) -> str:
        """The HRESULT as it is written."""
        return f"0x{self.hresult:08X}"


@dataclass(frozen=True)
class Status:
    """What an Rs says of its request."""

    code: str
    severity: Severity
    message: str


OK = Status("0", "Info", "Status OK")
NOTHING_FOUND = Status("1", "Info", "A query request did not find a matching object in QuickBooks")
NOT_PROCESSED = Status("3231", "Error", "The request has not been processed.")


def some_missing(wanted: str) -> Status:
    """Of a query by id or name that found less than was asked for."""
    return Status(
        "500",
        "Warn",
        "The query request has not been fully completed. There was a required element"
        f' ("{wanted}") that could not be found in QuickBooks.',
    )


class Refused(ValueError):
    """One request is refused."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.status = Status(code, "Error", message)

    @property
    def code(self) -> str:
        """The status code."""
        return self.status.code


def quickbooks_says(what: str, words: str) -> str:
    """A message with QuickBooks' own behind the SDK's."""
    return f"{what}  QuickBooks error message: {words}"


def too_long(field: str, text: str) -> Refused:
    """A text of more characters than the field holds."""
    return Refused("3070", f'The string "{text}" in the field "{field}" is too long.')


def bad_word(field: str, text: str) -> Refused:
    """A word that the field does not know."""
    return Refused("3110", f'The enumerated value "{text}" in the field "{field}" is unknown.')


def bad_id(field: str, text: str) -> Refused:
    """What is no id at all."""
    return Refused("3000", f'The given object ID "{text}" in the field "{field}" is invalid.')


def bad_range(field: str, text: str) -> Refused:
    """A date that the SDK does not take."""
    return Refused(
        "3020", f'There was an error when converting the date "{text}" in the field "{field}".'
    )


def name_taken(name: str) -> Refused:
    """A name that another element of the list has."""
    return Refused("3100", f'The name "{name}" of the list element is already in use.')


def bad_name(name: str, words: str) -> Refused:
    """A name that no element can have."""
    return Refused(
        "3180", quickbooks_says(f'There was an error when saving the name "{name}".', words)
    )


def not_found(wanted: str) -> Refused:
    """The object that a request is about is not there."""
    return Refused(
        "3120",
        quickbooks_says(f'Object "{wanted}" specified in the request cannot be found.', NO_RECORD),
    )


def bad_parent(wanted: str, plural: str) -> Refused:
    """A parent that is not there."""
    what = f'There is an invalid reference to a parent "{wanted}" in the {plural} list.'
    return Refused("3130", quickbooks_says(what, NO_RECORD))


def bad_reference(word: str, wanted: str, where: str) -> Refused:
    """A reference that leads nowhere."""
    what = f'There is an invalid reference to QuickBooks {word} "{wanted}" in the {where}.'
    return Refused("3140", quickbooks_says(what, NO_RECORD))


def missing(element: str) -> Refused:
    """An element that is needed in this case."""
    return Refused("3150", f'There is a missing element: "{element}"')


def stale(sequence: str) -> Refused:
    """Somebody has changed the object since it was read."""
    return Refused("3200", f'The provided edit sequence "{sequence}" is out-of-date.')


def in_use(word: str, *, related: bool) -> Refused:
    """Somebody has the object, or one that it hangs on, open."""
    if related:
        what = f"There was an error when saving a {word}: a related object is in use."
        code = "3176"
    else:
        what = f"There was an error adding, modifying or deleting a {word}: it is in use."
        code = "3175"
    words = "QuickBooks failed to acquire the lock for this object; another user has it."
    return Refused(code, quickbooks_says(what, words))


def closed(word: str, code: str) -> Refused:
    """The date is in the period that has been closed."""
    words = (
        f"An attempt was made to modify a {word} with a date that is on or before the closing"
        " date of the company. If you are sure you want to make the change, please ask your"
        " QuickBooks administrator to remove the closing date in the Accounting preferences."
    )
    return Refused(code, words if code == "3171" else _saving(word, words))


def unsaved(word: str, words: str) -> Refused:
    """The catch-all when a transaction cannot be saved."""
    return Refused("3180", _saving(word, words))


def _saving(word: str, words: str) -> str:
    return quickbooks_says(f"There was an error when saving a {word}.", words)


def bad_amount(field: str, amount: object, words: str) -> Refused:
    """An amount that does not fit."""
    what = f'The "{field}" field has an invalid value "{amount}".'
    return Refused("3210", quickbooks_says(what, words))


def undeletable(wanted: str, words: str) -> Refused:
    """What cannot be deleted, or voided."""
    what = f'There was an error when deleting the object "{wanted}".'
    return Refused("3160", quickbooks_says(what, words))


def read_only() -> Refused:
    """The user gave the application leave to read only."""
    return Refused("3264", "This application is read-only and cannot modify QuickBooks data.")


def not_enabled() -> Refused:
    """A preference is off."""
    words = "This feature is not enabled or not available in this version of QuickBooks."
    return Refused("3250", words)
