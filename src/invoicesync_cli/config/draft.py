"""A config in the making: answers over what the file has, each checked, written all at once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from invoicesync_cli.config.cross_checks import cross_checks
from invoicesync_cli.config.loading import Loaded, Problem, flatten, load, problems_in
from invoicesync_cli.config.sections import Config
from invoicesync_cli.config.wording import of_value
from invoicesync_cli.config.writing import Key, blank, changed, write


class WrongAnswer(ValueError):
    """A value that a setting cannot have: what is wrong with it, and a hint."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what} {hint}")
        self.what = what
        self.hint = hint


@dataclass
class ConfigDraft:
    """The file at `path`, and answers that are not written yet. `text` is the file's, or new."""

    path: Path
    text: str
    complete: bool
    """Whether the file as it is can be worked with."""
    _answers: dict[Key, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> "ConfigDraft":
        """A draft over the file, if there is one. Raises `ConfigError` when it has mistakes."""
        if not path.exists():
            return cls(path, blank(), complete=False)
        loaded = load(path, complete=False)
        return cls(path, loaded.text, complete=not problems_in(loaded.text, path))

    @property
    def config(self) -> Config:
        """The config as it would be."""
        return Config.model_validate(self._data())

    @property
    def loaded(self) -> Loaded:
        """The config as it would be, as commands take it."""
        config = self.config
        origins = {key: "default" for key, _ in flatten(config.model_dump(by_alias=True))}
        return Loaded(config, self.path, self.text, origins)

    def has(self, key: str) -> bool:
        """Whether a setting was answered, or is in the file."""
        return _found(self._data(), _key(key)) is not None

    def value(self, key: str) -> Any:
        """What a setting is: answered, in the file, or by default."""
        return _found(self.config.model_dump(by_alias=True), _key(key))

    def answer(self, key: str, value: Any) -> None:
        """Take an answer. Raises `WrongAnswer`, and then forgets it."""
        parts = _key(key)
        before = dict(self._answers)
        self._answers[parts] = value
        try:
            config = self.config
        except ValidationError as error:
            self._answers = before
            raise WrongAnswer(*of_value(error.errors(include_url=False)[0])) from None
        for found, what, hint in cross_checks(config):
            if found == key and value:
                self._answers = before
                raise WrongAnswer(what, hint)

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What writing would change: of each setting its value in the file, None for none, and the
        new one."""
        data = tomllib.loads(self.text, parse_float=Decimal)
        found = {key: (_found(data, key), value) for key, value in self._answers.items()}
        return {".".join(key): values for key, values in found.items() if values[0] != values[1]}

    def problems(self) -> list[Problem]:
        """What is wrong or missing in the file as it would be."""
        return problems_in(changed(self.text, self._answers), self.path)

    def save(self) -> None:
        """Write the answers into the file; what a person wrote there stays as it is."""
        self.text = changed(self.text, self._answers)
        write(self.path, self.text)
        self._answers.clear()

    def _data(self) -> dict[str, Any]:
        data = tomllib.loads(self.text, parse_float=Decimal)
        for key, value in self._answers.items():
            table = data
            for name in key[:-1]:
                table = table.setdefault(name, {})
            table[key[-1]] = value
        return data


def _key(key: str) -> Key:
    """The parts of a dotted key; a name below [payments.accounts] may have dots in it."""
    return tuple(key.split(".", 2))


def _found(data: Any, key: Key) -> Any:
    for name in key:
        if not isinstance(data, Mapping) or name not in data:
            return None
        data = data[name]
    return data
