"""The pages of the OAuth server that a person sees, and can click through."""

from collections.abc import Iterable, Mapping
from html import escape

from werkzeug.wrappers import Response

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; background: #eef1f4; color: #1d2733; margin: 0; }
main { max-width: 30rem; margin: 4rem auto; padding: 2rem; background: #fff; border-radius: 8px; }
h1 { font-size: 1.3rem; margin-top: 0; } .sandbox { color: #8a4b00; font-size: .85rem; }
label { display: block; padding: .3rem 0; } button { font: inherit; padding: .5rem 1.2rem; }
"""


def consent_page(
    vendor: str, app: str, scopes: Iterable[str], accounts: Mapping[str, str]
) -> Response:
    """What the app wants, and the accounts (by id, with their names) to choose from."""
    radios = "".join(
        f'<label><input type="radio" name="choice" value="{escape(key)}"'
        f"{' checked' if place == 0 else ''}> {escape(name)}</label>"
        for place, (key, name) in enumerate(accounts.items())
    )
    listed = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in scopes)
    return _page(
        vendor,
        f"<h1>{escape(app)} wants access to {vendor}</h1><ul>{listed}</ul>"
        f'<form method="post">{radios}<p>'
        '<button id="allow" name="decision" value="allow">Allow access</button> '
        '<button id="cancel" name="decision" value="cancel">Cancel</button></p></form>',
    )


def refusal_page(vendor: str, problem: str) -> Response:
    """A refusal that the browser does not leave again."""
    text = f"<h1>Sorry, something went wrong</h1><p>{escape(problem)}</p>"
    return _page(vendor, text, 400)


def _page(vendor: str, content: str, status: int = 200) -> Response:
    return Response(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{vendor} (sandbox)</title><style>{STYLE}</style></head><body><main>"
        f'<p class="sandbox">This is the sandbox, not {vendor}.</p>{content}'
        "</main></body></html>",
        status,
        content_type="text/html; charset=utf-8",
    )
