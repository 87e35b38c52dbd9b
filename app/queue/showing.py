"""Jobs as people see them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from app.db.tables.work import Job
from app.queue.asking import unknown_job


def find_job(connection: Connection, number: int, seen: ColumnElement[bool] | None = None) -> RowMapping:
    """All columns of a job.

    Args:
        connection: the database.
        number: of the job.
        seen: condition on Job; None: all may be seen.

    Raises:
        InputError: there is none, or it may not be seen; the two are one to who asks.
    """
    wanted = select(Job.__table__).where(Job.id == number)
    row = connection.execute(wanted if seen is None else wanted.where(seen)).mappings().one_or_none()
    if row is None:
        raise unknown_job(number)
    return row


def newest_jobs(connection: Connection, most: int, *conditions: ColumnElement[bool]) -> list[RowMapping]:
    """Jobs under conditions on Job, the newest first, at most so many."""
    wanted = select(Job.__table__).where(*conditions).order_by(Job.id.desc()).limit(most)
    return list(connection.execute(wanted).mappings())
