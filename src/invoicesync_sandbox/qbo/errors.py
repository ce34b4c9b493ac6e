"""The ways in which QuickBooks says no, each with the code and the words that it is known for."""

from collections.abc import Iterable
from typing import Any

MESSAGES = {
    "500": "Unsupported Operation",
    "600": "Duplicate Request ID",
    "610": "Object Not Found",
    "620": "Transaction cannot be linked",
    "1040": "Batch request is over the limit",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String. The string contains invalid characters",
    "2050": "String length is either shorter or longer than supported by specification",
    "2060": "Invalid Number",
    "2090": "Invalid Date",
    "2170": "Invalid Enumeration",
    "2210": "Email Address does not conform to the syntax rules of RFC 822.",
    "2290": "Negative amount",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "4002": "Unsupported query",
    "5010": "Stale Object Error",
    "6000": "A business validation error has occurred while processing your request",
    "6070": "Amount calculation incorrect in the request",
    "6080": "No name provided",
    "6090": "Discount line is not valid",
    "6100": "Invalid tax code",
    "6140": "Duplicate Document Number Error",
    "6160": "Invalid tax amount",
    "6170": "Tax detail is not allowed",
    "6190": "Invalid Company Status",
    "6200": "Account Period Closed, Cannot Update Through Services API",
    "6210": "Account Period Closed, Cannot Update Through Services API",
    "6220": "Cannot be made inactive",
    "6240": "Duplicate Name Exists Error",
    "6250": "Invalid customer",
    "6430": "Invalid account type",
    "6470": "Sales tax is not turned on",
    "6540": "Deposited Transaction cannot be changed",
    "10000": "An application error has occurred while processing your request",
}
INACTIVE = (
    "Something you're trying to use has been made inactive. Check the fields with accounts,"
    " customers, items, vendors or employees."
)
_CLOSED = (
    "The account period has closed and the account books cannot be updated through the QBO"
    " Services API. Please use the QBO website to make these changes."
)


class Refused(ValueError):
    """One request, or one item of a batch, is refused: the vendor's code, message and detail.

    `others` are further errors of the same fault, which come behind this one.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        element: str = "",
        message: str = "",
        kind: str = "",
        others: "Iterable[Refused]" = (),
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.message = message or MESSAGES.get(code, "")
        self.detail = detail
        self.element = element
        self.others = tuple(others)
        self.kind = kind or ("SystemFault" if code == "10000" else "ValidationFault")

    @property
    def status(self) -> int:
        """Of the answer when it is for a whole request."""
        return 500 if self.code == "10000" else 400

    def fault(self, *, named: bool = True) -> dict[str, Any]:
        """The `Fault` object; one that is not of an element says so only where it is `named`."""
        errors = [each.error(named=named) for each in (self, *self.others)]
        return {"Error": errors, "type": self.kind}

    def error(self, *, named: bool) -> dict[str, Any]:
        """One of its errors."""
        element = {"element": self.element} if named or self.element else {}
        return {"Message": self.message, "Detail": self.detail, "code": self.code, **element}


def business(text: str) -> Refused:
    """A 6000 with its text."""
    return Refused("6000", f"Business Validation Error: {text}")


def missing(*names: str) -> Refused:
    """Required properties are not there: an error for each."""
    first, *others = (
        Refused("2020", f"Required parameter {name} is missing in the request", element=name)
        for name in names
    )
    first.others = tuple(others)
    return first


def unknown_reference(kind: str, row_id: str) -> Refused:
    """A reference leads nowhere; `kind` is the vendor's word for the list."""
    return Refused("2500", f"Invalid Reference Id : {kind} element id {row_id} not found")


def not_found() -> Refused:
    """No such object."""
    return Refused("610", f"Object Not Found : {INACTIVE}")


def removed() -> Refused:
    """A transaction that is named has been deleted: the other text of the same code."""
    return Refused("610", "Object Not Found : Another user has deleted this transaction.")


def inactive(code: str) -> Refused:
    """A list element that is not in use any more: 610, or 6000."""
    if code == "610":
        return not_found()
    return business("You cannot modify a list element that has been deleted.")


def too_long(name: str, most: int, length: int, code: str = "2050") -> Refused:
    """A text of more characters than the property holds."""
    if code == "6000":
        return business(f"You cannot enter more than {most} characters in the {name} field.")
    detail = (
        "String length specified does not match the supported length."
        f" Min:0 Max:{most} supported. Supplied length:{length}"
    )
    return Refused(code, detail, element=name)


def stale() -> Refused:
    """Somebody else has changed the object since it was read."""
    return Refused(
        "5010",
        "Stale Object Error : You and somebody else were working on this at the same time."
        " The other one finished before you did, so your work was not saved.",
    )


def closed(code: str) -> Refused:
    """The date is in a period that has been closed."""
    return Refused(code, _CLOSED)


def unsupported(what: str) -> Refused:
    """An operation that the vendor does not have for this entity."""
    return Refused("500", f"Operation {what} is not supported.")


def gateway(status: int, name: str, code: str, detail: str, time: int) -> dict[str, object]:
    """A refusal of the gateway: all keys in lower case. `time` is milliseconds of the epoch."""
    message = f"message={name}; errorCode={code:0>6}; statusCode={status}"
    kind = "AUTHENTICATION" if status == 401 else "SERVICE"
    error = {"message": message, "detail": detail, "code": code, "element": None}
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": kind},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": time,
        "status": None,
        "cdcresponse": [],
    }
