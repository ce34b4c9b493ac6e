"""The page that the browser shows when it comes back from a vendor: plain, and all our own."""

import base64
import hashlib
from html import escape

STYLE = """
:root { color-scheme: light dark; --line: #d5d9df; --good: #1a7f4b; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --line: #3a414b; --good: #5cc08b; --bad: #f2877f; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { box-sizing: border-box; width: min(34rem, calc(100vw - 2rem)); padding: 2rem 2.25rem;
  border: 1px solid var(--line); border-top: 5px solid var(--mark); border-radius: 10px; }
main.good { --mark: var(--good); } main.bad { --mark: var(--bad); }
h1 { margin: 0 0 .75rem; font-size: 1.45rem; line-height: 1.3; }
p { margin: .75rem 0; }
code { font: .93em ui-monospace, Menlo, Consolas, monospace; }
footer { margin-top: 1.5rem; padding-top: .9rem; border-top: 1px solid var(--line);
  font-size: .85rem; opacity: .75; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # Nothing is fetched from anywhere, and the address with the code in it is passed to nobody.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Connection": "close",
}


def allowed(name: str) -> str:
    """After consent. The sign-in itself ends in the terminal, so this does not promise it."""
    return _page(
        f"{name} has let invoicesync in",
        [
            "You can close this page and go back to the terminal.",
            "The sign-in is being finished there: it shows whose books were connected, and what "
            "to do next.",
        ],
        good=True,
    )


def refused(name: str, command: str) -> str:
    """After a refusal on the vendor's page."""
    return _page(
        "Nothing was connected",
        [
            f"Access was refused on {name}'s page, and nothing was stored.",
            "If that is what you wanted, you can close this page. To allow it after all, run this "
            "in the terminal:",
        ],
        command,
    )


def wrong_state(command: str) -> str:
    """After an answer that was not meant for this sign-in."""
    return _page(
        "This answer was not expected",
        [
            "It does not belong to the sign-in that is waiting in your terminal, so it was not "
            "used and nothing was connected. It may come from an older page, or somebody else "
            "may have made it.",
            "Close this page and start again in the terminal:",
        ],
        command,
    )


def not_here(command: str) -> str:
    """For anything else that asks at this address."""
    return _page(
        "Nothing to see here",
        [
            "invoicesync waits at this address for the answer to a sign-in, and this is none. To "
            "sign in, run this in the terminal:",
        ],
        command,
    )


def _page(title: str, paragraphs: list[str], command: str = "", *, good: bool = False) -> str:
    text = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    typed = f"<p><code>{escape(command)}</code></p>" if command else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} – invoicesync</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<main class="{"good" if good else "bad"}">
<h1>{escape(title)}</h1>
{text}
{typed}
<footer>This page was made by invoicesync on this computer.</footer>
</main>
</body>
</html>
"""
