"""`notify`: the password of the mail server, and a mail and a ping to see that they arrive."""

from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.command import Call, command, group
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from invoicesync_cli.config import Config, Loaded

SET_IT = "See [notify] in the config: invoicesync config edit, or invoicesync init."


def register(app: typer.Typer) -> None:
    """Add the group."""
    notify = group("Mail and pings of scheduled runs: try them, keep the mail server's password.")
    app.add_typer(notify, name="notify")

    @command(notify, "notify test", help="Send a mail and a ping, to see that they arrive.")
    def _test(call: Call) -> Report:
        return _sent(call)

    @command(notify, "notify password", help="Keep the password of the mail server, once it works.")
    def _password(
        call: Call,
        forget: Annotated[bool, typer.Option("--forget", help="Delete it instead.")] = False,
    ) -> Report:
        return _kept(call, forget=forget)


def _loaded(call: Call) -> "Loaded":
    """The config, however unfinished it is elsewhere. Raises `ConfigError`."""
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.config import WrongSettings, usable

    workspace = Workspace()
    loaded = workspace.config(call, complete=False)
    _, problems = usable(workspace.paths(call).config)
    wrong = [problem for problem in problems if problem.key.startswith("notify.")]
    if wrong:
        raise WrongSettings(wrong)
    return loaded


def _sent(call: Call) -> Report:
    """Send what is set up; what cannot be sent is the error. Raises as `deliver` does."""
    from invoicesync_cli.auth import Pins
    from invoicesync_cli.cli.mail_content import MailContext, as_test
    from invoicesync_cli.cli.scheduled import now
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.errors import TryLater
    from invoicesync_cli.notify.letter import message
    from invoicesync_cli.notify.mail import deliver, smtp_password
    from invoicesync_cli.notify.memory import recall, remember
    from invoicesync_cli.notify.occasions import Ended
    from invoicesync_cli.notify.ping import ping

    workspace, loaded = Workspace(), _loaded(call)
    settings = loaded.config.notify
    mails, pings = settings.email != "off", bool(settings.ping_url)
    if not (mails or pings):
        raise ConfigError("Neither mail nor pings are set up.", hint=SET_IT, code="notify-off")
    said = []
    with workspace.state(call) as state:
        for where in workspace.origins(loaded):
            Pins(state).check_root(where)
        memory = recall(state)
        if mails:
            pages = workspace.pages(loaded.config, state)
            paths = workspace.paths(call)
            books = MailContext(loaded.config, paths, pages, state, call.for_profile)
            password = smtp_password(workspace.credentials(call, loaded, state))
            refused = deliver(settings, password, message(as_test(books, Ended(now())), settings))
            memory = memory.delivered("mail", "")
            said.append(f"A mail to {settings.to} was handed to {settings.smtp_host}. {refused}")
        if pings:
            why = ping(workspace.network, settings.ping_url, ExitCode.OK)
            if why:
                raise TryLater(why, hint=SET_IT, code="ping-not-delivered", unknown=False)
            memory = memory.delivered("ping", "")
            said.append("The monitoring service was called.")
        remember(state, memory)

    def text(screen: Screen) -> None:
        for line in said:
            screen.line(line.strip())

    return Report({"mail": mails, "ping": pings}, text)


def _kept(call: Call, *, forget: bool) -> Report:
    from invoicesync_cli.auth.stores import variable
    from invoicesync_cli.cli.prompt import Terminal
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.notify.mail import SECRET, check_mail, store_smtp_password

    loaded = _loaded(call)
    credentials = Workspace().credentials(call, loaded)
    if forget:
        store_smtp_password(credentials, "")
        return Report({"kept": False}, lambda screen: screen.line("It is deleted."))
    _needs_a_user(loaded.config)
    settings = loaded.config.notify
    question = f"Password of {settings.smtp_user} at {settings.smtp_host}: "
    password = Terminal(call.no_input).secret(question, variable(SECRET), piped=True)
    check_mail(settings, password)
    store_smtp_password(credentials, password)
    said = f"{settings.smtp_host} took the login. The password is kept: {credentials.store.label}."
    return Report({"kept": True}, lambda screen: screen.line(said))


def _needs_a_user(config: "Config") -> None:
    if config.notify.email == "off" or not config.notify.smtp_user:
        what = "notify.email" if config.notify.email == "off" else "notify.smtp_user"
        raise ConfigError(
            f"No password is needed: {what} is not set.", hint=SET_IT, code="notify-off"
        )
