"""What `doctor` finds of this machine, its schedule and its mail."""

from collections.abc import Sequence

from tests.kits.findings.row import ERROR, HINT, WARNING, Row

MACHINE: dict[str, Sequence[Row]] = {
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
