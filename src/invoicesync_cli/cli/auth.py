"""`auth`: sign in to Keap, Xero and QuickBooks, see who is signed in, and sign out."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from invoicesync_cli.cli.command import Call, command, group
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from invoicesync_cli.auth import Credentials, Pins
    from invoicesync_cli.auth.sign_in import SignedIn, SignInSession

SERVICES = ("keap", "xero", "qbo")
PATIENCE = 300.0
"""Seconds for a person to click through a consent page."""

NoBrowser = Annotated[
    bool,
    typer.Option("--no-browser", help="Print the address; paste the landing address back."),
]
RedirectUri = Annotated[
    str, typer.Option(metavar="URI", help="Instead of the redirect_uri of the config.")
]
Timeout = Annotated[
    float, typer.Option(metavar="SECONDS", min=0.1, help="How long to wait for the browser.")
]


@dataclass(frozen=True)
class Browsing:
    """The options of a sign-in in a browser."""

    no_browser: bool
    redirect_uri: str
    timeout: float


def register(app: typer.Typer) -> None:
    """Add the group."""
    auth = group("Sign in and out, and see who is signed in.")
    app.add_typer(auth, name="auth")
    _sign_ins(auth)

    @command(auth, "auth status", help="Who is signed in where, and what is missing.")
    def _status(call: Call) -> Report:
        return _overview(call)

    @command(auth, "auth logout", help="Withdraw a sign-in at the service and delete it here.")
    def _logout(
        call: Call,
        service: Annotated[str, typer.Argument(metavar="keap|xero|qbo", help="Which one.")],
        forget_books: Annotated[
            bool,
            typer.Option(
                "--forget-books",
                help="Put this profile's records away, in a file beside them, and begin anew.",
            ),
        ] = False,
    ) -> Report:
        if service not in SERVICES:
            raise UsageError(f"{service!r} is none of {', '.join(SERVICES)}.")
        return _leave(call, service, forget_books=forget_books)


def _sign_ins(auth: typer.Typer) -> None:
    @command(auth, "auth keap", help="Sign in to Keap, with a key or in a browser.")
    def _keap(
        call: Call,
        api_key: Annotated[
            bool,
            typer.Option("--api-key", help="Read a key (PAT or SAK) from a prompt or stdin."),
        ] = False,
        app: Annotated[
            str, typer.Option(metavar="NAME", help="The account it has to be for, e.g. iq146.")
        ] = "",
        no_browser: NoBrowser = False,
        redirect_uri: RedirectUri = "",
        timeout: Timeout = PATIENCE,
    ) -> Report:
        from invoicesync_cli.auth import sign_in

        with _desk(call, "keap", Browsing(no_browser, redirect_uri, timeout)) as session:
            if api_key or session.credentials.config.keap.sign_in == "api-key":
                return _welcome(sign_in.keap_by_key(session, typed=api_key, app=app))
            return _welcome(sign_in.keap_by_oauth(session, redirect_uri, app))

    @command(auth, "auth xero", help="Sign in to Xero and choose the organisation.")
    def _xero(
        call: Call,
        organisation: Annotated[
            str, typer.Option(metavar="NAME|ID", help="Which one, when several are granted.")
        ] = "",
        no_browser: NoBrowser = False,
        redirect_uri: RedirectUri = "",
        timeout: Timeout = PATIENCE,
    ) -> Report:
        from invoicesync_cli.auth import sign_in

        with _desk(call, "xero", Browsing(no_browser, redirect_uri, timeout)) as session:
            if session.credentials.config.xero.sign_in == "custom-connection":
                return _welcome(sign_in.xero_custom(session, organisation))
            return _welcome(sign_in.xero(session, redirect_uri, organisation))

    @command(auth, "auth qbo", help="Sign in to QuickBooks Online.")
    def _qbo(
        call: Call,
        no_browser: NoBrowser = False,
        redirect_uri: RedirectUri = "",
        timeout: Timeout = PATIENCE,
    ) -> Report:
        from invoicesync_cli.auth import sign_in

        with _desk(call, "qbo", Browsing(no_browser, redirect_uri, timeout)) as session:
            return _welcome(sign_in.qbo(session, redirect_uri))


@contextlib.contextmanager
def _desk(call: Call, service: str, browsing: Browsing) -> "Iterator[SignInSession]":
    """What a sign-in works with. The state is tied to the service's root once it has worked."""
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.auth.consent import Ways
    from invoicesync_cli.auth.sign_in import SignInSession
    from invoicesync_cli.cli.prompt import Terminal
    from invoicesync_cli.cli.workspace import Workspace, check_root, pin_root
    from invoicesync_cli.services import origins

    world = Workspace()
    where, credentials = origins(service, world.environ), world.credentials(call)
    with world.state(call) as state:
        check_root(state, where)
        ways = Ways(not browsing.no_browser, browsing.timeout, world.environ)
        yield SignInSession(credentials, Pins(state), Terminal(call.no_input), ways)
        pin_root(state, where)


