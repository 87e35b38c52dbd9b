"""What the masks find and what they cost, where the truth is known and on real acquisitions, in one run.

    python benchmarks/masks.py --data ../shared/data
    python benchmarks/masks.py --sets simulation --size 64 --regions europe

Sets:
  simulation  truth of every pixel. "patches missed": the scene classification takes every third patch of shadow for
              ground, as real ones do; the simulated classification misses fringes and thin cloud only.
  flanders    real scenes without truth: dark and bright marks by distance from what the classification found (they
              show how wide the margin has to be), light of doubtful classes, and shadows hidden from the test.
  slovenia    real NDVI and cloud masks: dips by distance from cloud.
  mowing      grassland plots with dated mowings, cleared of clouds by another method: a mowing must not be marked.
  forest      clear-cuts, forest and other land: nor must a clear-cut.
  fields      means of Bavarian parcels on dates that their source calls cloudless.
  csmask      the network of the optional extra on a scene with drawn clouds and shadows.

In mowing, forest and fields shadows are also drawn into one clear date in ten, with the light that full shadow leaves
in the flanders scenes, to see how many are found in real series.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from masks_series import (
    by_distance,
    darker_neighbour,
    report_fields,
    report_forest,
    report_mowing,
    report_slovenia,
    share_of,
)
from scipy.ndimage import label

from geo.bands import BANDS
from tiles.clear import SPREADING_CLASSES, Mask, Masking, clear_mask, mask_block
from tiles.csmask import CSMASK_BANDS, CSMASK_HALO_PX, Sky, classify_sky
from tiles.outliers import OUTLIER_BANDS
from tiles.simulation.chips import WITHIN_PLOT, draw_texture
from tiles.simulation.clouds import SHADOW, VEGETATION, apply_sky, classify_scene, draw_sky
from tiles.simulation.county import CountyPlan, build_county
from tiles.simulation.plots import VIGOUR_STEP, plots_reflectance
from tiles.simulation.sensor import add_noise, coarsen, disturb_days
from tiles.simulation.weather import cloud_shares, soil_moisture, sun_angles

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

#: Opacity and depth of shadow below which a simulated pixel is clean, and from which it is spoiled.
_CLEAN = {"thick": 0.02, "thin": 0.03, "shadow": 0.05}
_SPOILED = {"thick": 0.10, "thin": 0.10, "shadow": 0.25}
#: Codes of the scene with drawn clouds and shadows.
_DRAWN_CLOUD, _DRAWN_SHADOW = 4, 0
#: Classes that might be taken for clear, and shadow to compare them with.
_DOUBTFUL = {2: "dark", 3: "shadow", 7: "unclassified"}
_MARGINS = (0, 2, 4, 6)
_AT = [BANDS.index(name) for name in OUTLIER_BANDS]


@dataclass(frozen=True, slots=True)
class Season:
    """A simulated season: reflectance of `OUTLIER_BANDS` (t, 3, y, x), classes (t, y, x), and what is true of each."""

    days: tuple[date, ...]
    reflectance: Floats
    scl: npt.NDArray[np.uint8]
    clean: Bools
    cloud: Bools
    shadow: Bools


def simulate(region: str, size_px: int, seed: int) -> Season:
    """A season of acquisitions every five days; the same seed gives the same season."""
    days = tuple(date(2023, 10, 4) + timedelta(days=5 * number) for number in range(79))
    county = build_county(CountyPlan(seed=seed, size_px=size_px, region=region, days=days, parcels=4))
    where, rng = county.plots.region, np.random.default_rng([seed, 3])
    series, slope = plots_reflectance(county.plots, days, soil_moisture(where, days, rng), rng)
    series = disturb_days(series, rng)
    texture = draw_texture(rng, size_px) * (WITHIN_PLOT / VIGOUR_STEP)
    shape = (len(days), size_px, size_px)
    seen, scl = np.empty((len(days), len(_AT), *shape[1:]), dtype=np.float32), np.empty(shape, dtype=np.uint8)
    clean, cloud, shadow = (np.empty(shape, dtype=np.bool_) for _ in range(3))
    for number, share in enumerate(cloud_shares(where, days, rng)):
        dice = np.random.default_rng([seed, 4, number])
        ground = county.mosaic.paint(series[:, number]) + texture * county.mosaic.paint(slope[:, number])
        sky = draw_sky(
            dice, size_px, float(share), *sun_angles(where.lon, where.lat, days[number], 10.5 - where.lon / 15)
        )
        under = apply_sky(ground, sky)
        scl[number] = classify_scene(ground, under, sky, dice)
        seen[number] = coarsen(add_noise(under, dice))[_AT]
        clean[number] = np.logical_and.reduce([getattr(sky, name) < most for name, most in _CLEAN.items()])
        cloud[number] = (sky.thick >= _SPOILED["thick"]) | (sky.thin >= _SPOILED["thin"])
        shadow[number] = (sky.shadow >= _SPOILED["shadow"]) & ~cloud[number]
    return Season(days, seen, scl, clean, cloud, shadow)


def miss_patches(scl: npt.NDArray[np.uint8], seed: int) -> npt.NDArray[np.uint8]:
    """Classes in which every third patch of shadow passes as vegetation."""
    rng, missed = np.random.default_rng([seed, 9]), scl.copy()
    for layer in missed:
        patches, count = label(layer == SHADOW)
        drawn = rng.random(count + 1) < 1 / 3
        layer[drawn[patches] & (patches > 0)] = VEGETATION
    return missed


def score_season(season: Season, scl: npt.NDArray[np.uint8], margin: int) -> str:
    """One line of the simulation's table."""
    wide = np.pad(scl, ((0, 0), (margin, margin), (margin, margin)))
    mask = mask_block(season.reflectance, wide, season.days, Masking(dilate_px=margin), bands=OUTLIER_BANDS)
    before, after = np.isin(mask, (Mask.CLEAR, Mask.DARK, Mask.BRIGHT)), mask == Mask.CLEAR
    spoiled = season.cloud | season.shadow
    shares = [
        share_of(before, season.clean),
        share_of(after, season.clean),
        share_of(spoiled, before),
        share_of(spoiled, after),
    ]
    for code, truth in ((Mask.DARK, season.shadow), (Mask.BRIGHT, season.cloud)):
        marked = mask == code
        shares += [share_of(spoiled, marked), share_of(marked, truth & before), share_of(marked, season.clean & before)]
    return f"{margin:>8}" + "".join(f"{100 * share:>9.2f}" for share in shares)


