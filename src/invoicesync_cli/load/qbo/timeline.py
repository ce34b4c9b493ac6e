"""QuickBooks' transactions in the order of their last change, page by page.

One that changes meanwhile moves to the end of the list. So a page begins at the time that the one
before has reached; places are counted only where a page holds no more than a second, and then each
page has half of the one before again: a row is rather read twice than missed.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from invoicesync_cli.http.schemas import Time
from invoicesync_cli.load.qbo.client import ROWS, QboClient, Query
from invoicesync_cli.load.qbo.schemas import Row, as_read

SECOND = timedelta(seconds=1)
"""The steps of QuickBooks' clock."""
PAGE = ROWS
"""Rows of a page of changes."""
CREATED = "MetaData.CreateTime"
CHANGED = "MetaData.LastUpdatedTime"


class ChangeTime(Row):
    """When an object was changed last."""

    last_updated_time: Time


class Changed(Row):
    """An object of which only that is known."""

    changed: Annotated[ChangeTime, Field(validation_alias="MetaData")]


def quoted_time(time: datetime) -> str:
    """A time (aware) as a statement has it: to the second, UTC."""
    return f"'{time.astimezone(UTC).isoformat(timespec='seconds')}'"


def since(time: datetime) -> str:
    """The condition that something was changed at a time or after it."""
    return f"{CHANGED} >= {quoted_time(time)}"


def changed(
    client: QboClient, entities: Collection[str], begin: datetime
) -> Iterator[tuple[str, list[Any]]]:
    """The rows of these entities that were changed since a time, the longest unchanged first: a few
    of each in one call, what more there is a thousand a call."""
    heads = client.heads([Query(entity, since(begin), order=CHANGED) for entity in entities])
    for statement, rows in heads:
        yield statement.entity, rows
        for page in onward(client, statement, rows, begin):
            yield statement.entity, page


def onward(
    client: QboClient, statement: Query, rows: list[Any], begin: datetime | None
) -> Iterator[list[Any]]:
    """The pages after the one with these rows, which is the first of its statement and begins at a
    time (None: at another condition)."""
    start = 1
    while len(rows) >= statement.rows:
        times = [read.changed.last_updated_time for row in rows if (read := as_read(Changed, row))]
        reached = max(times, default=begin)
        if reached and (begin is None or reached - SECOND > begin):
            begin, start = reached - SECOND, 1
        else:
            start += statement.rows // 2
        where = since(begin) if begin else statement.where
        statement = Query(statement.entity, where, rows=PAGE, order=CHANGED)
        rows = client.page(statement, start)
        yield rows
