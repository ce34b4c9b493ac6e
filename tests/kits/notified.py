"""Settings of [notify], and runs that say nothing."""

from pathlib import Path

from tests.kits.command_line import Ran
from tests.kits.mail_server import (
    USER,
)


def notify(home: Path, port: int, more: str = "", **settings: str) -> None:
    """Write [notify] into the config, in the place of what was there."""
    values = {
        "email": "problems",
        "to": "me@example.com",
        "from": USER,
        "smtp_host": "localhost",
        "smtp_security": "starttls",
        "smtp_user": USER,
        **settings,
    }
    path = home / "config.toml"
    lines = [f'{name} = "{value}"' for name, value in values.items()]
    text = path.read_text(encoding="utf-8").partition("\n[notify]")[0]
    table = "\n".join(["[notify]", *lines, f"smtp_port = {port}", more])
    path.write_text(f"{text}\n{table}\n", encoding="utf-8")


def silent(ran: Ran) -> bool:
    """Whether a run said nothing at all."""
    return (ran.out, ran.err) == ("", "")
