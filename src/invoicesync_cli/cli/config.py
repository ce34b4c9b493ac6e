"""`config`: show, find, check and edit the config file."""

import json
from pathlib import Path
from typing import Any

import typer

from invoicesync_cli.cli.command import Call, command, group
from invoicesync_cli.cli.report import Report, Screen, write_json
from invoicesync_cli.errors import ConfigError, ExitCode, UsageError


def register(app: typer.Typer) -> None:
    """Add the group."""
    config = group("Show, find, check and edit the config file.")
    app.add_typer(config, name="config")

    @command(config, "config show", help="Every setting and where its value comes from.")
    def _show(call: Call) -> Report:
        return _effective(call)

    @command(config, "config path", help="Where the config file is looked for.")
    def _path(call: Call) -> Report:
        from invoicesync_cli.cli.workspace import Workspace

        paths = Workspace().paths(call)
        data = {"config": str(paths.config), "state": str(paths.state)}
        return Report(data, lambda screen: screen.line(data["config"]))

    @command(config, "config check", help="Check the file; each problem with its line.")
    def _check(call: Call) -> Report:
        from invoicesync_cli.cli.workspace import Workspace

        findings, code = findings_of(Workspace().paths(call).config)
        return Report({"findings": findings}, lambda screen: _show_findings(screen, findings), code)

    @command(config, "config edit", help="Open the file in your editor, and check it afterwards.")
    def _edit(call: Call) -> Report:
        return _edited(call)

    @command(config, "config schema", help="The JSON schema of the file, for editors.")
    def _schema(call: Call) -> Report:  # noqa: ARG001 - a command without options
        from invoicesync_cli.config import Config

        schema = Config.model_json_schema()
        return Report(schema, lambda _: write_json(schema))


def _effective(call: Call) -> Report:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.config import flatten, problems_of

    loaded = Workspace().config(call, complete=False)
    values = dict(flatten(loaded.config.model_dump(mode="json", by_alias=True)))
    settings = {
        key: {"value": value, "from": loaded.origins.get(key, "default")}
        for key, value in values.items()
    }

    def text(screen: Screen) -> None:
        screen.table(
            ("setting", "value", "from"),
            [
                (key, json.dumps(item["value"], ensure_ascii=False), str(item["from"]))
                for key, item in settings.items()
            ],
        )
        screen.note(f"File: {loaded.path}")

    faults = problems_of(loaded.path)
    messages = ["Something is wrong or missing: invoicesync config check"] if faults else []
    data = {"path": str(loaded.path), "settings": settings}
    return Report(data, text, messages=messages, long=True)


def _edited(call: Call) -> Report:
    """Open the file, made from the example if there is none, until it is right or left alone."""
    from invoicesync_cli.cli.editor import open_in_editor
    from invoicesync_cli.cli.prompt import Terminal
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.config.writing import blank, write

    path, terminal = Workspace().paths(call).config, Terminal(call.no_input)
    if call.no_input:
        raise UsageError(
            "config edit opens an editor, and --no-input forbids to ask.",
            hint=f"Edit {path} by other means, then run: invoicesync config check",
        )
    call.acts = True
    if not path.exists():
        write(path, blank())
        call.screen.note(f"There was no config file; this is a new one: {path}")
    while True:
        open_in_editor(path, Workspace().environ)
        findings, code = findings_of(path)
        if code is ExitCode.OK or not terminal.at_terminal or call.json:
            break
        _show_findings(call.screen, findings)
        if not terminal.agrees("Edit it again?", default=True):
            return Report({"path": str(path), "findings": findings}, lambda _: None, code)

    def text(screen: Screen) -> None:
        _show_findings(screen, findings)

    return Report({"path": str(path), "findings": findings}, text, code)


def findings_of(path: Path) -> tuple[list[dict[str, Any]], ExitCode]:
    """What there is to say of the file at `path`, and the exit code for it."""
    from invoicesync_cli.config import load, problems_of

    try:
        problems = problems_of(path)
    except ConfigError as error:
        found = {"code": error.code, "level": "error", "where": str(path)}
        return [{**found, "message": error.message, "hint": error.hint}], ExitCode.CONFIG
    findings = [
        {
            "code": problem.code,
            "level": "error",
            "where": problem.where,
            "message": problem.message,
            "hint": problem.hint,
        }
        for problem in problems
    ]
    if findings:
        return findings, ExitCode.CONFIG
    loaded = load(path)
    warnings = [
        {
            "code": code,
            "level": "warning",
            "where": loaded.where(key),
            "message": message,
            "hint": hint,
        }
        for code, key, message, hint in loaded.config.ledger.warnings()
    ]
    return warnings, ExitCode.OK


def _show_findings(screen: Screen, findings: list[dict[str, Any]]) -> None:
    for finding in findings:
        message = f"{finding['message']} {finding['hint']}".strip()
        inside = message.startswith(finding["where"])
        screen.line(message if inside else f"{finding['where']}: {message}")
    if not findings:
        screen.line("The config file has no problem.")
