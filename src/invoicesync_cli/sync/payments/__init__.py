"""Payments, credits and refunds: planned, sent, found again after a lost answer."""
