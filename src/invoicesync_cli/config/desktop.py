"""Where QuickBooks Desktop's Web Connector finds us, and durations: read and checked ([qbd])."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from invoicesync_cli.config.wording import SettingFinding
from invoicesync_cli.services import is_loopback

_DURATION = re.compile(r"([1-9][0-9]{0,5})([smh])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_SHORTEST_POLL = 60.0
"""Seconds: the Web Connector's own window takes no less."""


def seconds(text: str) -> float | None:
    """A duration such as `15m` in seconds; None for what is none."""
    found = _DURATION.fullmatch(text)
    return float(found[1]) * _UNITS[found[2]] if found else None


def address(listen: str) -> tuple[str, int] | None:
    """Host and port of `listen`; None for what is none."""
    try:
        parts = urlsplit(f"//{listen}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    whole = host and port and not (parts.path or parts.query or parts.username)
    return (host, port) if whole and port else None


def listening(listen: str) -> Iterator[SettingFinding]:
    """Problems of the address that the service listens on: only this machine may reach it."""
    found = address(listen)
    if found is None:
        yield (
            "qbd.listen",
            f"{listen!r} is no address with a port.",
            'Write one of this machine, such as "127.0.0.1:8085".',
        )
    elif not is_loopback(found[0]):
        yield (
            "qbd.listen",
            f"{found[0]} can be reached by others: the service listens on this machine only.",
            'Write "127.0.0.1:8085". docs/desktop.md says how QuickBooks on another machine '
            "reaches it.",
        )


def found_at(url: str) -> Iterator[SettingFinding]:
    """Problems of the address that the Web Connector is given; blank is this machine's."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    bare = not (parts.query or parts.fragment or parts.username)
    if not (bare and host and parts.scheme in {"http", "https"}):
        yield (
            "qbd.url",
            f"{url!r} is no address of a web service.",
            'Write one with https, such as "https://books.example.com", or "" for this machine.',
        )
    elif parts.scheme == "http" and host != "localhost":
        yield (
            "qbd.url",
            "the Web Connector takes http for localhost only, and the password would travel "
            "unencrypted.",
            "Write an https address, or leave it blank and forward a port through SSH.",
        )


def durations(**texts: str) -> Iterator[SettingFinding]:
    """Problems of durations, by their keys."""
    for name, text in texts.items():
        yield from _lasting(name, text)


def _lasting(name: str, text: str) -> Iterator[SettingFinding]:
    found = seconds(text)
    if found is None:
        yield (
            f"qbd.{name}",
            f"{text!r} is no duration.",
            'Write seconds, minutes or hours, such as "90s", "15m" or "1h".',
        )
    elif name == "every" and found < _SHORTEST_POLL:
        yield (
            "qbd.every",
            "the Web Connector comes once a minute at most.",
            'Write "1m" or more.',
        )