def report_simulation(options: argparse.Namespace) -> None:
    """Tables of the simulated regions, with classes as simulated and with patches of shadow missed."""
    names = ("kept", "& marks", "spoiled", "& marks", "D right", "D found", "D false", "B right", "B found", "B false")
    print(
        "kept: of clean pixels; spoiled: of kept pixels; right: of marks; found: of missed ones; false: of clean ones"
    )
    for region in options.regions:
        season = simulate(region, options.size, options.seed)
        for what, scl in (("as simulated", season.scl), ("patches missed", miss_patches(season.scl, options.seed))):
            print(f"\nsimulation {region}, {what} (%)\n  margin" + "".join(f"{name:>9}" for name in names))
            for margin in _MARGINS:
                print(score_season(season, scl, margin), flush=True)


def read_flanders(data: Path) -> tuple[list[date], Floats, npt.NDArray[np.uint8]]:
    """Days, reflectance of `OUTLIER_BANDS` (t, 3, y, x) and classes (t, y, x) on the 10 m grid."""
    found = []
    for path in (data / "flanders-2019" / "sentinel-2-l2a").glob("*/*.json"):
        item = json.loads(path.read_text(encoding="utf-8"))
        layers = []
        for name in (*OUTLIER_BANDS, "SCL"):
            with rasterio.open(path.parent / item["assets"][name]["href"]) as file:
                layers.append(file.read(1, out_shape=(64, 64)))
        found.append((item["properties"]["datetime"], np.stack(layers)))
    found.sort(key=lambda one: one[0])
    stack = np.stack([layers for _, layers in found])
    return (
        [date.fromisoformat(when[:10]) for when, _ in found],
        stack[:, :3].astype(np.float32) / 1e4,
        stack[:, 3].astype(np.uint8),
    )


