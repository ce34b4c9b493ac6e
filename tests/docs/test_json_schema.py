"""The JSON schema in docs/ is of the commands that there are, as they print today."""

import json

import pytest

from invoicesync_cli.cli.application import parser
from tests.kits import json_schema
from tests.kits.commands import commands
from tests.kits.json_shapes import SHAPES


@pytest.mark.parametrize("words", commands(parser()), ids=" ".join)
def test_every_command_has_a_shape(words: tuple[str, ...]) -> None:
    assert " ".join(words) in SHAPES, (
        f"say in SHAPES of tests/kits/json_shapes.py what {' '.join(words)!r} prints under `data` "
        f"(a run of documents: RunData), then: {json_schema.COMMAND}"
    )


def test_there_is_no_shape_without_a_command() -> None:
    found = {" ".join(words) for words in commands(parser())}
    assert set(SHAPES) - found == set()


def test_the_file_is_made_of_the_shapes() -> None:
    found = json.loads(json_schema.FILE.read_text(encoding="utf-8"))

    assert found == json_schema.schema(), f"it is out of date: {json_schema.COMMAND}"
