"""Tests of what happens when something fails."""
