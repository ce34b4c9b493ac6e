"""Tests of what happens when something fails."""

import pytest

pytest.register_assert_rewrite("tests.faults.kit", "tests.faults.quickbooks")
