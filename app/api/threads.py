"""Where a short read of the database is done: on the loop that serves requests, or in a thread beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

T = TypeVar("T")


async def read_shortly(engine: Engine, read: Callable[[], T]) -> T:
    """What a read of a few rows by their keys gives.

    SQLite answers such a read in less time than it takes to wake a thread, its readers wait for no writer, and its
    engine hands out connections without a bound (app.db.engine). A server may be far away, and is asked in a thread.

    Args:
        engine: what is read from.
        read: reads, and neither writes nor waits for a lock that somebody holds for long.
    """
    if engine.dialect.name == "sqlite":
        return read()
    return await run_in_threadpool(read)
