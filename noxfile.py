"""The checks and tests in parts; `.ci/run` does all of them in one go."""

import random
from pathlib import Path

import nox

ROOT = Path(__file__).parent
HELD = ("-c", "constraints.txt")
TOOLS = ("ruff", "mypy", "types-authlib", "types-simplejson", "import-linter")
AREAS = sorted({file.parent.name for file in ROOT.glob("tests/*/test_*.py")} - {"docs"})
"""The folders under tests/ with a session each; `docs` has one of its own."""

nox.options.sessions = ["check", "tests"]


@nox.session
def check(session: nox.Session) -> None:
    """Formatting, lint, types, and who may import whom."""
    session.install(*HELD, "-e", ".[test]", *TOOLS)
    session.run("ruff", "format", "--check", "src", "tests", "bench")
    session.run("ruff", "check", "src", "tests", "bench")
    session.run("mypy")
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """The whole suite."""
    session.install(*HELD, "-e", ".[test]")
    session.run("pytest", *session.posargs)


def area(name: str) -> None:
    """Make the session of one folder under tests/."""

    @nox.session(name=f"tests-{name}")
    def run(session: nox.Session) -> None:
        session.install(*HELD, "-e", ".[test]")
        session.run("pytest", f"tests/{name}", *session.posargs)


for folder in AREAS:
    area(folder)


@nox.session(name="crash-matrix")
def crash_matrix(session: nox.Session) -> None:
    """A run that ends at every request and every commit, and is run again."""
    session.install(*HELD, "-e", ".[test]")
    session.run("python", "-m", "tests.kits.crash", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Whether the documentation tells the truth."""
    session.install(*HELD, "-e", ".[test]")
    session.run("pytest", "tests/docs", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """What the tool costs: writes docs/benchmark.md. Arguments: `-- --sizes 1000 10000`."""
    session.install(*HELD, "-e", ".[test]")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def machine(session: nox.Session) -> None:
    """A shop in which anything happens and anything fails, 2,000 times with each ledger.

    `-- 500:7` plays it so often, from that seed.
    """
    session.install(*HELD, "-e", ".[test]")
    seed = random.randrange(1_000_000)  # noqa: S311 - where a game begins, no secret
    examples = session.posargs[0] if session.posargs else f"2000:{seed}"
    session.log(f"INVOICESYNC_EXAMPLES={examples}")
    session.env["INVOICESYNC_EXAMPLES"] = examples
    session.run("pytest", "tests/faults/test_once.py")


@nox.session
def hostile(session: nox.Session) -> None:
    """10,000 answers of each service that make no sense; takes an hour and more."""
    session.install(*HELD, "-e", ".[test]")
    session.run("python", "-m", "tests.kits.hostile", *session.posargs)
