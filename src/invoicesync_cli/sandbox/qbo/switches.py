"""What is not known for sure about Intuit: each open question is one switch."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class QboSwitches:
    """How this QuickBooks behaves where what is known of the vendor leaves a choice."""

    invalid_client_status: Literal[400, 401] = 401
    """Of a token request with a wrong client id or secret; both have been seen."""
