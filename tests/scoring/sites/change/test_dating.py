"""Years of construction from series whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.errors import InputError
from scoring.sites.change.dating import NEVER, date_changes
from scoring.sites.change.levels import Levels
from scoring.sites.change.likelihood import log_likelihood, sums_of
from scoring.sites.change.scoring_years import drawn, score_years, truth_of
from scoring.sites.change.series import series_of, without_season
from tests.scoring.sites.change.simulated import population


def test_years_are_told_without_labels_and_confidence_is_about_right() -> None:
    table, truth = population(3, spread=0.2)
    series, years = truth_of(truth, series_of(table))
    score, _ = score_years(series, years, drawn(len(years), 0.0, 1))
    assert score.accuracy > 0.85
    assert score.false_builds <= score.never_built / 2
    assert abs(score.confidence - score.accuracy_of_all) < 0.12


def test_a_series_that_falls_is_dated_like_its_mirror_image() -> None:
    table, _ = population(4, sites=30)
    table["value"] = np.log(table["value"])
    series = series_of(table)
    rising = date_changes(series)
    falling = date_changes(replace(series, numbers=-series.numbers), falling=True)
    np.testing.assert_array_equal(rising.years, falling.years)


def test_labels_name_their_sites_and_are_drawn_alike_for_a_seed() -> None:
    table, truth = population(5, sites=60)
    series, years = truth_of(truth, series_of(table))
    used = drawn(len(years), 0.2, 7)
    assert used.sum() == 12
    np.testing.assert_array_equal(used, drawn(len(years), 0.2, 7))
    score, dated = score_years(series, years, used)
    assert score.sites == 48
    assert score.trained_on == 12
    np.testing.assert_allclose(dated.probabilities.sum(axis=1), 1.0)


def test_the_closed_form_is_what_sampling_the_levels_gives() -> None:
    levels = Levels(0.0, 1.0, 0.5, 0.4, 0.3, 0.3, 0.2, 1e-9, 1e-9)
    values = np.array([[0.1, 0.2, np.nan, 1.3]])
    found = log_likelihood(sums_of(values), levels)[0]
    random = np.random.default_rng(1)
    spread = np.array([[0.25, 0.06], [0.06, 0.16]])
    pairs = random.multivariate_normal([0.0, 1.0], spread, 400_000)
    pairs = pairs[pairs[:, 1] > pairs[:, 0]]
    for change in range(5):
        likelihood = np.ones(len(pairs))
        for at in (0, 1, 3):
            late = at >= change
            far = (values[0, at] - pairs[:, int(late)]) / (0.2 if late else 0.3)
            likelihood *= np.exp(-0.5 * far**2) / ((0.2 if late else 0.3) * np.sqrt(2 * np.pi))
        assert found[change] == pytest.approx(np.log(likelihood.mean()), abs=0.05)


def test_what_was_not_measured_is_not_judged_and_infinite_is_not_measured() -> None:
    table, _ = population(6, sites=20)
    table.loc[table["site_id"] == "s000", "value"] = np.inf
    dated = date_changes(series_of(table))
    assert not dated.judged[0]
    assert dated.judged[1:].all()


def test_a_month_that_is_always_high_is_not_a_change() -> None:
    random = np.random.default_rng(2)
    days = pd.date_range("2020-01-15", periods=36, freq="MS")
    season = np.sin(2 * np.pi * days.month.to_numpy() / 12)
    rows = [
        pd.DataFrame({"site_id": f"m{site}", "date": days, "value": season + random.normal(0, 0.1, 36)})
        for site in range(6)
    ]
    series = series_of(pd.concat(rows))
    assert np.abs(without_season(series).numbers).max() < 0.6


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda table: table.drop(columns="value"), "SITES_SERIES_COLUMNS"),
        (lambda table: pd.concat([table, table.iloc[:1]]), "SITES_SERIES_TWICE"),
        (lambda table: table[table["date"] == "2016-07-01"], "SITES_SERIES_SHORT"),
        (lambda table: table.assign(date="soon"), "SITES_SERIES_VALUE"),
        (lambda table: table.assign(value=np.inf), "SITES_SERIES_EMPTY"),
    ],
)
def test_a_series_that_cannot_be_used_is_refused(change, code: str) -> None:  # type: ignore[no-untyped-def]
    table, _ = population(7, sites=3)
    with pytest.raises(InputError) as refused:
        date_changes(series_of(change(table)))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("truth", "code"),
    [
        ({"site_id": ["s000"]}, "SITES_TRUTH_COLUMNS"),
        ({"site_id": ["s000"], "year": [2031]}, "SITES_TRUTH_YEAR"),
        ({"site_id": ["s000", "s000"], "year": [2017, 2017]}, "SITES_TRUTH_TWICE"),
        ({"site_id": ["other"], "year": [2017]}, "SITES_TRUTH_UNKNOWN"),
    ],
)
def test_a_truth_that_cannot_be_used_is_refused(truth: dict[str, list[object]], code: str) -> None:
    table, _ = population(7, sites=3)
    with pytest.raises(InputError) as refused:
        truth_of(pd.DataFrame(truth), series_of(table))
    assert refused.value.code == code


def test_never_is_said_of_sites_that_stay_low_where_levels_of_sites_are_alike() -> None:
    table, truth = population(8, noise=0.05, spread=0.15)
    dated = date_changes(series_of(table))
    never = truth["year"].to_numpy() == NEVER
    assert (dated.years[never] == NEVER).mean() > 0.6
