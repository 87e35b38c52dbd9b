"""Real land on which no panels were built: what the scan for panels says of it.

    python benchmarks/sites_real.py --data ../shared/data [--json]

flanders-2019: each pixel of 64 x 64, 2018-08 to 2019-11, for several days from which panels are looked for; parcels
touched by a patch of the default size, and single pixels. Bavaria 2018: the mean of each of 301 parcels, as one pixel.
boadella-stack: 377 x 380 pixels, ten dates, levels overridden: each image is taken as surface reflectance, without
masks; a past of four images, then image by image.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio

from geo.bands import BANDS
from models.sites.ground import shows_ground
from models.sites.panels import panel_shares, past_of
from models.sites.scan import find_panels, patches

Singles = npt.NDArray[np.float32]
STARTS = ("2018-10-15", "2019-01-01", "2019-03-01", "2019-05-01", "2019-07-01")
BAVARIAN_STARTS = ("2018-03-15", "2018-04-15", "2018-06-01", "2018-08-01")
_BOADELLA_BANDS = (2, 3, 4, 5, 6, 7, 8, 9, 11, 12)
_PAST = 4


def flanders(data: Path) -> tuple[npt.NDArray[np.datetime64], Singles, npt.NDArray[np.uint8]]:
    """Days, (t, b, y, x) reflectance and (t, y, x) scene classification."""
    scenes = sorted((data / "flanders-2019" / "sentinel-2-l2a").glob("S2_*"), key=lambda path: path.name.split("_")[2])
    days = np.array([_day(path.name.split("_")[2]) for path in scenes], dtype="datetime64[D]")
    images = np.stack([np.stack([_band(path / f"{band}.tif") for band in BANDS]) for path in scenes])
    classes = np.stack([_read(path / "SCL.tif").astype(np.uint8) for path in scenes])
    return days, images, classes


def _day(stamp: str) -> str:
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"


def _read(path: Path) -> npt.NDArray[np.generic]:
    with rasterio.open(path) as file:
        values = file.read(1)
    return np.repeat(np.repeat(values, 2, 0), 2, 1) if values.shape == (32, 32) else values


def _band(path: Path) -> Singles:
    values = _read(path).astype(np.float32)
    return np.where(values == 0, np.nan, values / 10_000).astype(np.float32)


def bavaria(data: Path) -> tuple[npt.NDArray[np.datetime64], Singles, npt.NDArray[np.bool_]]:
    """Days, (t, b, 1, n) means of n parcels, and (t, 1, n) which are clear."""
    table = pd.read_parquet(data / "parcel-series" / "bavaria.parquet")
    table["day"] = pd.to_datetime(table["date"]).dt.floor("D")
    table = table.drop_duplicates(["day", "pid"]).drop(columns=["date", "level"])
    wide = table.pivot_table(index="day", columns="pid", dropna=False)
    images = np.stack([wide[f"{band}_mean"].to_numpy(np.float32) for band in BANDS], axis=1)[:, :, None]
    whole = np.asarray(np.isfinite(images).all(axis=1)[:, 0])
    clear = np.asarray(wide["cloud_mean"].to_numpy() < 0.05) & whole  # noqa: PLR2004
    return wide.index.to_numpy().astype("datetime64[D]"), images, clear[:, None]


def flanders_figures(data: Path) -> dict[str, float]:
    """Patches and pixels that are called panels, over all starts."""
    days, images, classes = flanders(data)
    seen = shows_ground(images, classes)
    found = {}
    for start in STARTS:
        before = days < np.datetime64(start)
        shares = panel_shares(images[~before], seen[~before], past_of(images[before], seen[before]))
        called, since = find_panels(images, seen, days, before)
        found[f"flanders pixels called from {start}"] = float(called.sum())
        found[f"flanders share of pixels judged from {start}"] = float(np.isfinite(shares).any(axis=0).mean())
        found[f"flanders patches from {start}"] = float(len(patches(called, since, days[~before])))
        found[f"flanders share of looks at .7 from {start}"] = float(np.nanmean(shares >= 0.7))  # noqa: PLR2004
    return found


def bavarian_figures(data: Path) -> dict[str, float]:
    """Parcels that are called panels, over all starts."""
    days, images, clear = bavaria(data)
    found = {}
    for start in BAVARIAN_STARTS:
        before = days < np.datetime64(start)
        shares = panel_shares(images[~before], clear[~before], past_of(images[before], clear[before]))
        called, _ = find_panels(images, clear, days, before)
        found[f"bavaria parcels called from {start}"] = float(called.sum())
        found[f"bavaria parcels judged from {start}"] = float(np.isfinite(shares).any(axis=0).sum())
    return found


def boadella_figures(data: Path) -> dict[str, float]:
    """Pixels and patches that are called panels, image by image after a past of four."""
    paths = sorted((data / "boadella-stack").glob("*.tif"))
    days = np.array([path.stem.split("_")[1] for path in paths], dtype="datetime64[D]")
    images = np.stack([_boadella(path) for path in paths])
    seen = np.asarray(np.isfinite(images).all(axis=1))
    before = np.arange(len(days)) < _PAST
    shares = panel_shares(images[~before], seen[~before], past_of(images[before], seen[before]))
    found = {
        f"boadella share of pixels at .7 on {day}": float(np.nanmean(share >= 0.7))  # noqa: PLR2004
        for day, share in zip(days[_PAST:], shares, strict=True)
    }
    found["boadella share of pixels judged"] = float(np.isfinite(shares).any(axis=0).mean())
    called, since = find_panels(images, seen, days, before)
    found["boadella share of pixels called"] = float(called.mean())
    found["boadella patches"] = float(len(patches(called, since, days[_PAST:])))
    return found


def _boadella(path: Path) -> Singles:
    with rasterio.open(path) as file:
        values = file.read(list(_BOADELLA_BANDS))
    return np.where(values == 0, np.nan, values / 10_000).astype(np.float32)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = flanders_figures(given.data) | bavarian_figures(given.data) | boadella_figures(given.data)
    if given.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:48s} {value:.4g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
