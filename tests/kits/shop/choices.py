"""What is drawn by chance: amounts, dates, waits, limits, and what a ledger makes of keys."""

from decimal import Decimal

from hypothesis import strategies as st

from tests.kits.bookkeeping import Keys

DAY = 86_400
WAITS = st.sampled_from([0, 30, 300, 1800, 3600, 8 * 3600, DAY, 3 * DAY, 8 * DAY, 36 * DAY])
BACK = st.sampled_from([0, 0, 3, 20, 60])
"""How many days ago something is said to have been."""
CENT = Decimal("0.01")
CENTS = st.integers(min_value=200, max_value=20_000)
AGE = st.sampled_from([0, 1, 3, 40, 100])
"""Of an order, in days."""
PAID = st.sampled_from(["", "half", "all", "returned", "given back", "credited", "written off"])
"""What of an order is paid when it is entered. Of a returned one a part is given back already, of
one given back everything; half of a credited one is a credit, and all of one written off."""
KEYS = st.builds(
    Keys,
    remembered=st.sampled_from(["long", "young", "last", "never"]),
    at_work=st.sampled_from(["know", "refuse", "ignore"]),
    answered=st.sampled_from([True, True, False]),
)
ORDER = st.tuples(CENTS, st.booleans(), AGE, PAID)
PARTLY = st.sampled_from(["half", "half", "all", "returned", "given back", "credited"])
SOLD = st.lists(st.tuples(CENTS, st.booleans(), AGE, PARTLY), min_size=1, max_size=2)
"""Orders with money of every kind, mostly less than all: what is booked twice is not refused."""
OLD = st.lists(
    st.tuples(
        CENTS,
        st.booleans(),
        st.sampled_from([1, 40, 100, 100]),
        st.sampled_from(["all", "all", "returned", "given back", "written off"]),
    ),
    max_size=3,
)
"""Orders that are mostly so old, and so much is paid of them, that no later run asks for their
money by itself: whatever is left of it has to be remembered."""
SOON = st.sampled_from([0, 0, 1, 30, 300, 3600])
"""In how many seconds the next run comes."""
PICK = st.integers(min_value=0, max_value=99)
PART = st.sampled_from([Decimal("0.3"), Decimal("0.5"), Decimal(1)])
FIRST = st.sampled_from([None, None, 0, 3600, 4 * DAY, 10 * DAY, 40 * DAY])
"""How many seconds ago there was a run, beside the one just now; None: there was none at all."""
MOST = st.sampled_from([0, 1, 1, 2])


def part_of(amount: Decimal, part: Decimal) -> Decimal:
    """A part of an amount, in whole cents and never nothing."""
    return max((amount * part).quantize(CENT), CENT)