def report_flanders(options: argparse.Namespace) -> None:
    """Marks by distance from shadow and cloud, and what is found of shadows hidden from the test."""
    days, reflectance, scl = read_flanders(options.data)
    plain = mask_block(reflectance, scl, days, Masking(dilate_px=0), bands=OUTLIER_BANDS)
    clear = clear_mask(scl)
    print("\nflanders: margin 0, marks among clear pixels")
    for what, code, classes in (("shadow", Mask.DARK, (3,)), ("cloud", Mask.BRIGHT, (8, 9))):
        others = tuple(set(SPREADING_CLASSES) - set(classes))
        print(f"  {code.name} by distance from {what}: " + by_distance(plain == code, clear, scl, classes, others))
    for margin in _MARGINS:
        wide = np.pad(scl, ((0, 0), (margin, margin), (margin, margin)))
        mask = mask_block(reflectance, wide, days, Masking(dilate_px=margin), bands=OUTLIER_BANDS)
        kept = np.isin(mask, (Mask.CLEAR, Mask.DARK, Mask.BRIGHT))
        dark, bright = (share_of(mask == code, kept) for code in (Mask.DARK, Mask.BRIGHT))
        share = share_of(kept, clear)
        print(f"  margin {margin}: kept {share:.1%} of classes 4 to 6; dark {dark:.2%}, bright {bright:.2%}")
    for code, name in _DOUBTFUL.items():
        ratios = [_ratio(reflectance[:, band], clear, scl == code) for band in range(3)]
        said = ", ".join(f"{band} {ratio:.2f}" for band, ratio in zip(OUTLIER_BANDS, ratios, strict=True))
        print(f"  class {code} ({name}): median of the darker neighbour in time times {said}")
    hidden = np.where(scl == SHADOW, np.uint8(VEGETATION), scl)
    mask = mask_block(reflectance, hidden, days, Masking(dilate_px=0), bands=OUTLIER_BANDS)
    judged = scl == SHADOW
    print(f"  of {judged.sum():,} shadow pixels hidden in ground: {share_of(mask == Mask.DARK, judged):.1%} found dark")


def _ratio(band: Floats, clear: Bools, chosen: Bools) -> float:
    """Median of chosen pixels over the darker of their clear neighbours in time."""
    return float(np.nanmedian((band / darker_neighbour(np.where(clear, band, np.float32(np.nan))))[chosen]))


def report_csmask(options: argparse.Namespace) -> None:
    """Precision, recall and F1 of the network on a scene with drawn clouds (4) and shadows (0)."""
    with np.load(options.data / "cloud-mask" / "sentinel2.npz") as file:
        image, truth = np.moveaxis(file["img"], -1, 0), file["msk"][:, :, 0]
    halo = CSMASK_HALO_PX
    wide = np.pad(image, ((0, 0), (halo, halo), (halo, halo)), constant_values=np.nan)
    sky = classify_sky(wide, (0, 0), CSMASK_BANDS)
    print(f"\ncsmask: {share_of(sky == _truth_sky(truth), np.ones_like(sky, dtype=bool)):.1%} of pixels right")
    for code in (Sky.CLOUD, Sky.SHADOW):
        said, true = sky == code, _truth_sky(truth) == code
        print(f"  {code.name.lower()}: precision {share_of(true, said):.3f}, recall {share_of(said, true):.3f}")


def _truth_sky(truth: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.select([truth == _DRAWN_CLOUD, truth == _DRAWN_SHADOW], [Sky.CLOUD, Sky.SHADOW], Sky.CLEAR).astype(
        np.uint8
    )


REPORTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "simulation": report_simulation,
    "flanders": report_flanders,
    "slovenia": report_slovenia,
    "mowing": report_mowing,
    "forest": report_forest,
    "fields": report_fields,
    "csmask": report_csmask,
}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of real data; without it only the simulation runs")
    parser.add_argument("--sets", nargs="+", choices=REPORTS, default=list(REPORTS))
    parser.add_argument(
        "--regions", nargs="+", default=["europe", "huanghuai", "north_india"], help="of the simulation"
    )
    parser.add_argument("--size", type=int, default=256, help="pixels along one side of a simulated season")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Print every set's figures."""
    options = parse(arguments)
    for name in options.sets:
        if options.data is None and name != "simulation":
            print(f"\n{name}: left out, it needs --data")
        else:
            REPORTS[name](options)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
