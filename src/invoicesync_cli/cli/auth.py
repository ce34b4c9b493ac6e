"""`auth`: sign in to Keap and the ledgers, see who is signed in, and sign out."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from invoicesync_cli.cli.arguments import Service
from invoicesync_cli.cli.command import Call, OptionTable, command, group, parameters, takes
from invoicesync_cli.cli.doctor import show_area
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.tables import local
from invoicesync_cli.errors import ExitCode
from invoicesync_cli.vendors import KEAP, VENDORS, Vendor

if TYPE_CHECKING:
    from invoicesync_cli.auth import Credentials, Pins
    from invoicesync_cli.auth.sign_in import SignedIn
    from invoicesync_cli.cli.prompt import Terminal
    from invoicesync_cli.config import Loaded
    from invoicesync_cli.doctor import Area

PATIENCE = 300.0
"""Seconds for a person to click through a consent page."""

BROWSER_OPTIONS = ("no_browser", "redirect_uri", "timeout")
"""The options of every sign-in in a browser; others are in the vendor's row."""

SIGN_IN_OPTIONS: OptionTable = {
    "api_key": (
        Annotated[
            bool,
            typer.Option("--api-key", help="Read a key from a prompt or stdin."),
        ],
        False,
    ),
    "app": (
        Annotated[
            str, typer.Option(metavar="NAME", help="The account it has to be for, e.g. iq146.")
        ],
        "",
    ),
    "organisation": (
        Annotated[
            str, typer.Option(metavar="NAME|ID", help="Which one, when several are granted.")
        ],
        "",
    ),
    "renew": (
        Annotated[bool, typer.Option("--renew", help="Make a new id, for another company file.")],
        False,
    ),
    "no_browser": (
        Annotated[
            bool,
            typer.Option("--no-browser", help="Print the address; paste the landing address back."),
        ],
        False,
    ),
    "redirect_uri": (
        Annotated[
            str, typer.Option(metavar="URI", help="Instead of the redirect_uri of the config.")
        ],
        "",
    ),
    "timeout": (
        Annotated[
            float,
            typer.Option(metavar="SECONDS", min=0.1, help="How long to wait for the sign-in."),
        ],
        PATIENCE,
    ),
}
"""Type and default of every option that a sign-in can have."""


def register(app: typer.Typer) -> None:
    """Add the group."""
    auth = group("Sign in and out, and see who is signed in.")
    app.add_typer(auth, name="auth")
    for vendor in VENDORS.values():
        _add_sign_in(auth, vendor)

    @command(auth, "auth status", help="Who is signed in where, and what is missing.")
    def _status(call: Call) -> Report:
        return _overview(call)

    @command(auth, "auth logout", help="Withdraw a sign-in at the service and delete it here.")
    def _logout(
        call: Call,
        service: Annotated[Service, typer.Argument(help="Which one.")],
        forget_books: Annotated[
            bool,
            typer.Option(
                "--forget-books",
                help="Put this profile's records away, in a file beside them, and begin anew.",
            ),
        ] = False,
    ) -> Report:
        return _leave(call, VENDORS[service], forget_books=forget_books)


