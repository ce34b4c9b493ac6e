"""`docs/endpoints.md` names every call of the tool, and nothing else."""

from tests.contract import endpoints
from tests.contract.exchanges import Exchange
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
