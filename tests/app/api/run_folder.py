"""A small made-up run folder: twenty parcels on four rows, every status, by the contracts of the tables."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from rasterio.features import geometry_mask
from shapely.geometry import Polygon, box

from app.db.engine import open_engine, sqlite_url
from app.db.loading import load_run
from app.db.migrate import upgrade
from geo.area import geodesic_area_ha
from geo.legend import load_legend
from geo.observations import LIMITS, PARCELS, SCHEMAS, SEASONS, SERIES, read_table, write_table
from geo.runrecord import RunRecord, Scene, write_manifest
from geo.status import Status

SEASON_ID = "2025-10-01/2026-09-30"
EPSG = 32650
LEFT, TOP = 500_000.0, 4_000_000.0
SIZE_PX = 128
COLUMNS, ROWS = 5, 4
CROPS = ("wheat", "maize", "rice", "vegetables", "soybean")
CENTS = 100
POLICY = "cn-planting-generic"
CREATED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def build_run_folder(folder: Path, *, simulated: bool = True) -> Path:
    """Write a complete run folder; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    book = _book()
    book[["parcel_id", "geometry"]].to_crs(4326).to_file(folder / "parcels.geojson", driver="GeoJSON")
    facts = pd.DataFrame(book.drop(columns="geometry"))
    write_table(facts, PARCELS, folder / "parcels.parquet")
    write_table(_seasons(facts), SEASONS, folder / "seasons.parquet")
    write_table(_series(facts), SERIES, folder / "series.parquet")
    write_table(_limits(facts), LIMITS, folder / "limits.parquet")
    _rasters(folder, book)
    record = _record(simulated=simulated)
    (folder / "run.json").write_text(record.to_json(), encoding="utf-8")
    write_manifest(folder, [path for path in folder.iterdir() if path.is_file()])
    _load(folder, record, book)
    return folder


def _book() -> gpd.GeoDataFrame:
    shapes = [_outline(index) for index in range(COLUMNS * ROWS)]
    frame = gpd.GeoDataFrame(
        {"parcel_id": [f"P-{index:03d}" for index in range(len(shapes))]}, geometry=shapes, crs=EPSG
    )
    frame["geometry_version"] = "aaaaaaaaaaaa"
    frame["season_id"] = SEASON_ID
    frame["status"] = [_status(index) for index in range(len(frame))]
    frame["farmer_id"] = [f"F-{index // 2:03d}" for index in range(len(frame))]
    frame["crop"] = [None if _blind(status) else CROPS[i % 5] for i, status in enumerate(frame["status"])]
    frame["declared_crop"] = [None if i % 7 == 6 else CROPS[(i + (i % 6 == 5)) % 5] for i in range(len(frame))]
    frame["area_ha"] = geodesic_area_ha(frame.geometry)
    known = frame["crop"].notna()
    frame["cropped_area_ha"] = frame["area_ha"].where(known) * 0.97
    frame["crop_prob"] = pd.Series(np.linspace(0.55, 0.99, len(frame))).where(known)
    frame["crop_set"] = [_crop_set(crop, status) for crop, status in zip(frame["crop"], frame["status"], strict=True)]
    frame["vigour_pct"] = pd.Series(np.linspace(8, 96, len(frame))).where(known)
    frame["ndvi_peak"] = pd.Series(np.linspace(0.55, 0.91, len(frame))).where(known)
    for name, day in (("sos", date(2026, 3, 2)), ("pos", date(2026, 5, 10)), ("eos", date(2026, 6, 12))):
        frame[name] = [day if isinstance(crop, str) else None for crop in frame["crop"]]
    frame["clear_dates"] = [0 if _blind(status) else 20 for status in frame["status"]]
    return frame


def _outline(index: int) -> Polygon:
    column, row = index % COLUMNS, index // COLUMNS
    x, y = LEFT + 40 + column * 240, TOP - 40 - row * 300
    if _status(index) == Status.TOO_SMALL:
        return box(x, y - 40, x + 30, y)
    return Polygon([(x, y), (x + 200, y - 15), (x + 190, y - 250), (x + 8, y - 240)])


def _status(index: int) -> str:
    rare = dict(zip(range(1, 20, 3), [status for status in Status if status is not Status.OK], strict=True))
    return str(rare.get(index, Status.OK))


def _blind(status: str) -> bool:
    return status in {Status.INVALID_GEOMETRY, Status.OUTSIDE_IMAGERY, Status.CLOUDY}


def _crop_set(crop: object, status: str) -> list[str]:
    if not isinstance(crop, str):
        return []
    return [crop, "grass", "fallow"] if status == Status.AMBIGUOUS else [crop]


def _seasons(facts: pd.DataFrame) -> pd.DataFrame:
    first = facts[facts["crop"].notna()].assign(cycle=1)
    wheat = first[first["crop"] == "wheat"]
    second = wheat.assign(cycle=2, crop="maize", crop_set=[["maize"]] * len(wheat), sos=date(2026, 6, 25))
    second = second.assign(pos=date(2026, 8, 10), eos=date(2026, 9, 22))
    return pd.concat([first, second], ignore_index=True)


def _series(facts: pd.DataFrame) -> pd.DataFrame:
    days = [date(2025, 10, 3) + timedelta(days=10 * step) for step in range(36)]
    rng = np.random.default_rng(3)
    rows = []
    for number, parcel in enumerate(facts.itertuples()):
        clear = np.where(rng.random(len(days)) < 0.3, 0.0, rng.uniform(0.6, 1.0, len(days)))
        clear = np.zeros(len(days)) if _blind(parcel.status) else clear
        peak = 215 + 3 * (number % 5)
        ndvi = (
            0.2 + 0.62 * np.exp(-(((np.arange(len(days)) * 10 - peak) / 42.0) ** 2)) + rng.normal(0, 0.012, len(days))
        )
        rows.append(
            pd.DataFrame(
                {
                    "parcel_id": parcel.parcel_id,
                    "date": days,
                    "clear_share": clear,
                    "n_px": clear * 400,
                    "ndvi": np.where(clear > 0, ndvi, np.nan),
                }
            )
        )
    series = pd.concat(rows, ignore_index=True)
    return series.assign(geometry_version="aaaaaaaaaaaa", known_at=CREATED, level="L2A", source_hash="f" * 12)


