"""The list of everything that `doctor` can find, by its code: `docs/findings.md`.

`python -m tests.kits.findings_page` writes it anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from invoicesync_cli.doctor.findings import LEVELS, Level

FILE = Path(__file__).parents[2] / "docs" / "findings.md"
COMMAND = "python -m tests.kits.findings_page"

HEAD = """\
# What doctor finds

`invoicesync doctor` holds the config, both services and this machine against each other, and says
everything at once. Each finding has a code, which stands in `code` with `--json`; at a terminal it
is said in words, with the figures of your own books.

An **error** stops every run, or would book wrongly; `doctor` then ends with 4 (somebody has to sign
in), 5 (the config) or 7 (a service is down). A **warning** is what would be held, left out, or come
to an end. A **hint** is good to know. `invoicesync config check` finds what is wrong with the file
alone, `invoicesync auth keap` what is remarkable about Keap's own data.
"""


@dataclass(frozen=True)
class Row:
    """A code, the levels that it can have (`-` between them), what is the case, what to do."""

    code: str
    level: str
    meaning: str
    remedy: str

    @property
    def levels(self) -> list[Level]:
        """The levels, the worst first."""
        return [level for level in LEVELS if level in self.level.split("/")]


ERROR, WARNING, HINT = "error", "warning", "hint"
SECTIONS: dict[str, Sequence[Row]] = {
    "The config": (
        Row("config-missing", ERROR, "There is no config file yet.", "`invoicesync init`"),
        Row(
            "config-unreadable",
            ERROR,
            "The config file cannot be read.",
            "Let yourself read it, or name another one with `--config`.",
        ),
        Row(
            "config",
            ERROR,
            "A setting is missing, is not one, or has a value that cannot be used.",
            "`invoicesync config edit`: the message names the line, and what can stand there.",
        ),
        Row(
            "authorised",
            WARNING,
            "`xero.status` is `authorised`: such invoices can never be changed or deleted in Xero.",
            'Begin with `"draft"`, look at some of them in Xero, and switch then.',
        ),
        Row(
            "nothing-sent",
            WARNING,
            "By these settings nothing is ever sent.",
            "Change `sync.mode` or `invoices.order_status`.",
        ),
        Row(
            "match-empty",
            WARNING,
            "`contacts.match` is empty: nobody is looked for in the ledger.",
            'Set `contacts.match = ["email", "name", "company-city"]`.',
        ),
        Row(
            "setting-unused",
            HINT,
            "A setting does nothing beside the others.",
            "Nothing; or change the setting that keeps it from working.",
        ),
        Row(
            "reverse-start",
            ERROR,
            "Invoices of the ledger are to go to Keap, and `reverse.start` does not say from which "
            "day on.",
            "Set it to a date.",
        ),
        Row(
            "root-refused",
            ERROR,
            "An `INVOICESYNC_…_ROOT` is neither https nor an address of this machine.",
            "Correct or unset it.",
        ),
    ),
    "Accounts, tax codes and items": (
        Row(
            "account-unknown",
            ERROR,
            "The ledger does not have an account of the config, or it takes no sales or payments.",
            "Name another one: `invoicesync lookup accounts`",
        ),
        Row(
            "account-type",
            WARNING,
            "Sales go to an account that is none of revenue.",
            "Name a revenue account, unless it is meant so.",
        ),
        Row(
            "payment-method-unknown",
            ERROR,
            "The company file has no such payment method of a card type.",
            "Name one of those listed as `qbd.refund_method`, or leave it blank.",
        ),
        Row(
            "tax-code-unknown",
            "error/warning",
            "The ledger does not have a tax code of the config, or it cannot be used for sales; as "
            "a warning: sales tax is switched off there, and Keap has tax on its orders.",
            "Name another one: `invoicesync lookup taxes`; or switch sales tax on.",
        ),
        Row(
            "tax-untaxed-invoices",
            ERROR,
            "In this company the total of an invoice could not be known before.",
            'Set `tax.untaxed_invoices = "exempt"`.',
        ),
        Row(
            "tax-rate",
            "warning/hint",
            "Keap's tax is not worked out by the rate of the code that it is booked under.",
            "Look at these orders in Keap, or name the code that the message says fits better.",
        ),
        Row(
            "item-missing",
            ERROR,
            "QuickBooks does not have an item of the config.",
            "Name another one: `invoicesync lookup items`",
        ),
        Row(
            "item-account",
            WARNING,
            "Items have a sales account that takes no sales; invoices with them are held.",
            "Give them another sales account in the ledger.",
        ),
        Row(
            "tracking-unknown",
            ERROR,
            "The ledger does not have a tracking option, class or location of the config.",
            "Name another one: `invoicesync lookup tracking`, or `classes` in QuickBooks",
        ),
        Row(
            "payment-type-unknown",
            WARNING,
            "`[payments.accounts]` has a name that no payment of this Keap account has.",
            "Correct it; the message lists what there is.",
        ),
    ),
    "Currency, dates, numbers and contacts": (
        Row(
            "currency-differs",
            "error/warning/hint",
            "Keap's currency is not the config's, or not the ledger's.",
            'Set `keap.currency = "auto"`, or add the currency in the ledger.',
        ),
        Row(
            "period-locked",
            WARNING,
            "What is dated in the locked period of the books is held.",
            "Start after it (`sync.start`), or move the lock date in the ledger.",
        ),
        Row(
            "time-zone-unknown",
            ERROR,
            "This machine does not know the time zone of the Keap account.",
            "Choose a city's time zone in Keap, or upgrade the package tzdata.",
        ),
        Row(
            "number-taken",
            WARNING,
            "Documents of others have numbers that the next invoices would have.",
            "Look at them first: they may be the same sales. `invoicesync adopt --dry-run`",
        ),
        Row(
            "numbers-counted",
            HINT,
            "QuickBooks gives its own invoices numbers that a Keap order may have later.",
            "Switch custom transaction numbers on there, or set `invoices.number_prefix` at once.",
        ),
        Row(
            "other-runs",
            WARNING,
            "The ledger has documents of invoicesync's that no record here knows.",
            "See that only one machine carries these orders. The next run takes them up.",
        ),
        Row(
            "pin-unknown",
            "warning/hint",
            "A pinned contact is archived or does not exist.",
            "Correct the pin or drop it: `invoicesync lookup contacts`",
        ),
        Row(
            "ledger-setting",
            HINT,
            "A setting of the ledger's that changes what comes of an invoice there.",
            "Nothing, unless it surprises you.",
        ),
    ),
    "Keap's own data": (
        Row(
            "keap-lines",
            WARNING,
            "The lines of some orders do not add up to their totals; such orders are held.",
            "Look at these orders in Keap.",
        ),
        Row(
            "keap-total-paid",
            WARNING,
            "What Keap says is paid of some orders is not what their payments come to.",
            "Look at these orders in Keap.",
        ),
        Row(
            "keap-order-unit",
            ERROR,
            "Amounts of orders are not in the unit that is expected.",
            "Send nothing, and report it with the output of `invoicesync doctor --json`.",
        ),
        Row(
            "keap-payment-unit",
            ERROR,
            "Amounts of payments are not in the unit that is expected.",
            "The same.",
        ),
        Row(
            "keap-filter",
            ERROR,
            "A filter that runs rely on gives other orders or payments than it should.",
            "The same.",
        ),
        Row(
            "keap-page-token",
            ERROR,
            "Lists cannot be read page by page as runs do.",
            "The same.",
        ),
    ),
    "Sign-ins and limits": (
        Row(
            "sign-in-needed",
            ERROR,
            "Nobody is signed in.",
            "`invoicesync auth status` names the command.",
        ),
        Row(
            "sign-in-expired",
            ERROR,
            "The sign-in has ended or was withdrawn.",
            "Sign in again: `invoicesync auth xero`, for example.",
        ),
        Row(
            "sign-in-refused",
            ERROR,
            "The service refuses the key or the sign-in.",
            "Sign in again, with a key or as somebody who may see these books.",
        ),
        Row(
            "sign-in-ends",
            WARNING,
            "The sign-in ends in the next days unless a run renews it.",
            "Let `invoicesync sync` run before then.",
        ),
        Row(
            "scope-missing",
            WARNING,
            "The sign-in lacks rights that a run may need.",
            "Sign in again.",
        ),
        Row(
            "wrong-account",
            ERROR,
            "It is another Keap account or company than the one that this profile is for.",
            "Sign in to that one, or use another `--profile`.",
        ),
        Row(
            "wrong-client",
            ERROR,
            "The service does not know the app, or refuses its secret.",
            "Correct the client id, or sign in again with the new secret.",
        ),
        Row("client-id-missing", ERROR, "The app's client id is not set.", "`invoicesync init`"),
        Row(
            "secret-missing",
            ERROR,
            "The app's client secret is not there.",
            "Sign in again, or set its environment variable.",
        ),
        Row(
            "root-differs",
            ERROR,
            "State or sign-in were made against another place, such as a sandbox.",
            "Use another `INVOICESYNC_HOME` or `--profile` for the sandbox.",
        ),
        Row(
            "damaged-credential",
            ERROR,
            "A stored key or token cannot be used any more.",
            "Sign in again.",
        ),
        Row(
            "company-closed",
            ERROR,
            "QuickBooks lets nobody work with this company.",
            "Look at its subscription and billing there.",
        ),
        Row(
            "day-limit",
            WARNING,
            "There are more orders still to come than calls left today.",
            "It takes some days; a later `sync.start` makes it fewer.",
        ),
        Row(
            "limit-reached",
            ERROR,
            "The calls that the service allows are used up.",
            "Go on at the time that the message gives.",
        ),
    ),
    "Services that cannot be asked": (
        Row(
            "no-connection",
            ERROR,
            "The service cannot be reached.",
            "Check the network connection of this machine, then try again.",
        ),
        Row(
            "company-file",
            ERROR,
            "QuickBooks Desktop cannot open the company file.",
            "Check `qbd.company_file`, and that QuickBooks' SDK fits this Python.",
        ),
        Row(
            "com-missing",
            ERROR,
            "QuickBooks Desktop cannot be reached by COM from this machine.",
            'Set `qbd.transport = "web-connector"`, or install the extra `desktop`.',
        ),
        Row(
            "company-country",
            ERROR,
            "The company file in QuickBooks Desktop is of another country than the United States.",
            "Use another ledger: totals could not be Keap's.",
        ),
        Row(
            "quickbooks-too-old",
            ERROR,
            "QuickBooks Desktop is older than 2014 and does not know qbXML 13.",
            "Update QuickBooks.",
        ),
        Row(
            "quickbooks-not-ready",
            ERROR,
            "QuickBooks Desktop does not run, waits for somebody, or lets only one user in.",
            "The message says what to do at the QuickBooks PC; then try again.",
        ),
        Row(
            "quickbooks-died",
            ERROR,
            "QuickBooks Desktop broke off in the middle of a message.",
            "See whether it still runs; the next run looks up what became of the message.",
        ),
        Row(
            "message-refused",
            ERROR,
            "QuickBooks Desktop could not read a message of ours.",
            "Please report it, with the output of the same command with `-vv`.",
        ),
        Row(
            "no-web-connector",
            ERROR,
            "The Web Connector did not ask for work within `qbd.wait`.",
            "See that it runs at the QuickBooks PC with somebody logged in, or click *Update "
            "Selected* there: [desktop.md](desktop.md).",
        ),
        Row(
            "answer-lost",
            ERROR,
            "The Web Connector broke off with a message of ours out.",
            "Try again: the next run looks up what became of the message.",
        ),
        Row(
            "no-answer",
            ERROR,
            "QuickBooks Desktop works on a message for too long.",
            "See what it shows at its PC; the next run looks up what became of the message.",
        ),
        Row(
            "serve-ended",
            ERROR,
            "The `serve` through which this command reached QuickBooks has ended.",
            "Start it again, or run the command without it.",
        ),
        Row(
            "port-in-use",
            ERROR,
            "Another program has the port of `qbd.listen`.",
            "End it, or set another port and add the new file to the Web Connector.",
        ),
        Row("connection-lost", ERROR, "The connection broke off.", "Try again."),
        Row(
            "certificates",
            ERROR,
            "The service's certificate is not trusted on this machine.",
            "See `SSL_CERT_FILE`, and what stands between this machine and the service.",
        ),
        Row("proxy", ERROR, "The proxy cannot be used.", "Correct `HTTPS_PROXY` or `NO_PROXY`."),
        Row("service-down", ERROR, "The service has trouble of its own.", "Try again later."),
        Row(
            "inner-error",
            ERROR,
            "The service reports an error inside itself.",
            "Try again later; if it stays, tell the service's support.",
        ),
        Row(
            "not-json",
            ERROR,
            "Something else than the service answered, such as a login page.",
            "See what stands between this machine and the service.",
        ),
        Row("unreadable-answer", ERROR, "The answer cannot be read.", "Try again later."),
        Row("refused", ERROR, "The service refuses what is asked.", "The message has its words."),
    ),
    "The schedule": (
        Row(
            "not-scheduled",
            "warning/hint",
            "No runs are scheduled; a warning where mail or pings are waited for.",
            "`invoicesync schedule install`",
        ),
        Row(
            "program-missing",
            WARNING,
            "The entry starts a program that does not exist any more.",
            "`invoicesync schedule install`",
        ),
        Row(
            "schedule-unclear",
            WARNING,
            "The entry was changed or switched off: no next run is known.",
            "`invoicesync schedule install`",
        ),
        Row(
            "keyring-unreached",
            WARNING,
            "Scheduled runs cannot open the keyring.",
            'Set `auth.storage = "file"`, then sign in again.',
        ),
        Row(
            "secret-unscheduled",
            WARNING,
            "Scheduled runs do not have the environment variable by which you are signed in.",
            "Unset it and sign in, so that the secret is stored.",
        ),
        Row("paused", WARNING, "Scheduled runs do nothing.", "`invoicesync resume`"),
        Row(
            "no-runs",
            WARNING,
            "Runs are scheduled, and the last one is long ago.",
            "`invoicesync schedule show`",
        ),
    ),
    "This machine": (
        Row(
            "clock",
            WARNING,
            "This machine's clock is off by minutes.",
            "Let the system set it by the network (NTP).",
        ),
        Row(
            "root-set",
            HINT,
            "Requests go to a sandbox, not to the real services.",
            "Right for a rehearsal; else unset the variables.",
        ),
        Row(
            "file-readable",
            WARNING,
            "Others on this machine can read the state or the secrets.",
            "The message has the `chmod` that keeps them out.",
        ),
        Row(
            "state-shared",
            WARNING,
            "The state file is in a folder that is copied to other machines.",
            "Move it: two machines with one state may book twice.",
        ),
        Row(
            "keyring-plain",
            WARNING,
            "The keyring does not encrypt.",
            'Install one that does, or set `auth.storage = "file"`.',
        ),
        Row(
            "secrets-unavailable",
            ERROR,
            "The place for secrets cannot be used.",
            "The message says why.",
        ),
        Row("no-keyring", ERROR, "There is no keyring.", 'Set `auth.storage = "file"`.'),
        Row(
            "keyring-locked",
            ERROR,
            "The keyring does not answer.",
            'Unlock it, or set `auth.storage = "file"`.',
        ),
        Row(
            "file-unusable",
            ERROR,
            "A file or folder cannot be read or written.",
            "The message names it and says why.",
        ),
        Row(
            "state-unusable",
            ERROR,
            "The state file is damaged or is none.",
            "Put a copy back: `invoicesync restore FILE`",
        ),
        Row(
            "state-newer",
            ERROR,
            "The state file is of a newer version of invoicesync.",
            "Use that version.",
        ),
        Row("state-busy", ERROR, "Another process holds the state file.", "Try again."),
        Row("lock-busy", ERROR, "Another process renews the sign-in.", "Try again."),
        Row("disk-full", ERROR, "The disk is full.", "Make room, then try again."),
        Row("disk-failed", ERROR, "The disk reports an error.", "See to the disk first."),
    ),
    "Mail": (
        Row(
            "mail-password-missing",
            WARNING,
            "The mail server wants a login, and there is no password.",
            "`invoicesync notify password`",
        ),
        Row(
            "mail-login-refused",
            WARNING,
            "The mail server refuses the login.",
            "`invoicesync notify password`",
        ),
        Row(
            "mail-not-offered",
            WARNING,
            "The mail server does not offer what the config asks of it.",
            "See `notify.smtp_security` and `notify.smtp_user`.",
        ),
        Row(
            "mail-certificate",
            WARNING,
            "The mail server's certificate is not trusted.",
            "Correct `notify.smtp_host`; see `SSL_CERT_FILE`.",
        ),
        Row(
            "mail-tls",
            WARNING,
            "The mail server cannot be spoken to in this way.",
            "See `notify.smtp_security` and `notify.smtp_port`.",
        ),
        Row(
            "mail-no-connection",
            WARNING,
            "The mail server cannot be reached.",
            "See `notify.smtp_host` and `notify.smtp_port`.",
        ),
    ),
}
ROWS = {row.code: row for rows in SECTIONS.values() for row in rows}


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(name, rows) for name, rows in SECTIONS.items())


def _section(name: str, rows: Sequence[Row]) -> str:
    head = ["| code | level | what is the case | what to do |", "|---|---|---|---|"]
    lines = [
        f"| `{row.code}` | {', '.join(row.levels)} | {row.meaning} | {row.remedy} |" for row in rows
    ]
    return "\n".join(["", f"## {name}", "", *head, *lines, ""])


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
