"""Marks of growth: of the newest watch of the run, with their intervals, else of the run's own cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from app.api.office.curve.schemas import CurveMark, MarkKind
from app.artefacts.conditions import condition_of
from app.db.tables import SeasonObservation, Watch

_WATCHES: Final = "watches"
_COLUMNS: Final = {MarkKind.START: "sos", MarkKind.PEAK: "pos", MarkKind.END: "eos"}


def marks_of(connection: Connection, run: Path, run_id: str, parcel_id: str) -> list[CurveMark]:
    """Marks by day."""
    newest = select(Watch.id).where(Watch.run_id == run_id).order_by(Watch.as_of.desc(), Watch.id.desc()).limit(1)
    watch = connection.scalar(newest)
    condition = None if watch is None else condition_of(run / _WATCHES / watch, parcel_id)
    cycles = _cycles(connection, run_id, parcel_id)
    if condition is not None and condition["cycle"] is not None:
        cycles = [condition, *(each for each in cycles if each["cycle"] != condition["cycle"])]
    return sorted((mark for cycle in cycles for mark in _marks(cycle)), key=lambda mark: (mark.day, mark.kind))


def _cycles(connection: Connection, run_id: str, parcel_id: str) -> Sequence[Mapping[str, Any]]:
    seen = SeasonObservation
    wanted = select(seen.cycle, seen.sos, seen.pos, seen.eos)
    own = wanted.where(seen.run_id == run_id, seen.parcel_id == parcel_id).order_by(seen.cycle)
    return [dict(row) for row in connection.execute(own).mappings()]


def _marks(cycle: Mapping[str, Any]) -> Iterator[CurveMark]:
    for kind, name in _COLUMNS.items():
        if cycle[name] is not None:
            low, high = cycle.get(f"{name}_low"), cycle.get(f"{name}_high")
            yield CurveMark(kind=kind, day=cycle[name], low=low, high=high)
