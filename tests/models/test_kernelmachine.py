from __future__ import annotations

import numpy as np

from models.kernelmachine import Course, KernelMachine, KernelPlan
from models.series.sample import SeriesSet, grid_days


def indicators(labelled: SeriesSet) -> np.ndarray:
    names = np.unique(labelled.crop.astype(str))
    return (labelled.crop.astype(str)[:, None] == names).astype(np.float64)


def test_series_are_told_apart_and_what_is_far_from_all_scores_little(labelled: SeriesSet) -> None:
    target = indicators(labelled)
    learn = np.arange(len(labelled)) % 2 == 0
    machine = KernelMachine.fit(labelled.values[learn], grid_days(), target[learn], KernelPlan())
    scores = machine.scores(labelled.values[~learn])
    assert (scores.argmax(axis=1) == target[~learn].argmax(axis=1)).mean() > 0.95
    strange = machine.scores(np.full_like(labelled.values[:3], 0.9))
    assert strange.max() < 0.2
    assert np.median(scores.max(axis=1)) > 0.6


def test_rows_of_zeros_are_vouched_for_by_no_class(labelled: SeriesSet) -> None:
    target = indicators(labelled)
    target[:60] = 0
    machine = KernelMachine.fit(labelled.values, grid_days(), target, KernelPlan())
    top = machine.scores(labelled.values).max(axis=1)
    assert np.median(top[:60]) < 0.2
    assert np.median(top[60:]) > 0.8


def test_a_gap_takes_the_mean_course_and_a_clear_slot_pulls_it(labelled: SeriesSet) -> None:
    course = Course.of(labelled.values, grid_days())
    empty = np.full_like(labelled.values[:1], np.nan)
    np.testing.assert_allclose(course.smoothed(empty)[0], course.mean, atol=1e-4)
    seen = empty.copy()
    seen[0, 20] = course.mean[20] + course.spread
    drawn = (course.smoothed(seen)[0] - course.mean) / course.spread
    np.testing.assert_allclose(drawn[20], 1 / 1.2, atol=1e-3)
    assert (np.abs(drawn[0]) < 0.05).all()
    assert (drawn[19] > 0.7).all()


def test_a_compact_machine_says_nearly_what_the_whole_one_says(labelled: SeriesSet) -> None:
    target = indicators(labelled)
    learn = np.arange(len(labelled)) % 2 == 0
    whole = KernelMachine.fit(labelled.values[learn], grid_days(), target[learn], KernelPlan())
    few = KernelMachine.compact(labelled.values[learn], grid_days(), target[learn], KernelPlan(), np.arange(0, 90, 2))
    assert few.shown.shape[0] == 45
    asked = labelled.values[~learn]
    assert np.corrcoef(few.scores(asked).ravel(), whole.scores(asked).ravel())[0, 1] > 0.95
    assert (few.scores(asked).argmax(axis=1) == target[~learn].argmax(axis=1)).mean() > 0.95
