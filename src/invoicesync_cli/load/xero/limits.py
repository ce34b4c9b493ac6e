"""Xero's limits, and the headers of its answers that say what is left of them."""

from invoicesync_cli.http.limits import ServiceLimits, Window
from invoicesync_cli.http.responses import count_of

LIMITS = ServiceLimits(
    name="Xero",
    # 60 a minute and 5 at once per organisation and app (Xero's "OAuth 2.0 API limits").
    # A second more than the minute: some requests are on their way for longer than others.
    windows=(Window(60, 61.0),),
    in_flight=4,
    # A batch of fifty invoices can take its time.
    timeout=100.0,
    day_left=lambda headers: count_of(headers.get("X-DayLimit-Remaining", "")),
    limit_named=lambda headers: headers.get("X-Rate-Limit-Problem", "").lower(),
    trace="Xero-Correlation-Id",
    day_resets="tomorrow",
    # Starter, and all other plans.
    days=(1000, 5000),
)
