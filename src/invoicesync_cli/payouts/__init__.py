"""Payouts of a merchant account, held against the payments that were booked."""

from invoicesync_cli.payouts.books import BookedPayment, booked_payments
from invoicesync_cli.payouts.layouts import Columns
from invoicesync_cli.payouts.matching import MatchedRow, Payout, ReportOutcome, Unmatched, match
from invoicesync_cli.payouts.reading import ReportRow, read_report

__all__ = [
    "BookedPayment",
    "Columns",
    "MatchedRow",
    "Payout",
    "ReportOutcome",
    "ReportRow",
    "Unmatched",
    "booked_payments",
    "match",
    "read_report",
]
