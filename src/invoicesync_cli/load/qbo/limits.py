"""QuickBooks' limits, which its answers do not name."""

from invoicesync_cli.http.limits import ServiceLimits
from invoicesync_cli.load.qbo.schemas import SERVICE

LIMITS = ServiceLimits(
    name=SERVICE,
    # 40 batches a minute per company and app, 10 calls a second. Nearly every call is a batch.
    windows=((38, 60.0), (9, 1.0)),
    in_flight=4,
    # Intuit gives up after 120 seconds.
    timeout=130.0,
    trace="intuit_tid",
    # Intuit's advice: its 429 names no time.
    throttled_wait=60.0,
)
