"""Whatever a text has in it, QuickBooks Desktop gets what it can keep."""

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicesync_cli.load.qbd.requests import DoesNotFit, message, request
from invoicesync_cli.load.qbd.texts import escaped, latin
from invoicesync_sandbox.qbd.message import read


@given(st.text())
def test_what_is_kept_fits_a_byte_for_each_letter_and_stays(text: str) -> None:
    kept = latin(text)

    assert kept.encode("latin-1").decode("latin-1") == kept
    assert latin(kept) == kept
    assert escaped(kept).isascii()
    assert (fromstring(f"<a>{escaped(kept)}</a>").text or "") == kept  # noqa: S314 - made above


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_message_can_be_parsed(name: str, note: str) -> None:
    values = {"Name": f"x{name}", "Notes": note, "Phone": note}
    if len(latin(values["Name"])) > 41:
        with pytest.raises(DoesNotFit, match="Name"):
            request("CustomerAdd", values, "1")
        return
    text = request("CustomerAdd", values, "1")
    asked = read(message([text]), newest="13.0", raw_letters=False).requests[0]
    assert asked.refusal is None
    assert asked.sent.get("CustomerAdd").text("Name") == latin(f"x{name}")
