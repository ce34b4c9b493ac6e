"""What `doctor` finds of both services: sign-ins, limits, and those that cannot be asked."""

from collections.abc import Sequence

from tests.kits.findings.row import ERROR, WARNING, Row

SERVICES: dict[str, Sequence[Row]] = {
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
}
