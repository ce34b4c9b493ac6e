"""Answers that others recorded from real accounts, held against our readers and the sandbox."""