def _add_sign_in(auth: typer.Typer, vendor: Vendor) -> None:
    """Add the command that signs in to a vendor, with the options that its row names."""

    def sign_in(call: Call, **values: Any) -> Report:
        return _sign_in(call, vendor, values)

    names = (*vendor.sign_in_options, *(BROWSER_OPTIONS if vendor.in_browser else ()))
    call = inspect.Parameter("call", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    takes(sign_in, [call, *parameters({name: SIGN_IN_OPTIONS[name] for name in names})])
    command(auth, f"auth {vendor.key}", help=f"Sign in to {vendor.product}.")(sign_in)


def _sign_in(call: Call, vendor: Vendor, values: dict[str, Any]) -> Report:
    from invoicesync_cli.cli.prompt import Terminal

    done = signed_in(call, vendor, Terminal(call.no_input), **values)
    return _welcome(vendor, done, _first_look(call) if vendor is KEAP else None)


def _first_look(call: Call) -> "Area":
    """What Keap's own data say. Whatever it is, the sign-in has worked."""
    from invoicesync_cli.cli.progress import progress
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.doctor import first_look

    workspace = Workspace()
    with (
        progress(call) as show,
        workspace.keap(call, workspace.config(call, complete=False)) as keap,
    ):
        show.phase("Looking at Keap's newest orders")
        return first_look(keap)


def signed_in(
    call: Call,
    vendor: Vendor,
    terminal: "Terminal",
    loaded: "Loaded | None" = None,
    *,
    no_browser: bool = False,
    timeout: float = PATIENCE,
    **options: Any,
) -> "SignedIn":
    """Sign in, by the config of the file or one in the making.

    The state is tied to the service's root once it has worked. Raises `SignInNeeded`,
    `ConfigError`, or `TryLater`.
    """
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.auth.consent import Ways
    from invoicesync_cli.auth.sign_in import SignInOptions, SignInSession, sign_in
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.services import origins

    workspace = Workspace()
    ways = Ways(not no_browser, timeout, workspace.environ)
    where = origins(vendor.key, workspace.environ)
    credentials = workspace.credentials(call, loaded)
    with workspace.state(call) as state:
        pins = Pins(state)
        pins.check_root(where)
        session = SignInSession(vendor, credentials, pins, terminal, ways)
        done = sign_in(session, SignInOptions(**options))
        pins.pin_root(where)
    return done


def _welcome(vendor: Vendor, done: "SignedIn", look: "Area | None") -> Report:
    from invoicesync_cli.auth.accounts import described

    who = described(done.account) or "an account without a name"
    data = {
        "service": vendor.key,
        "signed_in": True,
        "name": done.account.name,
        "id": done.account.id,
        "scopes": list(done.scopes),
        "sign_in": done.kind,
        "storage": done.storage,
        "store": done.label,
    }
    if look:
        data["findings"] = [finding.as_json() for finding in look.findings]

    def text(screen: Screen) -> None:
        screen.line(f"Signed in to {vendor.title}: {who}.", style="bold")
        kept = "not stored, it comes from" if done.storage == "environment" else "kept in the"
        screen.line(f"The secret is {kept} {done.label}.")
        if look:
            show_area(screen, look)
        screen.note(
            f"Is that the wrong one? invoicesync auth logout {vendor.key}. "
            "What is still missing: invoicesync auth status"
        )

    return Report(data, text)


def _overview(call: Call) -> Report:
    from invoicesync_cli.auth.overview import services

    with looking(call) as (credentials, pins):
        found, problems = services(credentials, pins)
    missing = [item for item in found.values() if item["needed"] and not item["signed_in"]]
    code = ExitCode.SIGN_IN if missing else ExitCode.OK
    return Report({"services": found}, lambda screen: _show(screen, found), code, problems)


@contextlib.contextmanager
def looking(call: Call, loaded: "Loaded | None" = None) -> "Iterator[tuple[Credentials, Pins]]":
    """What is known of the sign-ins, by the config of the file or one in the making."""
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.auth.overview import needed
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.services import origins
    from invoicesync_cli.state import Store

    workspace = Workspace()
    with Store.read(workspace.paths(call).state) as state:
        credentials, pins = workspace.credentials(call, loaded, state), Pins(state)
        for service in needed(credentials):
            pins.check_root(origins(service, workspace.environ))
        yield credentials, pins


def _show(screen: Screen, found: dict[str, dict[str, Any]]) -> None:
    for service, item in found.items():
        who = f"{item['name']} ({item['id']})" if item["name"] else item["id"]
        if not item["signed_in"]:
            state = "not signed in" if item["needed"] else "not signed in, not needed"
            screen.line(
                f"{VENDORS[service].title}: {state}", style="bold red" if item["needed"] else ""
            )
        else:
            to = f" to {who}" if who else ""
            screen.line(f"{VENDORS[service].title}: signed in{to}", style="bold green")
        if item["store"]:
            screen.line(f"  kept in: {item['store']}")
        if item["scopes"]:
            screen.line(f"  may use: {' '.join(item['scopes'])}")
        _show_ages(screen, item)
        if item["hint"]:
            screen.line(f"  to do: {item['hint']}", style="yellow")


def _show_ages(screen: Screen, item: dict[str, Any]) -> None:
    for key, words in (
        ("signed_in_at", "signed in at"),
        ("refreshed_at", "renewed at"),
        ("access_expires", "token good until"),
        ("expires", "sign-in good until"),
    ):
        if item[key]:
            unused = ", longer with every run" if key == "expires" else ""
            screen.line(f"  {words}: {local(item[key])}{unused}")


def _leave(call: Call, vendor: Vendor, *, forget_books: bool) -> Report:
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.auth.accounts import described
    from invoicesync_cli.auth.sign_out import sign_out
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.lock import only_run
    from invoicesync_cli.state.opening import put_away

    workspace, service = Workspace(), vendor.key
    credentials, paths = workspace.credentials(call), workspace.paths(call)
    archived = None
    with contextlib.ExitStack() as stack:
        if forget_books:
            stack.enter_context(only_run(paths.lock))
        with workspace.state(call) as state:
            pins = Pins(state)
            was_in, messages = sign_out(credentials, pins, service)
            bound, owner, paused = pins.bound(service), pins.known(service), state.is_paused()
        if forget_books:
            archived = put_away(paths, credentials.network.timing.now().date())
            if paused:
                with workspace.state(call) as state:
                    state.set_paused(True)

    def text(screen: Screen) -> None:
        if was_in:
            screen.line(f"Signed out of {vendor.title}.")
        if archived:
            screen.line(f"The records of this profile were put away: {archived}")
        elif bound:
            screen.note(
                f"Its records stay, and are those of the {vendor.account} {described(owner)}: only "
                "that can be signed in to again. For another one use --profile NAME, or put them "
                f"away: invoicesync auth logout {service} --forget-books"
            )

    data = {
        "service": service,
        "signed_in": False,
        "archived": str(archived) if archived else None,
    }
    return Report(data, text, messages=messages)
