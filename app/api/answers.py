"""From rows to answers: every figure that the page shows is put together here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from app.api.book import Book, Bounds, Row
from app.api.layers import LAYERS, MAX_ZOOM, TilePx
from app.api.runfolder import OUTLINES, RunFolder, read_series
from app.api.schemas import (
    Area,
    CropCount,
    Cycle,
    LegendEntry,
    Limit,
    MapLayer,
    Match,
    Matches,
    Money,
    Parcel,
    ParcelStates,
    ReasonLine,
    RunSummary,
    Series,
    StatusCount,
    Totals,
)
from geo.area import convert_area
from geo.errors import DataError
from geo.legend import load_legend
from geo.season import parse_season
from geo.status import Status

#: Decimal places of currencies (ISO 4217) that policy packs may use.
MINOR_DIGITS: Final = {"CNY": 2, "INR": 2, "EUR": 2, "USD": 2, "BDT": 2, "IDR": 2, "VND": 0, "KRW": 0, "JPY": 0}

#: Unit in which the users of a currency count land; hectares elsewhere.
AREA_UNITS: Final = {"CNY": "mu", "INR": "acre"}


def minor_digits(currency: str) -> int:
    """Decimal places of a currency; DataError for one that is not known: an amount must never be off by a hundred."""
    if currency not in MINOR_DIGITS:
        raise DataError("CURRENCY_UNKNOWN", f"The currency {currency!r} is not known.", "Check the policy pack.")
    return MINOR_DIGITS[currency]


def decimal_text(minor: int, currency: str) -> str:
    """Amount in whole units of a currency: 4290000 in INR is "42900.00"."""
    digits = minor_digits(currency)
    return f"{Decimal(int(minor)).scaleb(-digits):.{digits}f}"


def money(minor: int | None, currency: str) -> Money | None:
    """Amount, or None for none."""
    return None if minor is None else Money(amount=decimal_text(minor, currency), currency=currency)


def legend_entries(keys: Sequence[str] | None = None) -> list[LegendEntry]:
    """Legend in its own order, all of it or only some keys."""
    return [
        LegendEntry(key=crop.key, value=crop.value, en=crop.en, zh=crop.zh, colour=crop.colour)
        for crop in load_legend()
        if keys is None or crop.key in keys
    ]


def run_summary(run: RunFolder, book: Book) -> RunSummary:
    """The first answer of the page."""
    parcels, limits = book.parcels(), book.limits()
    if not parcels or not limits:
        raise DataError(
            "RUN_EMPTY", f"The run {run.record.run_id} has no parcels or no limits.", "Run the season again."
        )
    season = parse_season(parcels[0]["season_id"])
    policy = next(iter(limits.values()))
    crops = Counter(row["crop"] for row in parcels)
    named = {*crops, *(row["declared_crop"] for row in parcels), *(key for row in parcels for key in row["crop_set"])}
    return RunSummary(
        run_id=run.record.run_id,
        created_at=run.record.created_at,
        code_version=run.record.code_version,
        season_id=season.id,
        season_start=season.start,
        season_end=season.end,
        policy_id=policy["policy_id"],
        currency=policy["currency"],
        minor_digits=minor_digits(policy["currency"]),
        area_unit=AREA_UNITS.get(policy["currency"], "ha"),
        simulated=run.record.simulated,
        scenes=len(run.record.scenes),
        bounds=run.bounds,
        totals=_totals(parcels, limits, policy["currency"]),
        by_status=_status_counts(parcels),
        by_crop=[CropCount(key=key, count=count) for key, count in crops.most_common()],
        legend=legend_entries([key for key in named if key]),
        layers=_layers(run),
        outlines_url=f"/api/parcels.geojson?v={run.hashes[OUTLINES]}",
        states_url="/api/parcels/states",
    )


def parcel_states(book: Book) -> ParcelStates:
    """One compact answer that colours every parcel."""
    parcels, limits = book.parcels(), book.limits()
    crops = sorted({row["crop"] for row in parcels if row["crop"]})
    crop_at = {key: position for position, key in enumerate(crops)}
    status_at = {status.value: position for position, status in enumerate(Status)}
    found = [limits.get(row["parcel_id"]) for row in parcels]
    return ParcelStates(
        crops=crops,
        statuses=list(Status),
        parcel_id=[row["parcel_id"] for row in parcels],
        status=[status_at[row["status"]] for row in parcels],
        crop=[crop_at.get(row["crop"]) for row in parcels],
        crop_prob=[_rounded(row["crop_prob"], 3) for row in parcels],
        vigour_pct=[_rounded(row["vigour_pct"], 1) for row in parcels],
        area_ha=[round(row["area_ha"], 4) for row in parcels],
        amount_minor=[limit["amount_minor"] if limit else None for limit in found],
        needs_visit=[bool(limit["needs_visit"]) if limit else False for limit in found],
    )


def parcel_answer(row: Row, book: Book, bounds: Bounds | None) -> Parcel:
    """Everything about one parcel."""
    parcel_id = row["parcel_id"]
    limit = book.limit(parcel_id)
    return Parcel(
        **{name: row[name] for name in ("parcel_id", "geometry_version", "season_id", "farmer_id", "declared_crop")},
        **_decision(row),
        status=row["status"],
        area=areas(row["area_ha"]),
        cropped_area_ha=row["cropped_area_ha"],
        clear_dates=row["clear_dates"],
        bounds=bounds,
        cycles=[Cycle(cycle=cycle["cycle"], **_decision(cycle)) for cycle in book.cycles(parcel_id)],
        limit=None if limit is None else limit_answer(limit),
    )


def limit_answer(row: Row) -> Limit:
    """A limit with its receipt."""
    currency = row["currency"]
    lines = json.loads(row["reasons"])
    total = sum(int(line["effect_minor"]) for line in lines)
    return Limit(
        amount=money(row["amount_minor"], currency),
        low=money(row["low_minor"], currency),
        high=money(row["high_minor"], currency),
        currency=currency,
        needs_visit=row["needs_visit"],
        policy_id=row["policy_id"],
        policy_hash=row["policy_hash"],
        reasons=[
            ReasonLine(
                code=line["code"],
                effect=decimal_text(line["effect_minor"], currency),
                en=line["en"],
                zh=line["zh"],
                facts=line.get("facts", {}),
            )
            for line in lines
        ],
        adds_up=total == (row["amount_minor"] or 0),
    )


def series_answer(run: RunFolder, parcel_id: str) -> Series:
    """The NDVI curve of one parcel."""
    columns: Mapping[str, list[Any]] = read_series(run, parcel_id).to_pydict()
    return Series(
        parcel_id=parcel_id,
        date=columns["date"],
        ndvi=[_rounded(value, 4) for value in columns["ndvi"]],
        clear_share=[min(max(round(value, 3), 0.0), 1.0) for value in columns["clear_share"]],
    )


def matches(rows: Sequence[Row], at_most: int) -> Matches:
    """What a search found; one row more than asked for says that there is more."""
    names = ("parcel_id", "farmer_id", "status", "crop", "area_ha")
    found = [Match(**{name: row[name] for name in names}) for row in rows[:at_most]]
    return Matches(matches=found, more=len(rows) > at_most)


def areas(area_ha: float) -> Area:
    """An area in three units."""
    exact = Decimal(repr(float(area_ha)))
    return Area(
        ha=round(float(exact), 4),
        mu=round(float(convert_area(exact, "ha", "mu")), 3),
        acre=round(float(convert_area(exact, "ha", "acre")), 3),
    )


def _decision(row: Row) -> dict[str, Any]:
    known = {name: row[name] for name in ("crop", "sos", "pos", "eos")}
    figures = {name: _rounded(row[name], 4) for name in ("crop_prob", "vigour_pct", "ndvi_peak")}
    return known | figures | {"crop_set": list(row["crop_set"])}


def _layers(run: RunFolder) -> list[MapLayer]:
    px = int(TilePx.DOUBLE)
    return [
        MapLayer(
            name=layer.name,
            url=f"/map-layers/{layer.name}/{{z}}/{{x}}/{{y}}.png?size={px}&v={run.hashes[layer.filename]}",
            tile_px=px,
            max_zoom=MAX_ZOOM,
            bounds=run.layer_bounds[layer.name],
        )
        for layer in LAYERS.values()
    ]


def _totals(parcels: Sequence[Row], limits: Mapping[str, Row], currency: str) -> Totals:
    given = [row for row in limits.values() if row["amount_minor"] is not None]
    return Totals(
        parcels=len(parcels),
        area_ha=round(sum(row["area_ha"] for row in parcels), 4),
        limit=_sum(given, "amount_minor", currency),
        low=_sum(given, "low_minor", currency),
        high=_sum(given, "high_minor", currency),
        without_amount=len(parcels) - len(given),
        needs_visit=sum(bool(row["needs_visit"]) for row in limits.values()),
    )


def _sum(rows: Sequence[Row], column: str, currency: str) -> Money | None:
    values = [int(row[column]) for row in rows if row[column] is not None]
    return money(sum(values), currency) if values else None


def _status_counts(parcels: Sequence[Row]) -> list[StatusCount]:
    counts = Counter(row["status"] for row in parcels)
    return [StatusCount(status=status, count=counts[status.value]) for status in Status if counts[status.value]]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)
