from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from app.book.loans.loanfile import read_loan_file
from geo.errors import InputError
from scoring.lending.joining import join_plots
from tests.scoring.lending.made_up import mapping_with, rows_of

PLOT = ["plot", "mu", "crop", "from", "to"]
DAY = pd.Timestamp("2026-11-20").date()


def _loans() -> pd.DataFrame:
    return rows_of({}, {}, {}).drop(columns=PLOT)


def _plots(numbers: list[str]) -> gpd.GeoDataFrame:
    rows = rows_of(*({} for _ in numbers))[PLOT].assign(no=numbers)
    shapes = [box(116 + n, 40, 116.001 + n, 40.001) for n in range(len(numbers))]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=4326)


def test_a_map_of_plots_joins_its_loans(tmp_path: Path) -> None:
    _loans().to_csv(tmp_path / "loans.csv", index=False)
    _plots(["L2", "L1", "L2"]).to_file(tmp_path / "plots.gpkg")
    mapping = mapping_with(rows="plots", join="no")
    file = read_loan_file(tmp_path / "loans.csv", mapping, DAY, plots=tmp_path / "plots.gpkg")
    assert file.book.loans.loan_number.tolist() == ["L1", "L2", "L3"]
    assert file.book.plots.loan_number.tolist() == ["L1", "L2", "L2"]
    assert file.book.plots.parcel_id.tolist() == ["p2", "p1", "p3"]
    assert file.book.plots.geometry.bounds.minx.round().tolist() == [117, 116, 118]


@pytest.mark.parametrize(
    ("loans", "plots", "code", "said"),
    [
        (_loans(), ["L1", "L9"], "LOAN_PLOT", "row 2: the plot's loan L9 is not among the loans"),
        (_loans().assign(no=["L1", "L1", "L2"]), ["L1"], "LOAN_TWICE", "row 2: the loan L1 stands before"),
        (_loans().assign(no=["L1", None, "L2"]), ["L1"], "LOAN_NUMBER", "row 2: the loan number is empty"),
        (_loans().rename(columns={"no": "nr"}), ["L1"], "LOAN_COLUMN", "file of loans lacks the column 'no'"),
        (_loans().assign(crop="rice"), ["L1"], "LOAN_COLUMN", "Both files have the column 'crop'"),
    ],
)
def test_what_does_not_join_refuses(loans: pd.DataFrame, plots: list[str], code: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        join_plots(loans, pd.DataFrame(_plots(plots).drop(columns="geometry")), None, "no")
    assert caught.value.code == code


def test_a_mapping_that_does_not_join_says_so(tmp_path: Path) -> None:
    _loans().to_csv(tmp_path / "loans.csv", index=False)
    with pytest.raises(InputError, match="does not say by which column"):
        read_loan_file(tmp_path / "loans.csv", mapping_with(), DAY, plots=tmp_path / "plots.gpkg")
