"""`doctor --write-test`: what nobody has said of QuickBooks Desktop in public, asked of a real one.

In a company file that calls itself a sample eight things are written, read back and taken back
again, and the messages are kept in a file to send in. Nothing of it touches config, state or Keap.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from invoicesync_cli.auth import Credentials
from invoicesync_cli.auth.accounts import Account
from invoicesync_cli.errors import ConfigError, InvoiceSyncError
from invoicesync_cli.load.qbd import setup
from invoicesync_cli.load.qbd.carriers import Reach, open_channel
from invoicesync_cli.load.qbd.channel import SERVICE, Channel
from invoicesync_cli.load.qbd.client import DesktopClient
from invoicesync_cli.load.qbd.company import Company, check_company, read_company
from invoicesync_cli.load.qbd.write_test import afterwards
from invoicesync_cli.load.qbd.write_test.course import EightWrites
from invoicesync_cli.load.qbd.write_test.material import CUSTOMER, material_of
from invoicesync_cli.load.qbd.write_test.messages import MessageFile, WrittenDown
from invoicesync_cli.load.qbd.write_test.results import WriteTest
from invoicesync_cli.load.qbd.write_test.taking_back import customers, take_back, transactions
from invoicesync_cli.progress import ProgressListener
from invoicesync_cli.vendors import QBD

__all__ = ["write_test"]

FOUND_AGAIN = (
    f"What it has written is on a customer whose name begins with “{CUSTOMER.strip()}”. The same "
    "command takes that back first, and begins anew."
)
"""What to do about a test that did not end."""


def write_test(
    credentials: Credentials,
    folder: Path,
    same_books: Callable[[Account], None],
    progress: ProgressListener,
) -> WriteTest:
    """Write, read and take back, and keep the messages in a new file in `folder`.

    `same_books` raises for another company than the profile's. Raises `ConfigError` for a company
    file that is no sample, and what the channel raises.
    """
    tokens, config = credentials.secret(QBD.secret("password")), credentials.config
    credentials.tokens(QBD.key)
    network = credentials.network
    reach = Reach(config.qbd, credentials.where(QBD.key), network, tokens)
    channel = open_channel(reach)
    try:
        progress.phase(f"Asking {QBD.title}")
        company = read_company(DesktopClient(channel, network.timing))
        same_books(company.account(credentials.account(QBD.key)))
        check_company(company)
        _check_sample(company)
        at, path = _free(network.timing.now(), folder)
        file = MessageFile(
            path,
            f"write test of {company.host.product_name or SERVICE} (qbXML "
            f"{company.host.versions[-1]}), by {config.qbd.transport}, {at:%Y-%m-%d %H:%M:%S} UTC",
        )
        try:
            return _tested(credentials, channel, file, company, at, progress)
        except InvoiceSyncError as error:
            error.hint = " ".join(part for part in (error.hint, FOUND_AGAIN) if part)
            raise
        finally:
            file.close()
    finally:
        channel.close()


def _free(at: datetime, folder: Path) -> tuple[datetime, Path]:
    """The first second from `at` on that no other test has, and the file for it."""
    while (path := folder / f"write-test-{at:%Y%m%d-%H%M%S}.txt").exists():
        at += timedelta(seconds=1)
    return at, path


def _check_sample(company: Company) -> None:
    if not company.info.is_sample_company:
        raise ConfigError(
            f"The company file {company.info.company_name} is no sample, and a write test writes "
            "invoices: it does so in QuickBooks' own sample files only.",
            hint="In QuickBooks: File > Close Company, then Open a sample file. Sign in to it with "
            "a profile of its own: invoicesync auth qbd --profile sample",
            code="no-sample-company",
        )


def _tested(
    credentials: Credentials,
    channel: Channel,
    file: MessageFile,
    company: Company,
    at: datetime,
    progress: ProgressListener,
) -> WriteTest:
    timing = credentials.network.timing
    client = DesktopClient(WrittenDown(channel, timing, file), timing)
    lists = setup.CompanyLists(setup.read_lists(client, setup.LISTS))
    material = material_of(lists, credentials.config.qbd)
    before = take_back(client, customers(client))
    course = EightWrites(client, material, at, progress.phase)
    result = WriteTest(
        company.info.company_name, company.host.product_name, course.customer, file.path
    )
    result.earlier, result.left = len(before.rows), list(before.left)
    result.writes = course.run()
    progress.phase("Taking it back")
    result.afterwards.append(afterwards.remembered(client, course.keys))
    ours = [one for one in customers(client) if one.list_id == course.customer_id]
    back = take_back(client, ours)
    rows = transactions(client, [one.list_id for one in ours])
    ended = {row.txn_id for row in back.rows}
    still = [row for row in rows if row.alive and row.txn_id in ended]
    result.taken_back = len(ended) - len(still)
    result.left += [*back.left, *(f"{row.name}: it is there all the same." for row in still)]
    result.afterwards += afterwards.voided(rows, back)
    result.afterwards.append(afterwards.deleted(client, back))
    result.afterwards.append(afterwards.raw_letters(client))
    result.afterwards.append(afterwards.speed(result.writes))
    result.calls = client.usage.calls
    for finding in result.findings:
        file.write(f"\n{finding.question}: {finding.found}")
    return result
