"""From rows to answers: every figure that the page shows is put together here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from shapely.geometry import shape

from app.api.book import Book, Rows
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
from app.db.views import Cycle as CycleView
from app.db.views import LimitView, ParcelDetail
from app.maplayers.rasters import LAYERS, MAX_ZOOM, TilePx
from geo.area import convert_area
from geo.errors import DataError
from geo.legend import load_legend
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


def legend_entries() -> list[LegendEntry]:
    """The legend in its own order."""
    return [
        LegendEntry(key=crop.key, value=crop.value, en=crop.en, zh=crop.zh, colour=crop.colour)
        for crop in load_legend()
    ]


def run_summary(run: RunFolder, book: Book) -> RunSummary:
    """The first answer of the page."""
    summary = book.run.summary
    return RunSummary(
        run_id=summary.run_id,
        created_at=summary.created_at,
        code_version=run.record.code_version,
        season_id=summary.season_id,
        season_start=summary.season_start,
        season_end=summary.season_end,
        policy_id=summary.policy_id,
        currency=book.currency,
        minor_digits=minor_digits(book.currency),
        area_unit=AREA_UNITS.get(book.currency, "ha"),
        simulated=summary.simulated,
        scenes=len(run.record.scenes),
        bounds=book.box,
        totals=_totals(book),
        by_status=[StatusCount(status=status, count=count) for status, count in book.status_counts()],
        by_crop=[CropCount(key=key, count=count) for key, count in book.crop_counts()],
        legend=legend_entries(),
        layers=_layers(run),
        outlines_url=f"/api/parcels.geojson?v={run.hashes[OUTLINES]}",
        states_url="/api/parcels/states",
    )


def parcel_states(book: Book) -> ParcelStates:
    """One compact answer that colours every parcel."""
    rows = book.states()
    crops = sorted({row.crop for row in rows if row.crop})
    crop_at = {key: position for position, key in enumerate(crops)}
    status_at = {status: position for position, status in enumerate(Status)}
    return ParcelStates(
        crops=crops,
        statuses=list(Status),
        parcel_id=[row.parcel_id for row in rows],
        status=[status_at[row.status] for row in rows],
        crop=[crop_at.get(row.crop) for row in rows],
        crop_prob=[rounded(row.crop_prob, 3) for row in rows],
        vigour_pct=[rounded(row.vigour_pct, 1) for row in rows],
        area_ha=[round(row.area_ha, 4) for row in rows],
        amount_minor=[row.amount_minor for row in rows],
        needs_visit=[bool(row.needs_visit) for row in rows],
    )


def parcel_answer(detail: ParcelDetail, season_id: str) -> Parcel:
    """Everything about one parcel."""
    seen = detail.summary
    return Parcel(
        parcel_id=seen.parcel_id,
        geometry_version=seen.geometry_version,
        season_id=season_id,
        farmer_id=seen.farmer_id,
        status=seen.status,
        crop=seen.crop,
        crop_prob=rounded(seen.crop_prob, 4),
        crop_set=list(detail.crop_set),
        declared_crop=seen.declared_crop,
        area=areas(seen.area_ha),
        cropped_area_ha=rounded(detail.cropped_area_ha, 4),
        vigour_pct=rounded(seen.vigour_pct, 1),
        ndvi_peak=rounded(detail.ndvi_peak, 4),
        sos=detail.sos,
        pos=detail.pos,
        eos=detail.eos,
        clear_dates=detail.clear_dates,
        bounds=None if seen.geometry is None else shape(dict(seen.geometry)).bounds,
        cycles=[cycle_answer(cycle) for cycle in detail.cycles],
        limit=None if detail.limit is None else limit_answer(detail.limit),
    )


def limit_answer(limit: LimitView) -> Limit:
    """A limit with its receipt."""
    currency = limit.currency
    total = sum(int(line["effect_minor"]) for line in limit.reasons)
    return Limit(
        amount=money(limit.amount_minor, currency),
        low=money(limit.low_minor, currency),
        high=money(limit.high_minor, currency),
        currency=currency,
        needs_visit=limit.needs_visit,
        policy_id=limit.policy_id,
        policy_hash=limit.policy_hash,
        reasons=[_reason(line, currency) for line in limit.reasons],
        adds_up=total == (limit.amount_minor or 0),
    )


def series_answer(run: RunFolder, parcel_id: str) -> Series:
    """The NDVI curve of one parcel."""
    columns: Mapping[str, list[Any]] = read_series(run, parcel_id).to_pydict()
    return Series(
        parcel_id=parcel_id,
        date=columns["date"],
        ndvi=[rounded(value, 4) for value in columns["ndvi"]],
        clear_share=[min(max(round(value, 3), 0.0), 1.0) for value in columns["clear_share"]],
    )


def matches(rows: Rows, at_most: int) -> Matches:
    """What a search found; one row more than asked for says that there is more."""
    found = [
        Match(parcel_id=row.parcel_id, farmer_id=row.farmer_id, status=row.status, crop=row.crop, area_ha=row.area_ha)
        for row in rows[:at_most]
    ]
    return Matches(matches=found, more=len(rows) > at_most)


def areas(area_ha: float) -> Area:
    """An area in three units."""
    exact = Decimal(repr(float(area_ha)))
    return Area(
        ha=round(float(exact), 4),
        mu=round(float(convert_area(exact, "ha", "mu")), 3),
        acre=round(float(convert_area(exact, "ha", "acre")), 3),
    )


def cycle_answer(cycle: CycleView) -> Cycle:
    """One crop cycle."""
    return Cycle(
        cycle=cycle.cycle,
        crop=cycle.crop,
        crop_prob=rounded(cycle.crop_prob, 4),
        crop_set=list(cycle.crop_set),
        vigour_pct=rounded(cycle.vigour_pct, 1),
        ndvi_peak=rounded(cycle.ndvi_peak, 4),
        sos=cycle.sos,
        pos=cycle.pos,
        eos=cycle.eos,
    )


def _reason(line: Mapping[str, Any], currency: str) -> ReasonLine:
    return ReasonLine(
        code=line["code"],
        effect=decimal_text(line["effect_minor"], currency),
        en=line["en"],
        zh=line["zh"],
        facts=line.get("facts", {}),
    )


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


def _totals(book: Book) -> Totals:
    sums = book.sums()
    return Totals(
        parcels=sums.parcels,
        area_ha=round(sums.area_ha, 4),
        limit=money(sums.amount_minor, book.currency),
        low=money(sums.low_minor, book.currency),
        high=money(sums.high_minor, book.currency),
        without_amount=sums.parcels - sums.with_amount,
        needs_visit=sums.needs_visit,
    )


def rounded(value: float | None, digits: int) -> float | None:
    """A figure to so many digits; None stays."""
    return None if value is None else round(float(value), digits)
