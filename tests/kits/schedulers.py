"""The tools of systems that start programs at set times, as scripts of ours: nothing of the real
ones is touched."""

import re
import shlex
import subprocess
from pathlib import Path

SCRIPTS = {
    # One file, as crontab(1) keeps it.
    "crontab": """
case $1 in
-l) cat lines 2>&- || { echo "no crontab for user" >&2; exit 1; } ;;
-r) rm lines ;;
-) cat >new && mv new lines ;;
esac
""",
    # A timer, or a service, is enabled by a link beside its unit.
    "systemctl": """
case $3$4 in *.timer) target=timers ;; *) target=default ;; esac
wants=$UNITS/$target.target.wants
[ "$2" != enable ] || { mkdir -p "$wants"
  ln -sf "$UNITS/$3" "$wants/$3"; }
[ "$2" != disable ] || rm "$wants/$4"
""",
    "launchctl": "",
    # /create /tn NAME /xml FILE /f, /query /tn NAME /xml, /delete /tn NAME /f
    "schtasks": """
case $1 in
/create) cp "$5" "task $3" ;;
/query) cat "task $3" ;;
/delete) rm "task $3" ;;
/run) [ -f "task $3" ] ;;
esac
""",
}


class FakeTools:
    """A folder for `PATH` with these tools, which keep what they are given in it."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self._units = home / ".config" / "systemd" / "user"
        folder.mkdir()
        for name, script in SCRIPTS.items():
            self._write(name, script)

    def _write(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(
            f"#!/bin/sh\nPATH=/usr/bin:/bin\ncd {shlex.quote(str(self.folder))}\n"
            f'echo "$(basename "$0")" "$@" >>calls\nUNITS={shlex.quote(str(self._units))}\n{script}'
        )
        path.chmod(0o755)

    def refuse(self, name: str, words: str) -> None:
        """Let a tool say no."""
        self._write(name, f"echo {shlex.quote(words)} >&2\nexit 1\n")

    def without(self, name: str) -> None:
        """Take a tool away."""
        (self.folder / name).unlink()

    @property
    def calls(self) -> list[str]:
        """What the tools were told to change, in order."""
        calls = (self.folder / "calls").read_text().splitlines()
        return [call for call in calls if not re.search("crontab -l|/query", call)]

    @property
    def crontab(self) -> bytes | None:
        """The crontab; None for none."""
        path = self.folder / "lines"
        return path.read_bytes() if path.exists() else None

    @crontab.setter
    def crontab(self, lines: bytes) -> None:
        (self.folder / "lines").write_bytes(lines)


def start(line: str, home: Path) -> None:
    """Run the command of a crontab's line as cron does: in its bare environment, by its shell."""
    command = line.split(maxsplit=5)[5]
    # To cron a `%` ends the command. It takes the backslash from before one, and one of two.
    whole = (re.match(r"(?:\\.|[^\\%])*", command) or [""])[0]
    subprocess.run(
        ["/bin/sh", "-c", re.sub(r"\\([\\%])", r"\1", whole)],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "user"},
        cwd=home,
        check=True,
    )


def program(path: Path) -> Path:
    """A program `invoicesync` at `path` that writes its arguments and variables beside itself."""
    path.mkdir(parents=True)
    script = path / "invoicesync"
    script.write_text(
        '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done >"${0%/*}/arguments"\n'
        'env >"${0%/*}/environment"\n'
    )
    script.chmod(0o755)
    return script


def read_back(script: Path) -> tuple[list[str], dict[str, str]]:
    """The arguments and variables that a `program` was started with."""
    arguments = script.with_name("arguments").read_text().splitlines()
    lines = script.with_name("environment").read_text().splitlines()
    return arguments, dict(line.split("=", 1) for line in lines if "=" in line)
