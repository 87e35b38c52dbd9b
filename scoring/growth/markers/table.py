"""The markers table: one row per parcel and marker on one day, with status, outcome, confidence and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtr

from geo.errors import DataError
from geo.season import Season

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]

#: Judged; looked at but not to be judged (clouds, not due yet); not looked at (no calendar, not this kind of crop).
OK: Final = "OK"
NOT_VALID: Final = "NOT_VALID"
NOT_EXECUTED: Final = "NOT_EXECUTED"

#: What each marker may find, most telling last.
OUTCOMES: Final = {
    "sowing": ("sown", "late", "not_sown"),
    "canopy": ("closed", "open"),
    "harvest": ("on_time", "standing", "late", "early", "not_at_all"),
    "decline": ("none", "slow"),
    "abandoned": ("no", "yes"),
    "crop": ("as_declared", "other"),
    "cycles": ("none", "one", "several"),
    "flood": ("none", "flooded"),
    "two_crops": ("one", "two"),
    "construction": ("no", "yes"),
}


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


#: confidence is the probability (0.5 to 1) that noise of the looks alone did not carry the value over the limit that
#: decides the outcome: never a probability that a farmer did something. value is in the marker's unit (docs/growth.md)
#: and low..high is where it was expected; event_date is when it happened and from..to when it was expected. evidence_*
#: are the clear looks that were judged. as_of: only what was known at the end of that day (UTC) counts.
MARKERS: Final = pa.schema(
    [
        _required("parcel_id", pa.string()),
        _required("season_id", pa.string()),
        _required("as_of", pa.date32()),
        _required("marker", pa.string()),
        _required("status", pa.string()),
        pa.field("outcome", pa.string()),
        _required("raised", pa.bool_()),
        pa.field("confidence", pa.float32()),
        pa.field("event_date", pa.date32()),
        pa.field("expected_from", pa.date32()),
        pa.field("expected_to", pa.date32()),
        pa.field("value", pa.float32()),
        pa.field("expected_low", pa.float32()),
        pa.field("expected_high", pa.float32()),
        pa.field("why", pa.string()),
        _required("evidence_dates", pa.list_(pa.date32())),
        _required("evidence_values", pa.list_(pa.float32())),
        _required("rule", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker of n parcels; arrays (n,) unless said.

    Attributes:
        name: key of OUTCOMES.
        status: text, OK, NOT_VALID or NOT_EXECUTED.
        outcome: text, "" where not OK.
        raised: whether somebody should know; never where not OK.
        score: how far beyond the limit (above 0: raised) in standard errors; NaN where not OK.
        event: day of what was found, NaT for none.
        expected_from: first day on which it was expected, NaT where no day is.
        expected_to: last such day.
        value: in the marker's unit, NaN where nothing was measured.
        low: least value that is expected, NaN for no bound.
        high: greatest value that is expected.
        why: text, what kept it from being judged, or what was found beside; "" for nothing.
        judged: (n, t) looks that were judged.
    """

    name: str
    status: Texts
    outcome: Texts
    raised: Flags
    score: Floats
    event: Days
    expected_from: Days
    expected_to: Days
    value: Floats
    low: Floats
    high: Floats
    why: Texts
    judged: Flags

    def confidence(self) -> Floats:
        """(n,) 0.5 to 1; NaN where not OK."""
        sure: Floats = ndtr(np.abs(self.score))
        return sure


def settle(
    name: str,
    *,
    executed: Flags,
    valid: Flags,
    outcome: Texts,
    raised: Flags,
    score: Floats,
    why_not: tuple[str, str | Texts],
    judged: Flags,
    event: Days | None = None,
    window: tuple[Days, Days] | None = None,
    value: Floats | None = None,
    band: tuple[Floats | float, Floats | float] = (np.nan, np.nan),
    note: Texts | None = None,
) -> Marker:
    """A marker from what a rule found: nothing is told of parcels that were not to be judged.

    Args:
        name: key of OUTCOMES.
        executed: (n,) whether the rule applies to the parcel.
        valid: (n,) whether enough was seen to judge.
        outcome: (n,) text.
        raised: (n,).
        score: (n,) see Marker.
        why_not: why a parcel was not executed, and why not valid.
        judged: (n, t).
        event: (n,) days.
        window: first and last day on which the event was expected.
        value: (n,).
        band: least and greatest expected value.
        note: (n,) text beside an outcome.
    """
    n = len(executed)
    known = executed & valid
    nothing, never = np.full(n, np.nan), np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    plain = np.full(n, "") if note is None else note
    window = window or (never, never)
    return Marker(
        name=name,
        status=np.where(known, OK, np.where(executed, NOT_VALID, NOT_EXECUTED)),
        outcome=np.where(known, outcome, ""),
        raised=known & raised,
        score=np.where(known, score, np.nan),
        event=never if event is None else np.where(known, event, never),
        expected_from=np.where(executed, window[0], never),
        expected_to=np.where(executed, window[1], never),
        value=nothing if value is None else np.where(known, value, np.nan),
        low=np.where(known, band[0], np.nan),
        high=np.where(known, band[1], np.nan),
        why=np.where(known, plain, np.where(executed, why_not[1], why_not[0])),
        judged=judged & executed[:, None],
    )


