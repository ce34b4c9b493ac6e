"""Opening a browser, where there is one that a person can see."""

import sys
import threading
from collections.abc import Callable, Mapping


def available(environ: Mapping[str, str]) -> bool:
    """Whether this machine has a screen to show a browser on.

    Without one, the standard library would start a text browser in the middle of the terminal.
    """
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))


def open_address(address: str, failed: Callable[[], None]) -> None:
    """Open `address` without waiting for the browser; `failed` is called if there is none."""

    def work() -> None:
        import webbrowser

        try:
            opened = webbrowser.open(address)
        except (webbrowser.Error, OSError):
            opened = False
        if not opened:
            failed()

    threading.Thread(target=work, daemon=True).start()
