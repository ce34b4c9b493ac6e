"""Signing in to QuickBooks Desktop, by whichever carrier the config names."""

from invoicesync_cli.auth.sign_in import SignedIn, SignInOptions, SignInSession
from invoicesync_cli.load.qbd.carriers import carrier


def sign_in(session: SignInSession, options: SignInOptions) -> SignedIn:
    """Open the company file once, and pin its company."""
    return carrier(session.credentials.config.qbd).sign_in(session, options)
