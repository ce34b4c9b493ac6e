"""The mail server: whether scheduled runs can send mail by it. Nothing is sent."""

from collections.abc import Iterator, Set
from dataclasses import replace

from invoicesync_cli.doctor.checkup import Checkup
from invoicesync_cli.doctor.findings import Area, of_error
from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.notify.mail import check_mail, smtp_password


def check_mail_server(checkup: Checkup, wrong: Set[str]) -> Iterator[Area]:
    """The mail server, where any mail is to be sent; `wrong` are keys that cannot be used.

    A warning, for what cannot be mailed stops no run.
    """
    settings = checkup.loaded.config.notify
    if settings.email == "off" or any(key.startswith("notify.") for key in wrong):
        return
    where = f"{settings.smtp_host}, port {settings.smtp_port}"
    try:
        check_mail(settings, smtp_password(checkup.credentials))
    except InvoiceSyncError as error:
        found = [replace(one, level="warning") for one in of_error(error, "notify.smtp_host")]
        yield Area("Mail", f"{where}, could not be used", found)
    else:
        yield Area("Mail", f"{where}, takes mail; to send one: invoicesync notify test")
