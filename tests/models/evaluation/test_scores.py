from __future__ import annotations

import numpy as np
import pytest

from models.evaluation.scores import cohen_kappa, confusion_matrix, scores_of

TARGET = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
SAID = np.array([0, 0, 1, 1, 1, 2, 2, 2, 0, 1])


def test_confusion_has_what_is_there_in_rows() -> None:
    assert confusion_matrix(TARGET, SAID, 4).tolist() == [[2, 1, 0, 0], [0, 2, 0, 0], [1, 1, 3, 0], [0, 0, 0, 0]]


def test_kappa_by_hand() -> None:
    chance = (3 * 3 + 2 * 4 + 5 * 3) / 100
    assert cohen_kappa(confusion_matrix(TARGET, SAID, 3)) == pytest.approx((0.7 - chance) / (1 - chance))
    assert cohen_kappa(np.array([[5, 0], [0, 0]])) == 0.0


def test_classes_that_are_not_there_do_not_enter_the_mean() -> None:
    scores = scores_of(TARGET, SAID, 4)
    assert scores.overall_accuracy == pytest.approx(0.7)
    assert scores.f1 == pytest.approx([2 / 3, 2 / 3, 3 / 4, 0], abs=1e-6)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 3 / 4) / 3, abs=1e-6)
