"""Tests of what happens when something fails."""

import pytest

for name in ("kit", "quickbooks", "bookkeeping"):
    pytest.register_assert_rewrite(f"tests.faults.{name}")
