"""A mail about scheduled runs: the same in plain text and in HTML that loads nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, getaddresses, make_msgid
from html import escape

from invoicesync_cli.config import Notify
from invoicesync_cli.printable import printable

LONGEST = 300
"""Characters of one text of a mail: the ledger's and Keap's may be of any length."""
STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5em; max-width: 60em; }
h1 { font-size: 1.25em; }
h2 { font-size: 1.05em; margin: 1.6em 0 .2em; }
p { margin: .3em 0 .6em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4em .8em .4em 0;
  border-top: 1px solid #8886; }
th { font-weight: 600; }
.amount { text-align: right; white-space: nowrap; }
.new { font-weight: 600; color: #b3400d; }
@media (prefers-color-scheme: dark) { .new { color: #ff9d5c; } }
.small, .what { font-size: .9em; }
code { font-size: 1.02em; }
"""


@dataclass(frozen=True)
class LetterRow:
    """An open document: what it is, its amount, its day and age, whose it is, what to do, and
    where people see it (title and address)."""

    what: str
    amount: str
    dated: str
    contact: str
    new: bool = False
    words: str = ""
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Group:
    """Open documents with the same reason: what it means, the first of them, how many more."""

    title: str
    meaning: str
    rows: Sequence[LetterRow] = ()
    more: str = ""


@dataclass(frozen=True)
class Letter:
    """What a mail says. `commands` are what to type next, and what for."""

    company: str
    subject: str
    says: Sequence[str]
    groups: Sequence[Group] = ()
    commands: Sequence[tuple[str, str]] = ()
    foot: Sequence[str] = field(default=())


def message(letter: Letter, settings: Notify) -> EmailMessage:
    """The mail as it is sent. Whatever is in the letter, it adds no header and no mark-up."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = _one_line(f"{letter.company}: {letter.subject}")
    sender = getaddresses([settings.from_])[0]
    mail["From"] = _address(sender[0] or "invoicesync", sender[1])
    mail["To"] = [_address(name, address) for name, address in getaddresses([settings.to])]
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid(domain=sender[1].rpartition("@")[2])
    # So that no holiday notice answers it (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(_text(letter)) + "\n", cte="quoted-printable")
    mail.add_alternative("\n".join(_html(letter)) + "\n", subtype="html", cte="quoted-printable")
    return mail


def _address(name: str, address: str) -> Address:
    return Address(_one_line(name), addr_spec=address)


def _one_line(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def _text(letter: Letter) -> Iterator[str]:
    yield _one_line(letter.company)
    for said in letter.says:
        yield _one_line(said)
    for group in letter.groups:
        yield ""
        yield _one_line(group.title)
        yield f"  {_one_line(group.meaning)}"
        for row in group.rows:
            parts = (row.what, row.amount, row.dated, row.contact, "NEW" if row.new else "")
            yield "  - " + "  ".join(_one_line(part) for part in parts if part)
            for line in (row.words, *(address for _, address in row.links)):
                if line:
                    yield f"      {_one_line(line)}"
        if group.more:
            yield f"  {_one_line(group.more)}"
    if letter.commands:
        yield ""
        yield "What to type"
        width = max(len(command) for command, _ in letter.commands)
        for command, purpose in letter.commands:
            yield f"  {_one_line(command):<{width}}  {_one_line(purpose)}"
    yield ""
    # What follows is set apart as a signature is.
    yield "-- "
    for said in letter.foot:
        yield _one_line(said)


def _html(letter: Letter) -> Iterator[str]:
    title = _marked(f"{letter.company}: {letter.subject}")
    yield '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{title}</title><style>{STYLE}</style></head><body>"
    yield f"<h1>{_marked(letter.company)}</h1>"
    for said in letter.says:
        yield f"<p>{_marked(said)}</p>"
    for group in letter.groups:
        yield f"<h2>{_marked(group.title)}</h2><p>{_marked(group.meaning)}</p>"
        if group.rows:
            yield "<table><tr><th>Document</th><th class=amount>Amount</th><th>Date, age</th>"
            yield "<th>Contact</th></tr>"
            for row in group.rows:
                yield from _row(row)
            yield "</table>"
        if group.more:
            yield f"<p>{_marked(group.more)}</p>"
    if letter.commands:
        yield "<h2>What to type</h2><table>"
        for command, purpose in letter.commands:
            yield f"<tr><td><code>{_marked(command)}</code></td><td>{_marked(purpose)}</td></tr>"
        yield "</table>"
    foot = "<br>".join(_marked(said) for said in letter.foot)
    yield f"<p class=small>{foot}</p></body></html>"


def _row(row: LetterRow) -> Iterator[str]:
    new = ' <span class="new">new</span>' if row.new else ""
    yield f"<tr><td>{_marked(row.what)}{new}</td><td class=amount>{_marked(row.amount)}</td>"
    yield f"<td>{_marked(row.dated)}</td><td>{_marked(row.contact)}</td></tr>"
    links = " · ".join(
        f'<a href="{escape(address)}">{_marked(title)}</a>'
        for title, address in row.links
        if address.startswith("https://")
    )
    said = "<br>".join(filter(None, (_marked(row.words), links)))
    if said:
        yield f'<tr><td colspan=4 class=what style="border-top:0;padding-top:0">{said}</td></tr>'


def _marked(text: str) -> str:
    return escape(_one_line(text))
