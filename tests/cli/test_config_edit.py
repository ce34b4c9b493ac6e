"""`config edit`: the file in the user's own editor, checked when that is closed."""

import shlex
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from invoicesync_cli.cli.prompt import Terminal
from invoicesync_cli.config.writing import blank, changed, example
from tests.kits.command_line import Run
from tests.kits.json_schema import faults_in

Editor = Callable[[str], None]
ROOT = Path(__file__).parents[2]
GOOD = '[sync]\nmode = "off"\n[xero]\nclient_id = "A1"\n'


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Sets an editor that puts a text in the place of the file's, one more each time."""
    script = tmp_path / "my editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "texts = pathlib.Path(__file__).with_name('texts')\n"
        "first, _, rest = texts.read_text().partition('----')\n"
        "texts.write_text(rest)\n"
        "pathlib.Path(sys.argv[1]).write_text(first)\n"
    )

    def choose(texts: str) -> None:
        (tmp_path / "texts").write_text(texts)
        command = shlex.join([sys.executable, str(script)])
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", command)

    return choose


def test_a_file_is_made_from_the_example_and_checked(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.setenv("VISUAL", f"{shlex.quote(sys.executable)} -c pass")

    ran = run("config", "edit")

    assert ran.code == 5
    assert "xero.tax_type" in ran.out
    text = (home / "config.toml").read_text(encoding="utf-8")
    assert text == blank()
    assert not any(tomllib.loads(text)["sync"])
    assert "# due_days = 14                   # due so many days" in text
    assert (home / "config.toml").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700


def test_what_was_written_is_checked(run: Run, home: Path, editor: Editor) -> None:
    editor("[sync]\nmode = 'of'\n")
    ran = run("config", "edit", "--json")
    assert ran.code == 5
    (found,) = ran.data["findings"]
    assert found["where"].endswith("config.toml:2: sync.mode")

    assert faults_in(ran.json) == []

    editor(GOOD)
    assert faults_in(run("config", "edit", "--json").json) == []
    editor(GOOD)
    ran = run("config", "edit")
    assert (ran.code, ran.out) == (0, "The config file has no problem.\n")


def test_at_a_terminal_it_is_offered_again(
    run: Run, home: Path, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(f"mode = 1\n----[sync\n----{GOOD}")
    monkeypatch.setattr(Terminal, "at_terminal", property(lambda _: True))
    asked: list[str] = []

    def yes(_: Terminal, question: str) -> str:
        asked.append(question)
        return ""

    monkeypatch.setattr(Terminal, "answer", yes)

    ran = run("config", "edit")

    assert ran.code == 0
    assert asked == ["Edit it again? [Y/n] "] * 2
    assert "config.toml:1: mode" in ran.out
    assert "config.toml:1: sync" in ran.out


def test_nobody_is_there_or_no_editor(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("config", "edit", "--no-input").code == 2
    assert not home.exists()

    monkeypatch.setenv("VISUAL", "/nowhere/editor")
    ran = run("config", "edit", "--json")
    assert ran.code == 5
    assert ran.json["error"]["code"] == "editor-failed"


def test_the_example_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"examples/config.toml": "invoicesync_cli/config/example.toml"}
    assert example() == (ROOT / "examples" / "config.toml").read_text(encoding="utf-8")


def test_a_key_is_changed_and_nothing_else() -> None:
    """Remarks, order, blank lines, quotes and line ends are the person's own."""
    text = (
        "# ours\r\n[sync]   # first\r\nmode = 'off'      # for now\r\n\r\n"
        '[payments.accounts]\r\n"Bank transfer" = "090" # bank\r\n# Stripe = "091"\r\n'
    )

    made = changed(
        text,
        {
            ("sync", "mode"): "invoices",
            ("payments", "accounts", "Stripe"): "092",
            ("payments", "accounts", "Bank transfer"): "090",
            ("invoices", "due_days"): 30,
        },
    )

    assert made == (
        '# ours\r\n[sync]   # first\r\nmode = "invoices"   # for now\r\n\r\n'
        '[payments.accounts]\r\n"Bank transfer" = "090" # bank\r\nStripe = "092"\r\n'
        "\r\n[invoices]\r\ndue_days = 30\r\n"
    )