def _limits(facts: pd.DataFrame) -> pd.DataFrame:
    rows = [_limit(parcel) for parcel in facts.itertuples()]
    return pd.DataFrame(rows).assign(
        subject_kind="parcel", currency="CNY", policy_id=POLICY, policy_hash="c0ffee", reasons=lambda t: t["lines"]
    )


def _limit(parcel: object) -> dict[str, object]:
    decided = parcel.status == Status.OK  # type: ignore[attr-defined]  # a named tuple of the table
    lines = _receipt(parcel) if decided else [_nothing(parcel)]
    amount = sum(int(str(line["effect_minor"])) for line in lines) if decided else None
    return {
        "subject_id": parcel.parcel_id,  # type: ignore[attr-defined]  # same
        "farmer_id": parcel.farmer_id,  # type: ignore[attr-defined]  # same
        "amount_minor": amount,
        "low_minor": None if amount is None else int(amount * 0.9),
        "high_minor": None if amount is None else int(amount * 1.1),
        "needs_visit": not decided,
        "lines": json.dumps(lines, ensure_ascii=False),
    }


def _receipt(parcel: object) -> list[dict[str, object]]:
    mu = parcel.area_ha * 15  # type: ignore[attr-defined]  # same
    cost = round(mu * 1300 * CENTS)
    financed = -round(cost * 0.3)
    rounding = -((cost + financed) % (100 * CENTS))
    return [
        _line(
            "COST", cost, f"{mu:.2f} mu at 1,300.00 a mu", f"{mu:.2f} 亩，每亩 1,300.00 元", {"area_mu": f"{mu:.2f}"}
        ),
        _line("OWN_FUNDS", financed, "Own funds, 30 % of the cost", "自有资金，占成本 30 %", {"share": "0.30"}),
        _line("ROUNDING", rounding, "Rounded down to whole hundreds", "向下取整到百元", {}),
    ]


def _nothing(parcel: object) -> dict[str, object]:
    return _line(
        "NO_EARLIER_LIMIT",
        0,
        "The parcel is not decided and has no earlier limit: an officer has to visit",
        "地块未能判定且没有以往额度：需要实地查看",
        {"status": parcel.status},  # type: ignore[attr-defined]  # same
    )


def _line(code: str, effect_minor: int, en: str, zh: str, facts: dict[str, str]) -> dict[str, object]:
    return {"code": code, "effect_minor": effect_minor, "en": en, "zh": zh, "facts": facts}


def _rasters(folder: Path, book: gpd.GeoDataFrame) -> None:
    crop = np.zeros((SIZE_PX, SIZE_PX), np.uint8)
    legend = load_legend()
    for shape, key in zip(book.geometry, book["crop"], strict=True):
        if isinstance(key, str):
            inside = geometry_mask([shape], crop.shape, _affine(), invert=True)
            crop[inside] = legend[key].value
    yy, xx = np.mgrid[:SIZE_PX, :SIZE_PX]
    vigour = np.where(crop > 0, (xx * 100 // SIZE_PX), 255).astype(np.uint8)
    soil = (110 + 30 * np.sin(xx / 9) + 20 * np.cos(yy / 7)).astype(np.uint8)
    green = np.where(crop > 0, 60, 0).astype(np.uint8)
    mosaic = np.stack([soil - green // 2, soil + green // 2, soil - 40])
    _write(folder / "crop.tif", crop[None], nodata=0)
    _write(folder / "crop_prob.tif", np.where(crop > 0, 80, 255).astype(np.uint8)[None], nodata=255)
    _write(folder / "vigour.tif", vigour[None], nodata=255)
    _write(folder / "mosaic.tif", mosaic, nodata=0)


def _affine() -> Affine:
    return Affine(10, 0, LEFT, 0, -10, TOP)


def _write(path: Path, pixels: np.ndarray, *, nodata: int) -> None:
    profile = {"driver": "COG", "dtype": "uint8", "count": len(pixels), "height": SIZE_PX, "width": SIZE_PX}
    with rasterio.open(path, "w", **profile, crs=f"EPSG:{EPSG}", transform=_affine(), nodata=nodata) as sink:
        sink.write(pixels)


def _record(*, simulated: bool) -> RunRecord:
    return RunRecord(
        run_id="test-run",
        created_at=CREATED,
        code_version="0.1.0",
        parameters={"season": SEASON_ID, "policy": POLICY},
        inputs={},
        scenes=tuple(Scene(f"S2_{number}", "05.11", "0" * 12) for number in range(36)),
        model_hash="beef",
        policy_id=POLICY,
        policy_hash="c0ffee",
        simulated=simulated,
    )


def _load(folder: Path, record: RunRecord, book: gpd.GeoDataFrame) -> None:
    url = sqlite_url(folder / "acreline.db")
    upgrade(url)
    engine = open_engine(url)
    tables = [read_table(folder / f"{name}.parquet", SCHEMAS[name]) for name in ("parcels", "seasons", "limits")]
    outlines = book[["parcel_id", "geometry_version", "area_ha", "geometry"]].to_crs(4326)
    load_run(engine, record, outlines, *tables, now=CREATED)
    engine.dispose()
