"""`config show`, `path` and `schema`, and the example file."""

import tomllib
from pathlib import Path

from invoicesync_cli.config import Config, flatten
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run

EXAMPLE = Path(__file__).parents[2] / "examples" / "config.toml"


def test_show_says_where_each_value_comes_from(run: Run, box: Sandbox) -> None:
    settings = run("config", "show", "--json").data["settings"]

    assert settings["xero.tax_type"] == {"value": "OUTPUT2", "from": "file"}
    assert settings["sync.mode"] == {"value": "invoices-and-payments", "from": "default"}
    assert "OUTPUT2" in run("config", "show").out


def test_path_follows_home_profile_and_option(run: Run, home: Path) -> None:
    assert run("config", "path").out.strip() == str(home / "config.toml")
    named = run("config", "path", "--profile", "uk").out.strip()
    assert named == str(home / "profiles" / "uk" / "config.toml")
    assert run("config", "path", "--config", "/elsewhere/x.toml").out.strip() == "/elsewhere/x.toml"


def test_the_example_has_every_key_with_its_default() -> None:
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))

    assert Config.model_validate(example) == Config()
    tables = dict(flatten(Config().model_dump(mode="json", by_alias=True)))
    assert set(dict(flatten(example))) == set(tables)


def test_the_schema_knows_every_table(run: Run, home: Path) -> None:
    schema = run("config", "schema", "--json").data

    assert set(schema["properties"]) == set(Config.model_fields)


def test_what_is_unfinished_is_shown_too(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[xero]\naccount = "201"\n')

    ran = run("config", "show", "--json")

    assert ran.code == 0
    assert ran.data["settings"]["xero.account"] == {"value": "201", "from": "file"}
    assert ran.data["settings"]["xero.client_id"] == {"value": "", "from": "default"}
    assert ran.json["messages"] == ["Something is wrong or missing: invoicesync config check"]
