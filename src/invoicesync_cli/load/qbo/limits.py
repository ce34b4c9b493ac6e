"""QuickBooks' limits, which its answers do not name."""

from invoicesync_cli.http.limits import ServiceLimits, Window
from invoicesync_cli.load.qbo.schemas import SERVICE

LIMITS = ServiceLimits(
    name=SERVICE,
    # Per company: 40 batches a minute and 10 calls a second for each app, 500 calls a minute for
    # all of them (Intuit's "Limits and throttles").
    windows=(Window(38, 60.0, "/batch"), Window(9, 1.0), Window(450, 60.0)),
    in_flight=4,
    # Intuit gives up after 120 seconds.
    timeout=130.0,
    trace="intuit_tid",
    # Intuit's advice: its 429 names no time.
    throttled_wait=60.0,
)
