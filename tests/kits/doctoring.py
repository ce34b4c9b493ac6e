"""What `doctor` has found, by code."""

from typing import Any

from tests.kits.command_line import Ran
from tests.kits.findings_page import ROWS


def of(ran: Ran, code: str) -> dict[str, Any]:
    """The only finding of a code."""
    assert code in codes(ran)
    (found,) = [finding for finding in ran.data["findings"] if finding["code"] == code]
    return dict(found)


def codes(ran: Ran) -> set[str]:
    """The codes of all findings, each of which docs/findings.md has, with that level."""
    for finding in ran.data["findings"]:
        assert finding["level"] in ROWS[finding["code"]].levels, finding
    return {finding["code"] for finding in ran.data["findings"]}
