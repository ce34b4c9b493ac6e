"""The list of every reason, made of the enum that the tool uses: `docs/reasons.md`.

`python -m tests.kits.reasons_page` writes it anew.
"""

from pathlib import Path

from invoicesync_cli.model import DocumentState, Reason

FILE = Path(__file__).parents[2] / "docs" / "reasons.md"
COMMAND = "python -m tests.kits.reasons_page"

HEAD = """\
# Reasons

Why a document is in its state: the word stands in `reason` of `--json`, in `invoicesync log` and in
what a run prints. `ID` is the invoice's id. `invoicesync explain ID` says of one invoice which rule
and which setting decided, with its figures. Each word may stand in the states that it is listed
under, and in no other.
"""

STATES = {
    DocumentState.SKIPPED: """\
Left out by a rule of yours: the exit code stays as it is. It is judged again when a run's range
names it, by `invoicesync retry ID` or by `invoicesync sync-id ID`.""",
    DocumentState.WAITING: "Settles by itself: it is judged again in every run.",
    DocumentState.HELD: """\
Needs a person: exit code 3 until it is resolved or dismissed. It is judged again in every run.""",
    DocumentState.FAILED: """\
Needs a person: exit code 3. It is sent again once it has changed, by `invoicesync retry` or by
`invoicesync sync-id ID`.""",
    DocumentState.CREATED: "It is in the ledger. Most often there is no reason to give.",
}


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(state, about) for state, about in STATES.items())


def _section(state: DocumentState, about: str) -> str:
    rows = [
        f"| `{reason}` | {reason.meaning_in(state)} | {reason.remedy} | {_code(reason.command)} |"
        for reason in Reason
        if reason in state.reasons and reason is not Reason.NONE
    ]
    head = ["| reason | what is the case | what to do | command |", "|---|---|---|---|"]
    return "\n".join(["", f"## {state}", "", about, "", *head, *rows, ""])


def _code(command: str) -> str:
    return f"`{command}`" if command else ""


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
