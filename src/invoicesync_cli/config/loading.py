"""Reading the config file: where each value came from, and problems with file and line."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from invoicesync_cli.config.cross_checks import cross_checks
from invoicesync_cli.config.sections import Config
from invoicesync_cli.config.wording import of_syntax, of_value
from invoicesync_cli.errors import ConfigError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the file: where (`file:line: key`), what, and a hint."""

    where: str
    message: str
    hint: str
    code: str = "config"

    def __str__(self) -> str:
        return f"{self.where}: {self.message} {self.hint}"


@dataclass(frozen=True)
class Loaded:
    """A config with where each value came from (`file`, `default` or `option --name`)."""

    config: Config
    path: Path
    text: str
    origins: Mapping[str, str]

    def where(self, key: str) -> str:
        """`file:line: key` for messages about a value."""
        return f"{self.path}:{line_of(self.text, key)}: {key}"


def load(path: Path, *, complete: bool = True) -> Loaded:
    """Read and check the file at `path`.

    Without `complete` it may still lack what only the services know, such as accounts: signing
    in comes before those are known.
    Raises `ConfigError` with every problem, one a line, as `file:line: key: what is wrong`.
    """
    data, text = _read(path)
    config, problems = _check(data, path, text)
    if config is None or (problems and complete):
        raise _failure(problems)
    origins = {key: "default" for key, _ in flatten(config.model_dump(by_alias=True))}
    origins |= {key: "file" for key, _ in flatten(data)}
    return Loaded(config, path, text, origins)


def problems_of(path: Path) -> list[Problem]:
    """Every problem of the file at `path`; empty when it can be used.

    Raises `ConfigError` when the file is missing or is not TOML.
    """
    data, text = _read(path)
    return _check(data, path, text)[1]


def overridden(loaded: Loaded, options: Mapping[str, object]) -> Loaded:
    """The config with options of the command line put over it (`{"sync.max_invoices": 5}`)."""
    data = loaded.config.model_dump(by_alias=True)
    origins = dict(loaded.origins)
    for key, value in options.items():
        table, name = key.split(".")
        data[table][name] = value
        origins[key] = "option --" + name.replace("_", "-")
    return replace(loaded, config=Config.model_validate(data), origins=origins)


def flatten(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and values of nested tables; an empty table is a value."""
    for name, value in data.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{key}.")
        else:
            yield key, value


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text, parse_float=Decimal), text
    except FileNotFoundError:
        raise ConfigError(
            f"There is no config file at {path}.",
            hint="Copy examples/config.toml there and fill it in, or name one with --config.",
            code="config-missing",
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(
            f"{path} is not saved as UTF-8.",
            hint='Save it again with the encoding "UTF-8", which Notepad asks for beside the name.',
            code="config-unreadable",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror or error}.",
            hint="See that it is a file, and that you may read it.",
            code="config-unreadable",
        ) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line.group(1)}" if line else f"{path}:{_last_line(path)}"
        what, hint = of_syntax(str(error))
        raise ConfigError(f"{where}: {what}.", hint=hint, code="config-syntax") from None


def _last_line(path: Path) -> int:
    return len(path.read_text(encoding="utf-8-sig").splitlines()) or 1


def _failure(problems: list[Problem]) -> ConfigError:
    return ConfigError(
        "\n".join(str(problem) for problem in problems),
        hint="`invoicesync config check` lists every problem; examples/config.toml has every key.",
    )


def _check(data: dict[str, Any], path: Path, text: str) -> tuple[Config | None, list[Problem]]:
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        return None, [_problem(detail, path, text) for detail in error.errors(include_url=False)]
    return config, [
        Problem(f"{path}:{line_of(text, key)}: {key}", message, hint)
        for key, message, hint in cross_checks(config)
    ]


def _problem(detail: Any, path: Path, text: str) -> Problem:
    key = ".".join(str(part) for part in detail["loc"])
    where = f"{path}:{line_of(text, key)}: {key}"
    if detail["type"] == "extra_forbidden":
        kind = "table" if isinstance(detail["input"], dict) else "key"
        near = _near(detail["loc"]) or "Drop it, or see examples/config.toml for what there is."
        return Problem(where, f"there is no such {kind}.", near)
    return Problem(where, *of_value(detail))


def _near(loc: tuple[Any, ...]) -> str:
    model: type[BaseModel] = Config
    for part in loc[:-1]:
        inner = (
            model.model_fields[str(part)].annotation if str(part) in model.model_fields else None
        )
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ""
        model = inner
    names = [field.alias or name for name, field in model.model_fields.items()]
    wanted = str(loc[-1])
    found = difflib.get_close_matches(wanted, names, 1, 0.6) or [
        name for name in names if len(wanted) > 2 and wanted in name
    ]
    if found:
        return f"Did you mean {found[0]!r}?"
    elsewhere = [
        f"[{table}] {wanted}"
        for table, field in Config.model_fields.items()
        if isinstance(field.annotation, type) and wanted in field.annotation.model_fields
    ]
    return f"Did you mean {elsewhere[0]}?" if elsewhere else ""


def line_of(text: str, key: str) -> int:
    """The line (from 1) at which a dotted key is set or a table begins, else its table's, else 1.

    tomllib gives no positions, so this looks for headings and keys. What is below a key, as in
    [payment.accounts] and `payment.account = ""`, stands for the key.
    """
    table, _, _ = key.rpartition(".")
    current, near, depth = "", 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.match(r"\s*\[+([^\[\]]+)\]", line)
        if heading:
            found = current = _bare(heading.group(1))
        else:
            left = re.match(r"\s*([A-Za-z0-9_.\-\"' ]+?)\s*=", line)
            if not left:
                continue
            found = f"{current}.{_bare(left.group(1))}" if current else _bare(left.group(1))
        if f"{found}.".startswith(f"{key}."):
            return number
        if key.startswith(f"{found}.") and len(found) > depth:
            near, depth = number, len(found)
        elif not near and table and found.startswith(f"{table}."):
            near = number
    return near or 1


def _bare(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)
