"""Records what the tool and the services say to each other, so that a problem can be replayed.

A recording is a file of JSON lines: one that says what it is, then one per request. It holds no
token, key, name, e-mail, telephone number, address or text in clear (see `masking`); ids, dates,
amounts, codes and states stay as they are.
"""

import os
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl

import simplejson

from invoicesync_cli import __version__
from invoicesync_cli.errors import UsageError
from invoicesync_cli.http.masking import Mask
from invoicesync_cli.http.responses import loads

HEADERS = {
    "content-type",
    "date",
    "retry-after",
    "x-rate-limit-problem",
    "x-minlimit-remaining",
    "x-daylimit-remaining",
    "x-keap-product-quota-available",
    "xero-correlation-id",
    "intuit_tid",
}
"""Headers of answers that are recorded as they are."""
MASKED_HEADERS = {"x-keap-tenant-id"}
"""Headers of answers that are recorded under a mask; all others are left out."""


class Transport(Protocol):
    """What carries a request to a service."""

    def handle_request(self, request: Any) -> Any:
        """Send a request and give its answer."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class Recorder:
    """Writes to one new file, which only its owner can read."""

    def __init__(self, file: Path, mask: Mask | None = None) -> None:
        self._mask = mask or Mask()
        self._lock = threading.Lock()
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise UsageError(
                f"--record: {file} exists already.", hint="Name a file that does not exist yet."
            ) from None
        except OSError as error:
            raise UsageError(
                f"--record: {file} cannot be written: {error.strerror}.",
                hint="Name a file in a folder that you may write to.",
            ) from None
        self._file = os.fdopen(handle, "w", encoding="utf-8", errors="replace")
        self._write({"recording": 1, "invoicesync": __version__, "at": _stamp(datetime.now(UTC))})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def exchange(
        self, service: str, at: datetime, request: Any, response: Any = None, lost: str = ""
    ) -> None:
        """Record a request with its answer, or with why there is none. `at` is when it was sent."""
        mask = self._mask
        row: dict[str, Any] = {
            "at": _stamp(at),
            "service": service,
            "method": request.method,
            "path": mask.path(request.url.path),
            "query": mask.query(request.url.params.multi_items()),
            "sent": self._body(request.headers, request.content),
        }
        if response is None:
            row["lost"] = lost
        else:
            row |= {
                "status": response.status_code,
                "headers": self._headers(response.headers),
                "got": self._body(response.headers, response.content),
            }
        self._write(row)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in headers.items() if name.lower() in HEADERS}
        masked = {
            name: self._mask.text(value)
            for name, value in headers.items()
            if name.lower() in MASKED_HEADERS
        }
        return kept | masked

    def _body(self, headers: Mapping[str, str], content: bytes) -> Any:
        """A body as data; of a text in no known form only what kind of text it is."""
        if not content:
            return None
        text = content.decode("utf-8-sig", "replace")
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {"form": self._mask.data(dict(parse_qsl(text)))}
        try:
            return {"json": self._mask.data(loads(text))}
        except (ValueError, RecursionError):
            return {"text": _opening(text) + self._mask.text(text)}

    def _write(self, row: Mapping[str, Any]) -> None:
        line = simplejson.dumps(row, use_decimal=True, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


class Recording:
    """A transport that has everything recorded that passes through it."""

    def __init__(
        self, inner: Transport, recorder: Recorder, service: str, now: Callable[[], datetime]
    ) -> None:
        self._inner = inner
        self._recorder = recorder
        self._service = service
        self._now = now

    def handle_request(self, request: Any) -> Any:
        """Send a request and give its answer."""
        at = self._now()
        try:
            response = self._inner.handle_request(request)
        except Exception as error:
            self._recorder.exchange(self._service, at, request, lost=type(error).__name__)
            raise
        self._recorder.exchange(self._service, at, request, response)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def _opening(text: str) -> str:
    """What distinguishes web pages and XML from other text: it decides how an answer is read."""
    start = text.lstrip()[:200].lower()
    if start.startswith("<!doctype html") or "<html" in start:
        return "<!doctype html>"
    return "<?xml?>" if start.startswith("<") else ""


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds")
