"""Findings of two crops and of construction, from what the pixels of parcels came to look by look (PIXEL_LOOKS)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.alerts.findings import Findings
from scoring.growth.pixels import construction, split
from scoring.growth.pixels.construction import Built, ConstructionRule
from scoring.growth.pixels.split import Split, SplitRule

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]

#: Causes that pixels tell.
CAUSES: Final = frozenset({split.CAUSE, construction.CAUSE})
NEVER: Final = np.datetime64("NaT", "D")


def pixel_findings(
    rows: pd.DataFrame,
    n: int,
    *,
    until: date,
    split_rule: SplitRule | None = None,
    construction_rule: ConstructionRule | None = None,
) -> Iterator[Findings]:
    """Findings by the day on which they were known; two crops before construction.

    Args:
        rows: columns of the schema geo.observations.PIXEL_LOOKS, and `position` 0 to n-1 of each row's parcel.
        n: parcels.
        until: the last day; rows that were known later are not looked at.
        split_rule: limits of two crops.
        construction_rule: limits of construction.
    """
    known = rows.known_on.to_numpy().astype("datetime64[D]")
    order = np.lexsort((rows.date.to_numpy().astype("datetime64[D]"), known))
    rows, known = rows.iloc[order], known[order]
    days, first = np.unique(known, return_index=True)
    ends = np.append(first[1:], len(rows))[: len(days)]
    for day, start, end in zip(days, first, ends, strict=True):
        if day > np.datetime64(until, "D"):
            return
        part = rows.iloc[start:end].drop_duplicates("position", keep="last")
        at = part.position.to_numpy(dtype=np.int64)
        yield _two_crops(part, at, n, day.item(), split_rule or SplitRule())
        yield _construction(part, at, n, day.item(), construction_rule or ConstructionRule())


def _two_crops(part: pd.DataFrame, at: Ints, n: int, day: date, rule: SplitRule) -> Findings:
    found = Split(
        looks=_numbers(part, "looks"),
        share=_numbers(part, "split_share"),
        gap=_numbers(part, "split_gap"),
        ratio=_numbers(part, "split_ratio"),
        compact=_numbers(part, "split_compact"),
        apart=_numbers(part, "split_apart"),
        since=_days(part, "split_since"),
    )
    judged = found.judged(_numbers(part, "n_px"), rule)
    raised = judged & found.raised(rule)
    return _findings(
        (split.CAUSE, split.RULE, day),
        (at, n, _days(part, "date")),
        (judged, raised, found.confidence(rule)),
        severity=found.share,
        value=found.gap,
        limit=rule.least_gap,
        when=(np.full(len(at), NEVER), found.since),
    )


def _construction(part: pd.DataFrame, at: Ints, n: int, day: date, rule: ConstructionRule) -> Findings:
    found = Built(
        share=_numbers(part, "built_share"),
        pixels=_numbers(part, "built_pixels"),
        compact=_numbers(part, "built_compact"),
        before=_days(part, "built_before"),
        since=_days(part, "built_since"),
    )
    judged = _numbers(part, "n_px") >= rule.least_pixels
    raised = judged & found.raised(rule)
    return _findings(
        (construction.CAUSE, construction.RULE, day),
        (at, n, _days(part, "date")),
        (judged, raised, found.confidence(rule)),
        severity=found.share,
        value=found.share,
        limit=rule.least_share,
        when=(found.before, found.since),
    )


def _findings(
    named: tuple[str, str, date],
    placed: tuple[Ints, int, Days],
    said: tuple[Flags, Flags, Floats],
    *,
    severity: Floats,
    value: Floats,
    limit: float,
    when: tuple[Days, Days],
) -> Findings:
    """Lay the rows of some parcels out over all n."""
    cause, rule, day = named
    at, n, looked = placed
    judged, raised, confidence = said

    def number(values: Floats, among: Flags) -> Floats:
        out = np.full(n, np.nan)
        out[at[among]] = values[among]
        return out

    def dated(values: Days, among: Flags) -> Days:
        out = np.full(n, NEVER)
        out[at[among]] = values[among]
        return out

    def flag(values: Flags) -> Flags:
        out = np.zeros(n, dtype=np.bool_)
        out[at] = values
        return out

    return Findings(
        cause=cause,
        day=day,
        judged=flag(judged),
        raised=flag(raised),
        severity=number(np.where(raised, severity, 0.0), judged),
        confidence=number(confidence, raised),
        fallen=np.full(n, np.nan),
        event_from=dated(when[0], raised),
        event_on=dated(when[1], raised),
        look_day=dated(looked, judged),
        value=number(value, judged),
        expected_low=np.full(n, np.nan),
        expected_high=number(np.full(len(at), limit), judged),
        why=np.full(n, ""),
        evidence=None,
        rule=rule,
    )


def _numbers(part: pd.DataFrame, name: str) -> Floats:
    return part[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _days(part: pd.DataFrame, name: str) -> Days:
    return part[name].to_numpy().astype("datetime64[D]")
