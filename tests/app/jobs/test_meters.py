"""Tables of meter readings: every cell is read as it is meant, and one that cannot be is named by its row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.jobs.meters import read_readings
from app.sites.meters import GivenReading
from geo.errors import InputError

HEAD = "site_id,starts_on,ends_on,energy_kwh,source,as_of"
GOOD = "s-1,2026-01-01,2026-01-31,4000000.5,operator,2026-02-03"


def written(folder: Path, *lines: str) -> Path:
    """Lines as a CSV."""
    path = folder / "meters.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_rows_are_read_as_they_stand(tmp_path: Path) -> None:
    days = (date(2026, 1, 1), date(2026, 1, 31))
    assert read_readings(written(tmp_path, HEAD, GOOD)) == (
        GivenReading(1, "s-1", *days, 4_000_000.5, "operator", date(2026, 2, 3)),
    )


@pytest.mark.parametrize(
    ("cell", "other", "named"),
    [
        ("s-1", "", "site_id"),
        ("2026-01-01", "1 January", "starts_on"),
        ("2026-01-31", "", "ends_on"),
        ("4000000.5", "4 GWh", "energy_kwh"),
        ("4000000.5", "", "energy_kwh"),
        ("operator", "", "source"),
        ("2026-02-03", "2026-13-03", "as_of"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(tmp_path: Path, cell: str, other: str, named: str) -> None:
    with pytest.raises(InputError) as refused:
        read_readings(written(tmp_path, HEAD, GOOD, GOOD.replace(cell, other, 1)))
    assert refused.value.code == "METER_CELL"
    assert refused.value.message == f"Row 2: {named!r} cannot be read."


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'as_of'"):
        read_readings(written(tmp_path, HEAD.removesuffix(",as_of"), GOOD))
    with pytest.raises(InputError, match="no rows"):
        read_readings(written(tmp_path, HEAD))
