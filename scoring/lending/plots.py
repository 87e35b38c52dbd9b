"""Plots behind loans: which ground, how large, what grows there and when."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo.area import geodesic_area_ha
from geo.parcel_columns import parcel_ids
from geo.repair import Outlines, repair_outlines
from scoring.lending.agreement import disagreements
from scoring.lending.cells import Cells, Texts
from scoring.lending.mapping import LoanMapping
from scoring.lending.villages import read_villages

#: Columns of LoanBook.plots, in order, before the geometry.
PLOT_COLUMNS: Final = (
    "loan_number", "parcel_id", "plot_code", "geometry_version", "area_ha", "measured_ha", "crop", "starts_on",
    "ends_on", "village_code", "village",
)  # fmt: skip
_NO_OUTLINE: Final = "0" * 12
#: How columns are called before people.
_SAID: Final = {"geometry_version": "outline", "village_code": "village"}


def read_plots(
    cells: Cells, mapping: LoanMapping, loans: pd.DataFrame, outlines: gpd.GeoSeries | None
) -> tuple[gpd.GeoDataFrame, tuple[tuple[str, str], ...]]:
    """The plot of every row, as LoanBook.plots has it (parcel_id None: no plot), and what was done to outlines.

    Faults stay with the cells.

    Args:
        cells: of the file.
        mapping: what its columns hold.
        loans: facts of the loan of every row.
        outlines: (n,) of the rows, with their CRS; None where the file has none.
    """
    drawn = outlines is not None
    if outlines is None:
        outlines = gpd.GeoSeries([None] * len(cells), crs=4326)
    repaired = repair_outlines(outlines)
    said = mapping.plot
    village_codes, villages = read_villages(cells, mapping)
    columns: dict[str, list[Any]] = {
        "loan_number": loans.loan_number.tolist(),
        "parcel_id": _ids(cells, mapping, repaired),
        "plot_code": cells.texts("plot_code", said.get("plot_code")),
        "geometry_version": list(repaired.versions),
        "area_ha": cells.hectares(said.get("area")),
        "measured_ha": geodesic_area_ha(repaired.shapes).tolist(),
        "crop": cells.crops(said.get("crop")),
        "starts_on": cells.days("starts_on", said.get("starts_on")),
        "ends_on": cells.days("ends_on", said.get("ends_on")),
        "village_code": village_codes,
        "village": villages,
    }
    table = pd.DataFrame({name: pd.Series(columns[name], dtype=object) for name in PLOT_COLUMNS})
    plots = gpd.GeoDataFrame(table, geometry=repaired.shapes.array, crs=4326)
    _check(cells, plots)
    return plots, _repairs(plots.parcel_id.tolist(), repaired.notes) if drawn else ()


def distinct_plots(plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row per loan and plot, of rows that agree."""
    there = plots[plots.parcel_id.notna()]
    return there[~there.duplicated(["loan_number", "parcel_id"])].reset_index(drop=True)


def _ids(cells: Cells, mapping: LoanMapping, repaired: Outlines) -> Texts:
    """Ids of a column, else made from the outlines, so that the same ground has the same id."""
    if "parcel_id" in mapping.plot:
        return cells.texts("parcel_id", mapping.plot["parcel_id"])
    versions = tuple(dict.fromkeys(each for each in repaired.versions if each != _NO_OUTLINE))
    made = dict(zip(versions, parcel_ids(pd.DataFrame(index=range(len(versions))), None, versions), strict=True))
    return [made.get(version) for version in repaired.versions]


def _check(cells: Cells, plots: gpd.GeoDataFrame) -> None:
    days = zip(plots.starts_on, plots.ends_on, strict=True)
    cells.faults.add(
        "LOAN_DATES",
        (
            (row, f"the plot ends on {end}, before it starts on {start}")
            for row, (start, end) in enumerate(days)
            if start is not None and end is not None and end < start
        ),
    )
    table = pd.DataFrame(plots.drop(columns="geometry"))
    found = set(disagreements(table.parcel_id, table[["geometry_version", "village_code"]]))
    said = table.drop(columns=["loan_number", "parcel_id", "geometry_version", "village_code", "village"])
    found |= set(disagreements(table[["loan_number", "parcel_id"]], said))
    for row, name in sorted(found):
        what = _SAID.get(name, name)
        cells.faults.add(
            "LOAN_DIFFERS", [(row, f"{what} of the plot {table.parcel_id[row]} differs from its first row's")]
        )


def _repairs(ids: Texts, notes: dict[int, str]) -> tuple[tuple[str, str], ...]:
    named = ((ids[row], what) for row, what in notes.items())
    return tuple(dict.fromkeys((each, what) for each, what in named if each is not None))