def _welcome(done: "SignedIn") -> Report:
    from invoicesync_cli.auth.accounts import NAMES, described

    name = NAMES[done.service]
    who = described(done.account) or "an account without a name"
    data = {
        "service": done.service,
        "signed_in": True,
        "name": done.account.name,
        "id": done.account.id,
        "scopes": list(done.scopes),
        "sign_in": done.kind,
        "storage": done.storage,
        "store": done.label,
    }

    def text(screen: Screen) -> None:
        screen.line(f"Signed in to {name}: {who}.", style="bold")
        kept = "not stored, it comes from" if done.storage == "environment" else "kept in the"
        screen.line(f"The secret is {kept} {done.label}.")
        screen.note(
            f"Is that the wrong one? invoicesync auth logout {done.service}. "
            "What is still missing: invoicesync auth status"
        )

    return Report(data, text)


def _overview(call: Call) -> Report:
    from invoicesync_cli.auth.overview import services

    with _looking(call) as (credentials, pins):
        found, problems = services(credentials, pins)
    missing = [item for item in found.values() if item["needed"] and not item["signed_in"]]
    code = ExitCode.SIGN_IN if missing else ExitCode.OK
    return Report({"services": found}, lambda screen: _show(screen, found), code, problems)


@contextlib.contextmanager
def _looking(call: Call) -> "Iterator[tuple[Credentials, Pins]]":
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.auth.overview import needed
    from invoicesync_cli.cli.workspace import Workspace, check_root
    from invoicesync_cli.services import origins
    from invoicesync_cli.state import Store

    world = Workspace()
    with Store.read(world.paths(call).state) as state:
        credentials = world.credentials(call, state=state)
        for service in needed(credentials):
            check_root(state, origins(service, world.environ))
        yield credentials, Pins(state)


def _show(screen: Screen, found: dict[str, dict[str, Any]]) -> None:
    from invoicesync_cli.auth.accounts import NAMES

    for service, item in found.items():
        who = f"{item['name']} ({item['id']})" if item["name"] else item["id"]
        if not item["signed_in"]:
            state = "not signed in" if item["needed"] else "not signed in, not needed"
            screen.line(f"{NAMES[service]}: {state}", style="bold" if item["needed"] else "")
        else:
            screen.line(f"{NAMES[service]}: signed in{f' to {who}' if who else ''}", style="bold")
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
            screen.line(f"  {words}: {item[key]}{unused}")


def _leave(call: Call, service: str, *, forget_books: bool) -> Report:
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.auth.accounts import KINDS, NAMES, described
    from invoicesync_cli.auth.sign_out import sign_out
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.lock import only_run
    from invoicesync_cli.state.opening import put_away

    world = Workspace()
    credentials, paths = world.credentials(call), world.paths(call)
    archived = None
    with contextlib.ExitStack() as stack:
        if forget_books:
            stack.enter_context(only_run(paths.lock))
        with world.state(call) as state:
            pins = Pins(state)
            was_in, told = sign_out(credentials, pins, service)
            bound, owner = pins.bound(service), pins.known(service)
        if forget_books:
            archived = put_away(paths.state, credentials.network.timing.now().date())

    def text(screen: Screen) -> None:
        if was_in:
            screen.line(f"Signed out of {NAMES[service]}.")
        if archived:
            screen.line(f"The records of this profile were put away: {archived}")
        elif bound:
            screen.note(
                f"Its records stay, and are those of the {KINDS[service]} {described(owner)}: only "
                "that can be signed in to again. For another one use --profile NAME, or put them "
                f"away: invoicesync auth logout {service} --forget-books"
            )

    data = {
        "service": service,
        "signed_in": False,
        "archived": str(archived) if archived else None,
    }
    return Report(data, text, messages=told)
