"""The tests. What they share is in `tests.kits`."""

import pytest

pytest.register_assert_rewrite("tests.kits")
