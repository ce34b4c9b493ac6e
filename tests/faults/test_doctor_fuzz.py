"""`doctor` on answers of which one value is wrong: a finding or nothing, never a crash."""

import os
import random
from pathlib import Path

import pytest

from invoicesync_cli.doctor import examine
from invoicesync_cli.paths import locate
from invoicesync_cli.progress import SILENT
from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.shop.orders import fill_keap
from tests.kits.rehearsal import Rehearsal
from tests.kits.spoilt_answers import ROOTS, spoil

COUNT, SEED = (int(part) for part in os.environ.get("INVOICESYNC_FUZZ", "25:1").split(":"))
CONFIG = {
    "sync.mode": "invoices-and-payments",
    "contacts.pins": {"1": "b"},
}


@pytest.mark.off_spec
@pytest.mark.parametrize(("to", "spoilt"), [("xero", "keap"), ("xero", "xero"), ("qbo", "qbo")])
def test_one_wrong_value_is_no_crash(tmp_path: Path, to: str, spoilt: str) -> None:
    r = Rehearsal(tmp_path, to=to, **CONFIG)
    fill_keap(r.keap)
    paths, service = locate(environ=r.environ), getattr(r, spoilt)
    assert isinstance(service, Vendor)
    untouched, path = service.handle, ROOTS.get(spoilt, "/crm/rest/")
    whole = len(examine(paths, r.network, r.environ, SILENT).areas)
    for seed in range(SEED, SEED + COUNT):
        done = [f"seed {seed}"]
        spoil(service, path, random.Random(seed), done, 24 if spoilt == "keap" else 6)  # noqa: S311
        try:
            found = examine(paths, r.network, r.environ, SILENT)
        except Exception as error:
            raise AssertionError(done) from error
        assert len(found.areas) == whole
        assert found.exit_code in {0, 4, 5, 7}, done
        service.handle = untouched  # type: ignore[method-assign]
