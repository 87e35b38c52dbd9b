"""Tables of series and events from `mowing-slovakia`, and how well abrupt losses agree with them.

    python benchmarks/growth_mowing.py --data ../shared/data --regions LR NB [--out FOLDER]

One parcel is one plot of one year (PLOT-YEAR). The series hold all plots of the regions, labelled or not; the events
only what somebody observed: type k is a mowing with its date, n is a plot-year watched without mowing. Rows that the
source repeats count once, and a plot-year whose date lies in another year than it says is left out. LR and NB set the
rule; NS is for the report.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from app.jobs.growth import evaluate_losses

_FOLDER: Final = "mowing-slovakia"
_BANDS: Final = {"blue": "blue", "red": "red", "nir": "nir", "swir1": "swir"}
_COLUMNS: Final = ("PLOTID", "Date", "ndvi", "mask", *_BANDS)


def main() -> None:
    """Write the tables and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds mowing-slovakia")
    parser.add_argument("--regions", nargs="+", choices=("LR", "NB", "NS"), required=True)
    parser.add_argument("--out", type=Path, help="keep S.parquet and E.parquet here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = options.out or Path(temporary)
        out.mkdir(parents=True, exist_ok=True)
        series, events = out / "S.parquet", out / "E.parquet"
        read_series(options.data / _FOLDER, options.regions).to_parquet(series, index=False)
        read_events(options.data / _FOLDER, options.regions).to_parquet(events, index=False)
        for hindsight in (False, True):
            print("hindsight" if hindsight else "live")
            for name, found in evaluate_losses(series, events, hindsight=hindsight).rows():
                print(f"  {name:12}", " ".join(_figures(found.as_dict())))


def read_series(folder: Path, regions: list[str]) -> pd.DataFrame:
    """parcel_id, date, ndvi, clear (0 or 1) and bands of all plots of some regions."""
    files = [file for region in regions for file in sorted((folder / "S2").glob(f"ts_{region}_*.csv.gz"))]
    rows = pd.concat([pd.read_csv(file, usecols=list(_COLUMNS)) for file in files])
    return pd.DataFrame(
        {
            "parcel_id": rows.PLOTID + "-" + rows.Date.str[:4],
            "date": pd.to_datetime(rows.Date),
            "ndvi": rows.ndvi.where(rows.ndvi > -1),
            "clear": rows["mask"].clip(0, 1),
            **{name: rows[column].where(rows[column] >= 0) for column, name in _BANDS.items()},
        }
    )


def read_events(folder: Path, regions: list[str]) -> pd.DataFrame:
    """parcel_id, date (NaT: watched, not mown) of the labelled plot-years of some regions."""
    rows = gpd.read_file(folder / "GMI_Long.gpkg").drop(columns="geometry")
    rows = rows[rows["id"].isin(regions)]
    rows["parcel_id"] = rows.PLOTID + "-" + rows.year.astype(str)
    odd = rows.parcel_id[rows.date.notna() & (rows.date.dt.year != rows.year)]
    return rows.loc[~rows.parcel_id.isin(odd), ["parcel_id", "date"]].drop_duplicates()


def _figures(found: dict[str, object]) -> list[str]:
    return [f"{name}={value:.3f}" if isinstance(value, float) else f"{name}={value}" for name, value in found.items()]


if __name__ == "__main__":
    main()
