"""Tests of what happens when something fails."""

import pytest

for name in ("kit", "quickbooks", "bookkeeping", "audit", "shopkeeping", "actions", "work"):
    pytest.register_assert_rewrite(f"tests.faults.{name}")
