"""The files that make up an entry: written all or none, and put back if the system refuses them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.schedule.scheduler import Entry


@contextlib.contextmanager
def written(entry: Entry) -> Iterator[None]:
    """Write the files of an entry; if the block fails, leave them as they were before."""
    before = {Path(where): _bytes(Path(where)) for where, _ in entry.files}
    for where, text in entry.files:
        Path(where).parent.mkdir(parents=True, exist_ok=True)
        Path(where).write_text(text, encoding="utf-8", newline="\n")
    try:
        yield
    except ConfigError:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)
        raise


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
