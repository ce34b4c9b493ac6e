"""Reading the config file: where each value came from, and problems with file and line."""

import difflib
import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from invoicesync_cli.config.cross_checks import cross_checks
from invoicesync_cli.config.reading import BrokenLine, decoded, line_of, read
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
    line: int = 1
    key: str = ""
    """The setting that it is about, such as `xero.account`, where it is about one."""

    def __str__(self) -> str:
        return f"{self.where}: {self.message} {self.hint}"


class WrongSettings(ConfigError):
    """Settings that cannot be used, all of them, so that they are put right at once.

    Without a `hint` for all of them, that of a single one is the error's.
    """

    def __init__(self, problems: Sequence[Problem], hint: str = "") -> None:
        codes = {problem.code for problem in problems}
        message = "\n".join(str(problem) for problem in problems)
        if not hint and len(problems) == 1:
            message = f"{problems[0].where}: {problems[0].message}"
            hint = problems[0].hint
        code = codes.pop() if len(codes) == 1 else "config"
        super().__init__(message, hint=hint, code=code)
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Loaded:
    """A config with where each value came from (`file`, `default` or `option --name`)."""

    config: Config
    path: Path
    text: str
    origins: Mapping[str, str]

    def where(self, key: str) -> str:
        """`file:line: key` for messages about a value."""
        return _where(self.path, self.text, key)

    def line(self, key: str) -> int:
        """The line at which the file sets a key, 0 where it does not."""
        return line_of(_lines(self.text), key) if self.origins.get(key) == "file" else 0

    def problem(self, key: str, message: str, hint: str, code: str) -> Problem:
        """What is wrong with the value of a key."""
        line = line_of(_lines(self.text), key)
        return Problem(self.where(key), message, hint, code, line, key)


def load(path: Path, *, complete: bool = True) -> Loaded:
    """Read and check the file at `path`.

    Without `complete` it may still lack what only the services know, such as accounts: signing
    in comes before those are known.
    Raises `ConfigError` with every problem, one a line, as `file:line: key: what is wrong`.
    """
    data, text, faults = _read(path)
    config, problems = _check(data, path, text, faults)
    if config is None or (problems and complete):
        raise WrongSettings(
            problems, "`invoicesync config edit` opens the file and checks it again."
        )
    origins = {key: "default" for key, _ in flatten(config.model_dump(by_alias=True))}
    # A heading without a key below it sets nothing.
    origins |= {key: "file" for key, value in flatten(data) if value != {}}
    return Loaded(config, path, text, origins)


def usable(path: Path) -> tuple[Config, list[Problem]]:
    """What can be used of the file at `path`, defaults for the rest, and everything wrong with it.

    Raises `ConfigError` when the file is missing or cannot be opened.
    """
    data, text, faults = _read(path)
    config, _ = _validated(data)
    return config, _check(data, path, text, faults)[1]


def problems_of(path: Path) -> list[Problem]:
    """Every problem of the file at `path`; empty when it can be used.

    Raises `ConfigError` when the file is missing or cannot be opened.
    """
    data, text, faults = _read(path)
    return _check(data, path, text, faults)[1]


def problems_in(text: str, path: Path) -> list[Problem]:
    """Every problem of a text that is TOML, and may be written into the file at `path`."""
    return _check(tomllib.loads(text, parse_float=Decimal), path, text)[1]


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


def _read(path: Path) -> tuple[dict[str, Any], str, list[BrokenLine]]:
    """The data and text of the file, and the lines that cannot be read. Raises `ConfigError`."""
    try:
        text, faults = decoded(path.read_bytes())
    except FileNotFoundError:
        raise ConfigError(
            f"There is no config file at {path}.",
            hint="`invoicesync init` asks what is needed and writes it; --config names another.",
            code="config-missing",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror or error}.",
            hint="See that it is a file, and that you may read it.",
            code="config-unreadable",
        ) from None
    try:
        return tomllib.loads(text, parse_float=Decimal), text, faults
    except tomllib.TOMLDecodeError as error:
        found = read(text)
        if found.faults:
            return found.data, text, [*faults, *found.faults]
        line = re.search(r"at line (\d+)", str(error))
        number = int(line.group(1)) if line else len(text.splitlines()) or 1
        return found.data, text, [*faults, BrokenLine(number, "", of_syntax(str(error)))]


def _check(
    data: dict[str, Any], path: Path, text: str, faults: Sequence[BrokenLine] = ()
) -> tuple[Config | None, list[Problem]]:
    """The config, None where it cannot be used, and every problem in the order of the lines."""
    found = [_unreadable(fault, path) for fault in faults]
    broken = {fault.key for fault in faults if fault.key}
    config, details = _validated(data)
    found += [_problem(detail, path, text) for detail in details]
    broken |= {_key(detail) for detail in details}
    # What is wrong comes first: while a line cannot be read, nobody knows what is missing.
    unusable = bool(faults or details)
    found += [
        Problem(_where(path, text, key), message, hint, line=line_of(_lines(text), key), key=key)
        for key, message, hint in cross_checks(config)
        if not unusable or (key in _lines(text) and key not in broken)
    ]
    return None if unusable else config, sorted(found, key=lambda problem: problem.line)


def _validated(data: dict[str, Any]) -> tuple[Config, list[Any]]:
    """The config by what is right in the data, and what pydantic says of the rest."""
    try:
        return Config.model_validate(data), []
    except ValidationError as error:
        details = list(error.errors(include_url=False))
    left = deepcopy(data)
    for detail in details:
        *tables, name = detail["loc"]
        inner: Any = left
        for table in tables:
            inner = inner.get(table) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner.pop(name, None)
        elif tables:
            # What is wrong is inside a list.
            left[str(tables[0])].pop(tables[1] if tables[1:] else name, None)
    return Config.model_validate(left), details


def _unreadable(fault: BrokenLine, path: Path) -> Problem:
    what, hint = fault.wording
    key = f": {fault.key}" if fault.key else ""
    return Problem(
        f"{path}:{fault.line}{key}", f"{what}.", hint, "config-syntax", fault.line, fault.key
    )


def _key(detail: Any) -> str:
    return ".".join(str(part) for part in detail["loc"])


@functools.lru_cache(maxsize=1)
def _lines(text: str) -> Mapping[str, int]:
    return read(text).lines


def _where(path: Path, text: str, key: str) -> str:
    return f"{path}:{line_of(_lines(text), key)}: {key}"


def _problem(detail: Any, path: Path, text: str) -> Problem:
    key = _key(detail)
    where, line = _where(path, text, key), line_of(_lines(text), key)
    if detail["type"] == "extra_forbidden":
        kind = "table" if isinstance(detail["input"], dict) else "key"
        near = _near(detail["loc"]) or "Drop it: `invoicesync config show` lists what there is."
        return Problem(where, f"there is no such {kind}.", near, line=line, key=key)
    return Problem(where, *of_value(detail), line=line, key=key)


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
