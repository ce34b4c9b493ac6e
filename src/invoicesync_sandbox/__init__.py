"""Stateful stand-ins for the vendors: for the demo, for rehearsals, and for the tests."""
