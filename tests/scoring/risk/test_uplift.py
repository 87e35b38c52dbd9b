"""The harness finds what was planted and nothing where nothing was; benchmarks/uplift.py does it at full size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyogrio
import pytest

from geo.errors import InputError
from scoring.risk.measures import Separation
from scoring.risk.planted import BASELINE, SATELLITE, PlantedBook, plant, planted_uplift
from scoring.risk.uplift import Uplift, UpliftQuestion, Verdict, measure_uplift

QUESTION = UpliftQuestion(target="default", baseline=BASELINE, satellite=SATELLITE, block="branch", resamples=200)
BOOK = PlantedBook(rows=3600, branches=80)
EFFECT = 0.4
SEEDS = range(6)


@pytest.fixture(scope="module")
def truth() -> Separation:
    return planted_uplift(replace(BOOK, effect=EFFECT), rows=40_000, branches=1000)


@pytest.fixture(scope="module")
def with_effect() -> list[Uplift]:
    return [measure_uplift(plant(replace(BOOK, effect=EFFECT), 50 + seed), QUESTION) for seed in SEEDS]


@pytest.fixture(scope="module")
def without_effect() -> list[Uplift]:
    return [measure_uplift(plant(BOOK, 50 + seed), QUESTION) for seed in SEEDS]


def test_a_planted_uplift_is_shown_and_its_interval_holds_it(with_effect, truth) -> None:
    """Of six 95 % intervals, five or six hold what they should with probability 0.97."""
    assert all(found.verdict is Verdict.SHOWN for found in with_effect)
    assert sum(found.gini.low <= truth.gini <= found.gini.high for found in with_effect) >= 5
    assert sum(found.ks.low <= truth.ks <= found.ks.high for found in with_effect) >= 5
    assert np.mean([found.gini.value for found in with_effect]) == pytest.approx(truth.gini, abs=0.015)


def test_nothing_is_shown_where_nothing_was_planted(without_effect) -> None:
    assert [found.verdict for found in without_effect].count(Verdict.SHOWN) == 0
    assert max(abs(found.gini.value) for found in without_effect) < 0.012


def test_the_same_seed_gives_the_same_figures(with_effect) -> None:
    assert measure_uplift(plant(replace(BOOK, effect=EFFECT), 50), QUESTION) == with_effect[0]


def test_a_cut_off_judges_only_what_came_later() -> None:
    table = plant(replace(BOOK, effect=EFFECT), 9)
    later = table.applied_on >= "2025-01-01"
    found = measure_uplift(table, replace(QUESTION, time="applied_on", cutoff="2025-01-01"))
    assert (found.judged, found.defaults) == (later.sum(), table.default[later].sum())


def test_few_blocks_decide_nothing() -> None:
    table = plant(PlantedBook(rows=2000, branches=10, effect=1.0), 3)
    assert measure_uplift(table, QUESTION).verdict is Verdict.TOO_FEW


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"satellite": ()}, "both sides"),
        ({"satellite": ("debt_ratio",)}, "'debt_ratio' is named twice"),
        ({"baseline": ("default",)}, "'default' is named twice"),
        ({"satellite": ("ndvi",)}, "lacks the column 'ndvi'"),
        ({"target": "vigour_pct"}, "is named twice"),
        ({"target": "years_farming", "baseline": ("debt_ratio",)}, "neither 0 nor 1"),
        ({"block": "land_right"}, "2 blocks, fewer than 5"),
        ({"time": "applied_on"}, "Give both or neither"),
        ({"time": "branch", "cutoff": "2025-01-01"}, "holds no date"),
        ({"time": "applied_on", "cutoff": "2020-01-01"}, "one outcome only"),
    ],
)
def test_a_question_that_cannot_be_answered_is_named(change, said) -> None:
    table = plant(PlantedBook(rows=300, branches=30), 1)
    with pytest.raises(InputError) as refused:
        measure_uplift(table, replace(QUESTION, **change))
    assert said in str(refused.value)


def test_an_infinite_feature_and_a_missing_block_refuse() -> None:
    table = plant(PlantedBook(rows=300, branches=30), 1)
    with pytest.raises(InputError, match="infinite"):
        measure_uplift(table.assign(vigour_pct=np.inf), QUESTION)
    with pytest.raises(InputError, match="no 'branch'"):
        measure_uplift(table.assign(branch=None), QUESTION)


@pytest.mark.shared_data
def test_real_credit_plots_decide_nothing(shared_data) -> None:
    """118 plots. All 100 of one file have an insurance event, 3 of 18 of the other: who is in the table decides.

    There is neither a default nor a satellite feature; the event stands for the outcome and the outline's shape for
    the feature. The harness must run on real columns and say that so few decide nothing.
    """
    found = measure_uplift(_credit_plots(shared_data), replace(QUESTION, target="event", baseline=("area_ha", "crop"),
                           satellite=("compactness",), block="contract"))  # fmt: skip
    assert (found.judged, found.defaults, found.blocks) == (118, 103, 110)
    assert found.verdict is Verdict.TOO_FEW
    assert found.gini.low <= 0 <= found.gini.high


def _credit_plots(folder) -> pd.DataFrame:
    place = folder / "brazil-credit-plots"
    events = pyogrio.read_dataframe(place / "glebas_selecionadas_100_maiores.shp", read_geometry=False)
    few = pyogrio.read_dataframe(place / "selecao_glebas_pr_2022.gpkg", read_geometry=False)
    names = {"REF_BACEN": "contract", "AREA_GLEBA": "area", "PERIMETRO_": "perimeter", "PRODUTO": "crop"}
    same = {"ref_bacen": "contract", "area_gleba": "area", "perimetro_gleba": "perimeter", "produto": "crop"}
    both = [
        events.rename(columns=names).assign(event=events.PROAGRO_EV.notna()),
        few.rename(columns=same).assign(event=few.proagro_evento.notna()),
    ]
    table = pd.concat([part[["contract", "area", "perimeter", "crop", "event"]] for part in both], ignore_index=True)
    compactness = 4 * np.pi * table.area / table.perimeter**2
    return table.assign(area_ha=table.area / 10_000, compactness=compactness, event=table.event.astype(int))
