"""Findings from the table of pixels: by the day on which rows were known, and none of what came later."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from scoring.growth.pixels.findings import CAUSES, pixel_findings

END = date(2020, 1, 1)
TWO = {"split_share": 0.4, "split_gap": 0.5, "split_ratio": 6.0, "split_compact": 0.95, "split_apart": 1.2}
SITE = {"built_share": 0.3, "built_pixels": 60.0, "built_compact": 0.8}
NOTHING = dict.fromkeys(TWO, np.nan) | {"built_share": 0.0, "built_pixels": 0.0, "built_compact": np.nan}


def row(position: int, day: str, known: str, **found: float) -> dict[str, object]:
    days = {"split_since": "2019-04-01", "built_before": "2019-03-01", "built_since": "2019-03-11"}
    dated = {name: np.datetime64(text) for name, text in (days | {"date": day, "known_on": known}).items()}
    return {"position": position, "n_px": 200, "looks": 9, **NOTHING, **dated, **found}


def test_both_causes_on_each_day_on_which_something_was_known() -> None:
    rows = pd.DataFrame(
        [
            row(2, "2019-06-11", "2019-06-12", **TWO),
            row(0, "2019-06-01", "2019-06-02", **SITE),
            row(2, "2019-06-01", "2019-06-02"),
            row(1, "2019-06-21", "2019-12-01", **SITE),
        ]
    )
    found = list(pixel_findings(rows, 3, until=date(2019, 10, 1)))
    assert {each.cause for each in found} == CAUSES
    assert [each.day for each in found] == [date(2019, 6, 2)] * 2 + [date(2019, 6, 12)] * 2
    site, two = found[1], found[2]
    assert site.judged.tolist() == [True, False, True]
    assert site.raised.tolist() == [True, False, False]
    assert (site.severity[0], site.value[0], site.severity[2]) == (0.3, 0.3, 0.0)
    assert (site.event_from[0], site.event_on[0]) == (np.datetime64("2019-03-01"), np.datetime64("2019-03-11"))
    assert np.isnat(site.event_on[2])
    assert two.raised.tolist() == [False, False, True]
    assert two.look_day[2] == np.datetime64("2019-06-11")
    assert two.confidence[2] > 0.99


def test_small_parcels_and_short_series_are_not_judged() -> None:
    rows = pd.DataFrame([row(0, "2019-06-01", "2019-06-02", **TWO, **SITE) | {"n_px": 10, "looks": 9}])
    assert not any(each.judged.any() for each in pixel_findings(rows, 1, until=END))
    rows = pd.DataFrame([row(0, "2019-06-01", "2019-06-02", **TWO, **SITE) | {"looks": 3}])
    two, site = pixel_findings(rows, 1, until=END)
    assert (two.judged[0], site.raised[0]) == (False, True)


def test_no_rows_no_findings() -> None:
    assert not list(pixel_findings(pd.DataFrame([row(0, "2019-06-01", "2019-06-02")]).iloc[:0], 1, until=END))
