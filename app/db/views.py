"""What queries give back: plain frozen values, never rows tied to a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from geo.status import Status

#: West, south, east, north in degrees (WGS 84).
Box: TypeAlias = tuple[float, float, float, float]
#: A GeoJSON geometry.
Geometry: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A loaded run.

    Attributes:
        run_id: its name.
        season_id: "2018-10-01/2019-10-31".
        season_start: first day.
        season_end: last day.
        created_at: when it was computed.
        recorded_at: when it was loaded.
        policy_id: policy of its limits; None where there are none.
        policy_hash: content hash of the policy.
        model_hash: hash of the network.
        simulated: its imagery is not real.
    """

    run_id: str
    season_id: str
    season_start: date
    season_end: date
    created_at: datetime
    recorded_at: datetime
    policy_id: str | None
    policy_hash: str | None
    model_hash: str | None
    simulated: bool


@dataclass(frozen=True, slots=True)
class RunDetail:
    """A loaded run with its record.

    Attributes:
        summary: the run.
        record: the run record, as JSON.
        parcels: number of its parcels.
        statuses: number of parcels by status.
        box: what its outlines span; None without any outline.
    """

    summary: RunSummary
    record: Mapping[str, Any]
    parcels: int
    statuses: Mapping[Status, int]
    box: Box | None


@dataclass(frozen=True, slots=True)
class ParcelSummary:
    """A parcel of a run, as lists and maps show it.

    Attributes:
        parcel_id: its name for life.
        geometry_version: the outline that the run saw.
        geometry: that outline; None where it has none.
        area_ha: geodesic area.
        status: whether it is decided, and if not, why.
        crop: best guess; decided only where status is OK.
        crop_prob: probability of the guess, 0 to 1.
        vigour_pct: vigour, 0 to 100.
        farmer_id: the bank's number of its farmer.
        declared_crop: what the farmer said.
        amount_minor: proposed limit in the smallest unit of the currency; None where none can be given.
        currency: ISO 4217 code; None where the run has no limits.
        needs_visit: somebody should go and look; None where the run has no limits.
    """

    parcel_id: str
    geometry_version: str
    geometry: Geometry | None
    area_ha: float
    status: Status
    crop: str | None
    crop_prob: float | None
    vigour_pct: float | None
    farmer_id: str | None
    declared_crop: str | None
    amount_minor: int | None
    currency: str | None
    needs_visit: bool | None


@dataclass(frozen=True, slots=True)
class Cycle:
    """One crop cycle of a parcel in a run's season.

    Attributes:
        cycle: 1, 2, ...
        crop: best guess.
        crop_prob: probability of the guess, 0 to 1.
        crop_set: crops that cannot be ruled out, most likely first.
        vigour_pct: vigour, 0 to 100.
        ndvi_peak: highest NDVI.
        sos: start of the season.
        pos: peak.
        eos: end.
    """

    cycle: int
    crop: str | None
    crop_prob: float | None
    crop_set: tuple[str, ...]
    vigour_pct: float | None
    ndvi_peak: float | None
    sos: date | None
    pos: date | None
    eos: date | None


@dataclass(frozen=True, slots=True)
class LimitView:
    """A proposed limit with its reasons.

    Attributes:
        subject_kind: "parcel" or "farmer".
        subject_id: which.
        farmer_id: the bank's number of the farmer.
        amount_minor: amount in the smallest unit of the currency; None where none can be given.
        currency: ISO 4217 code.
        low_minor: lower end of the amount.
        high_minor: upper end.
        needs_visit: somebody should go and look.
        policy_id: policy pack.
        policy_hash: its content hash.
        reasons: lines whose effects add up to the amount (see scoring.receipt).
    """

    subject_kind: str
    subject_id: str
    farmer_id: str | None
    amount_minor: int | None
    currency: str
    low_minor: int | None
    high_minor: int | None
    needs_visit: bool
    policy_id: str
    policy_hash: str
    reasons: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ParcelDetail:
    """A parcel of a run, with all that the run says about it.

    Attributes:
        summary: the parcel.
        cropped_area_ha: area that is cropped.
        crop_set: crops that cannot be ruled out, most likely first.
        ndvi_peak: highest NDVI of the main cycle.
        sos: start of the main cycle.
        pos: its peak.
        eos: its end.
        clear_dates: acquisitions that saw it clearly.
        cycles: its crops in the season.
        limit: its limit; None where the run has none.
    """

    summary: ParcelSummary
    cropped_area_ha: float | None
    crop_set: tuple[str, ...]
    ndvi_peak: float | None
    sos: date | None
    pos: date | None
    eos: date | None
    clear_dates: int
    cycles: tuple[Cycle, ...]
    limit: LimitView | None


@dataclass(frozen=True, slots=True)
class States:
    """What the map colours all parcels of a run by: columns of equal length, ordered by parcel_id.

    Attributes:
        parcel_id: names.
        crop: best guesses.
        status: whether decided.
        vigour_pct: vigour, 0 to 100.
        amount_minor: proposed limits in the smallest unit of the currency.
        needs_visit: somebody should go and look.
        currency: ISO 4217 code of all amounts; None where the run has no limits.
    """

    parcel_id: tuple[str, ...]
    crop: tuple[str | None, ...]
    status: tuple[Status, ...]
    vigour_pct: tuple[float | None, ...]
    amount_minor: tuple[int | None, ...]
    needs_visit: tuple[bool | None, ...]
    currency: str | None
