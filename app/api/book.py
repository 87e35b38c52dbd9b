"""Rows of parcels, cycles and limits behind the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pandas as pd

from geo.observations import LIMITS, PARCELS, SEASONS, read_table

Row: TypeAlias = Mapping[str, Any]
Bounds: TypeAlias = tuple[float, float, float, float]


class Book(Protocol):
    """Where the API finds rows: dicts with the columns of geo.observations, None where a value is missing."""

    def parcels(self) -> Sequence[Row]:
        """All parcels, in the order of the input file."""
        ...

    def parcel(self, parcel_id: str) -> Row | None:
        """One parcel."""
        ...

    def cycles(self, parcel_id: str) -> Sequence[Row]:
        """Cycles of one parcel, in order."""
        ...

    def limits(self) -> Mapping[str, Row]:
        """Limits of all parcels, by parcel_id."""
        ...

    def limit(self, parcel_id: str) -> Row | None:
        """Limit of one parcel."""
        ...

    def search(self, text: str, at_most: int) -> Sequence[Row]:
        """Parcels whose parcel or farmer id holds a text, whatever the case."""
        ...


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, None for every missing value."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]


class TableBook:
    """Rows straight from a run's tables."""

    def __init__(self, folder: Path) -> None:
        self._parcels = {row["parcel_id"]: row for row in rows_of(read_table(folder / "parcels.parquet", PARCELS))}
        limits = rows_of(read_table(folder / "limits.parquet", LIMITS))
        self._limits = {row["subject_id"]: row for row in limits if row["subject_kind"] == "parcel"}
        self._cycles: dict[str, list[Row]] = {}
        for row in rows_of(read_table(folder / "seasons.parquet", SEASONS)):
            self._cycles.setdefault(row["parcel_id"], []).append(row)

    def parcels(self) -> Sequence[Row]:
        """All parcels, in the order of the input file."""
        return list(self._parcels.values())

    def parcel(self, parcel_id: str) -> Row | None:
        """One parcel."""
        return self._parcels.get(parcel_id)

    def cycles(self, parcel_id: str) -> Sequence[Row]:
        """Cycles of one parcel, in order."""
        return sorted(self._cycles.get(parcel_id, []), key=lambda row: int(row["cycle"]))

    def limits(self) -> Mapping[str, Row]:
        """Limits of all parcels, by parcel_id."""
        return self._limits

    def limit(self, parcel_id: str) -> Row | None:
        """Limit of one parcel."""
        return self._limits.get(parcel_id)

    def search(self, text: str, at_most: int) -> Sequence[Row]:
        """Parcels whose parcel or farmer id holds a text, whatever the case."""
        wanted = text.casefold()
        found = (
            row
            for row in self._parcels.values()
            if wanted in row["parcel_id"].casefold() or wanted in (row["farmer_id"] or "").casefold()
        )
        return [row for row, _ in zip(found, range(at_most), strict=False)]
