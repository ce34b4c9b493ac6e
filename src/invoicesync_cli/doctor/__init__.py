"""`doctor`: a profile's config and both services held against each other, all findings at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from invoicesync_cli.auth import Credentials, Pins
from invoicesync_cli.config import load
from invoicesync_cli.doctor.accounts import check_accounts
from invoicesync_cli.doctor.checkup import Checkup
from invoicesync_cli.doctor.documents import check_documents
from invoicesync_cli.doctor.findings import Area, Finding, exit_code
from invoicesync_cli.doctor.machine import check_machine, check_schedule
from invoicesync_cli.doctor.mail import check_mail_server
from invoicesync_cli.doctor.services import check_keap, check_ledger, first_look
from invoicesync_cli.doctor.settings import check_settings
from invoicesync_cli.errors import ConfigError, ExitCode
from invoicesync_cli.http.client import Network
from invoicesync_cli.paths import Paths
from invoicesync_cli.progress import ProgressListener
from invoicesync_cli.services import all_origins
from invoicesync_cli.state import Store

__all__ = ["Area", "Diagnosis", "Finding", "examine", "first_look"]


@dataclass(frozen=True)
class Diagnosis:
    """What was looked at and found, the worst area first, and what it has cost."""

    areas: tuple[Area, ...]
    calls: Mapping[str, int]

    @property
    def findings(self) -> list[Finding]:
        """All findings, in the order of the areas."""
        return [finding for area in self.areas for finding in area.findings]

    @property
    def exit_code(self) -> ExitCode:
        """That of the worst finding; 0 where none is an error."""
        return exit_code(self.findings)

    def worded(self, hint: Callable[[str], str]) -> "Diagnosis":
        """The same with every hint as the function words it."""
        areas = (
            replace(
                area,
                findings=[replace(found, hint=hint(found.hint)) for found in area.findings],
            )
            for area in self.areas
        )
        return replace(self, areas=tuple(areas))

    def as_json(self) -> dict[str, Any]:
        """As the contract has it, with what was looked at."""
        return {
            "findings": [finding.as_json() for finding in self.findings],
            "checked": [
                {"area": area.title, "what": area.checked, "details": list(area.details)}
                for area in self.areas
            ],
            "calls": dict(self.calls),
        }


def examine(
    paths: Paths, network: Network, environ: Mapping[str, str], progress: ProgressListener
) -> Diagnosis:
    """Check everything; nothing is written to either service, nor to config and state."""
    try:
        loaded = load(paths.config, complete=False)
    except ConfigError:
        return _diagnosis([check_settings(paths.config, None)], {})
    with Store.read(paths.state) as state:
        put = Pins(state).stores()
        all_origins(environ)
        checkup = Checkup(loaded, Credentials(loaded.config, paths, network, environ, put), state)
        checkup.read(progress)
        settings = check_settings(paths.config, loaded)
        wrong = frozenset(one.where for one in settings.findings if one.level == "error")
        areas = [
            settings,
            check_keap(checkup),
            check_ledger(checkup),
            check_accounts(checkup, wrong),
            check_documents(checkup),
            check_machine(checkup),
            check_schedule(checkup),
            *check_mail_server(checkup, wrong),
        ]
    calls = {"keap": checkup.keap.usage.calls, "ledger": checkup.books.usage.calls}
    return _diagnosis(areas, calls)


def _diagnosis(areas: list[Area], calls: Mapping[str, int]) -> Diagnosis:
    return Diagnosis(tuple(sorted(areas, key=lambda area: area.rank)), calls)