def marker_table(
    markers: Sequence[Marker],
    parcel_ids: Sequence[str],
    ndvi: npt.NDArray[np.floating],
    days: Sequence[date],
    season: Season,
    as_of: date,
    rule: str,
) -> pa.Table:
    """Table of the schema MARKERS, parcels in order and the markers of each in the order given.

    Args:
        markers: of the same n parcels.
        parcel_ids: n.
        ndvi: (n, t), the looks that the evidence shows.
        days: t dates.
        season: whose markers they are.
        as_of: the day on which they held.
        rule: name and version of the rules.

    Raises:
        DataError: markers and parcels do not fit together.
    """
    if any(len(marker.status) != len(parcel_ids) for marker in markers):
        raise DataError("MARKERS_SHAPE", f"The markers are not of the {len(parcel_ids)} parcels.")
    parts = [_columns(marker, parcel_ids, ndvi, days) for marker in markers]
    whole = pa.concat_tables(parts) if parts else pa.table({name: [] for name in _columns_of()})
    order = np.arange(whole.num_rows).reshape(len(parts), -1).T.ravel()
    whole = whole.take(pa.array(order, type=pa.int64()))
    count = whole.num_rows
    same = {
        "season_id": pa.array([season.id] * count, pa.string()),
        "as_of": pa.array([as_of] * count, pa.date32()),
        "rule": pa.array([rule] * count, pa.string()),
    }
    columns = [same[name] if name in same else whole[name] for name in MARKERS.names]
    return pa.table(columns, names=MARKERS.names).cast(MARKERS)


def _columns_of() -> list[str]:
    return [name for name in MARKERS.names if name not in {"season_id", "as_of", "rule"}]


def _columns(
    marker: Marker, parcel_ids: Sequence[str], ndvi: npt.NDArray[np.floating], days: Sequence[date]
) -> pa.Table:
    evidence = _evidence(marker.judged, ndvi, np.array(days, dtype="datetime64[D]"))
    return pa.table(
        {
            "parcel_id": pa.array(parcel_ids, pa.string()),
            "marker": pa.array([marker.name] * len(parcel_ids), pa.string()),
            "status": pa.array(marker.status, pa.string()),
            "outcome": _text(marker.outcome),
            "raised": pa.array(marker.raised),
            "confidence": _number(marker.confidence()),
            "event_date": _day(marker.event),
            "expected_from": _day(marker.expected_from),
            "expected_to": _day(marker.expected_to),
            "value": _number(marker.value),
            "expected_low": _number(marker.low),
            "expected_high": _number(marker.high),
            "why": _text(marker.why),
            "evidence_dates": evidence[0],
            "evidence_values": evidence[1],
        }
    ).select(_columns_of())


def _evidence(judged: Flags, ndvi: npt.NDArray[np.floating], days: Days) -> tuple[pa.ListArray, pa.ListArray]:
    """Days and values of the judged looks of each parcel, as lists."""
    offsets = pa.array(np.concatenate([[0], np.cumsum(judged.sum(axis=1))]).astype(np.int32))
    row, column = np.nonzero(judged)
    seen = pa.array(ndvi[row, column].astype(np.float32))
    return pa.ListArray.from_arrays(offsets, _day(days[column])), pa.ListArray.from_arrays(offsets, seen)


def _text(values: Texts) -> pa.Array:
    texts = pa.array(values, pa.string())
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _number(values: npt.NDArray[np.floating]) -> pa.Array:
    return pa.array(values.astype(np.float32), mask=np.isnan(values))


def _day(values: Days) -> pa.Array:
    return pa.array(values.astype("datetime64[D]"), pa.date32())
