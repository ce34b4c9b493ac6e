"""The one place where an error becomes a message and an exit code."""

import sys
from collections.abc import Sequence

from invoicesync_cli import __version__
from invoicesync_cli.streams import Streams


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    with Streams():
        if typed == ["--version"]:
            # Answered here, so that it costs no import.
            sys.stdout.write(f"invoicesync {__version__}\n")
            return 0
        from invoicesync_cli.cli.boundary import run

        return run(typed)


if __name__ == "__main__":
    sys.exit(main())
