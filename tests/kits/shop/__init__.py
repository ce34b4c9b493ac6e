"""A shop over weeks, for tests that let anything happen in any order."""
