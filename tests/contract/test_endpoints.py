"""`docs/endpoints.md` names every call of the tool, and nothing else."""

from tests.contract import endpoints
from tests.contract.evidence import CALLS, CLIENTS, REFUSALS
from tests.contract.exchanges import Exchange
from tests.contract.recorded.recordings import files, needs_recordings
from tests.contract.specification import needs_specifications
from tests.contract.unspecified import UNSPECIFIED

pytestmark = needs_specifications


def test_the_list_of_endpoints_is_what_the_tool_really_uses(
    runs: dict[str, list[Exchange]],
) -> None:
    heard = [exchange for exchanges in runs.values() for exchange in exchanges]

    assert endpoints.FILE.read_text(encoding="utf-8") == endpoints.page(heard), (
        f"docs/endpoints.md is out of date; write it anew: {endpoints.COMMAND}"
    )


def test_sign_in_endpoints_without_an_operation_are_all_used(
    runs: dict[str, list[Exchange]],
) -> None:
    used = {
        (exchange.service, exchange.method, exchange.path)
        for exchanges in runs.values()
        for exchange in exchanges
    }
    listed = {(service, *call) for service, calls in UNSPECIFIED.items() for call in calls}

    assert listed <= used


def test_what_vouches_is_for_calls_that_are_made(runs: dict[str, list[Exchange]]) -> None:
    heard = [exchange for exchanges in runs.values() for exchange in exchanges]
    calls = {f"{method} {path}" for method, path, _ in map(endpoints.row, heard)}

    assert CALLS.keys() | CLIENTS.keys() <= calls


@needs_recordings
def test_every_recording_vouches_for_something_that_is_depended_on() -> None:
    named = {*CALLS.values(), *(name for refusal in REFUSALS for name in refusal.recordings)}
    assert named <= set(files())
    # The rest are rows of lists, and the settings in XML.
    rows = {f"qbo/{name}.yml" for name in ROWS} | {f"qbo/xml/{name}.xml" for name in SETTINGS}
    assert set(files()) - named == rows | {"xero/test_call_api_get_organisations.yaml"}


ROWS = {
    *("all-alt_select", "all-customers", "all-sales_receipts", "create-customer"),
    *("create-invoice", "get-display_name", "get-id", "update-customer"),
}
SETTINGS = {"preferences_query", "tax_codes"}
