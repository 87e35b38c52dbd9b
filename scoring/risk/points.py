"""Applicants on a scorecard: points by attribute, score, PD, and the reasons for points that were lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import DataError
from scoring.money import Floats, Ints
from scoring.risk.reasons import MOST_REASONS
from scoring.risk.scorecard import Attribute, CategoryAttribute, Missing, NumericAttribute, Scorecard, reference_points

Objects = npt.NDArray[np.object_]

#: Place of the bin of a missing fact, and of one that the card cannot do without.
_MISSING: Final = -1


@dataclass(frozen=True, slots=True)
class ScoredApplicants:
    """Applicants on a scorecard, in the order of their table; n applicants, a attributes.

    Attributes:
        card: the scorecard.
        bins: (n, a) int64, place of each bin; -1 where the fact is missing.
        points: (n, a) int64 of each attribute; 0 where the fact is missing and the card cannot do without.
        complete: (n,) bool, whether every fact that the card cannot do without is there.
        score: (n,) float64, NaN where not complete.
        default_probability: (n,) float64, NaN where not complete.
        lost: (n, a) int64, points lost against the best bin of each attribute, never negative.
    """

    card: Scorecard
    bins: Ints
    points: Ints
    complete: np.ndarray[tuple[int], np.dtype[np.bool_]]
    score: Floats
    default_probability: Floats
    lost: Ints

    def effects(self) -> Ints:
        """(n, a) points against the reference bins: with the card's reference score they add up to the score."""
        reference = np.array([reference_points(attribute) for attribute in self.card.attributes], dtype=np.int64)
        return np.asarray(self.points - reference, dtype=np.int64)

    def principal_reasons(self, most: int = MOST_REASONS) -> Ints:
        """(n, most) places of the attributes that lost most points, the greatest loss first; -1 where there is no more.

        Equal losses keep the order of the card. An applicant without a score lost no points: what is missing stands
        first there. Never more than four, after the practice under Regulation B.
        """
        most = min(most, MOST_REASONS)
        weight = np.where(self._lacking(), np.iinfo(np.int64).max, self.lost)
        order = np.argsort(-weight, axis=1, kind="stable")[:, :most]
        counts = np.take_along_axis(weight, order, axis=1) > 0
        found = np.full((len(weight), most), -1, dtype=np.int64)
        found[:, : order.shape[1]] = np.where(counts, order, -1)
        return found

    def reason_texts(self, lang: str = "en", most: int = MOST_REASONS) -> Objects:
        """(n, most) principal reasons as texts, the attribute and the bin that the applicant is in; None: no more.

        Args:
            lang: "en" or "zh".
            most: reasons; four at most.
        """
        places = self.principal_reasons(most)
        texts = np.empty((*self.bins.shape[:1], len(self.card.attributes) + 1), dtype=object)  # None in the last column
        for place, attribute in enumerate(self.card.attributes):
            texts[:, place] = _bin_texts(attribute, lang)[self.bins[:, place]]
        return np.asarray(np.take_along_axis(texts, places % texts.shape[1], axis=1), dtype=object)

    def _lacking(self) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        needed = np.array([not isinstance(each.missing, Missing) for each in self.card.attributes], dtype=bool)
        return np.asarray((self.bins == _MISSING) & needed, dtype=bool)


def score_applicants(card: Scorecard, applicants: pd.DataFrame) -> ScoredApplicants:
    """Score a table.

    Args:
        card: the scorecard.
        applicants: one row per applicant with a column for each attribute of the card; an empty cell is a missing fact.

    Raises:
        DataError: a column is missing, a value is no number, infinite, or a word that no bin lists.
    """
    bins = np.empty((len(applicants), len(card.attributes)), dtype=np.int64)
    points, lost = np.empty_like(bins), np.empty_like(bins)
    complete = np.ones(len(applicants), dtype=bool)
    for place, attribute in enumerate(card.attributes):
        bins[:, place] = bin_places(attribute, _column(applicants, attribute.name))
        of_bin, given = _bin_points(attribute)
        points[:, place] = of_bin[bins[:, place]]
        lost[:, place] = max(of_bin[:-1]) - points[:, place]
        if not given:
            complete &= bins[:, place] != _MISSING
            lost[bins[:, place] == _MISSING, place] = 0
    total = np.where(complete, card.base_points + points.sum(axis=1), np.nan)
    return ScoredApplicants(card, bins, points, complete, total, card.scaling.default_probability(total), lost)


def bin_places(attribute: Attribute, values: pd.Series) -> Ints:
    """Place of the bin of each value, shape (n,), int64; -1 where the value is missing.

    Raises:
        DataError: a value that belongs to no bin.
    """
    if isinstance(attribute, NumericAttribute):
        return _numeric_places(attribute, values)
    return _category_places(attribute, values)


def _column(applicants: pd.DataFrame, name: str) -> pd.Series:
    if name not in applicants.columns:
        raise DataError("RISK_COLUMN", f"The table lacks the column {name!r}.", "The scorecard lists what it needs.")
    return applicants[name]


def _bin_points(attribute: Attribute) -> tuple[Ints, bool]:
    """Points by place of the bin, those of a missing fact last, and whether a missing fact has any."""
    missing = attribute.missing
    given = isinstance(missing, Missing)
    last = missing.points if isinstance(missing, Missing) else 0
    return np.array([*(each.points for each in attribute.bins), last], dtype=np.int64), given


def _numeric_places(attribute: NumericAttribute, values: pd.Series) -> Ints:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = (np.isnan(numbers) & values.notna().to_numpy()) | np.isinf(numbers)
    _refuse(attribute.name, values, wrong, "is no number")
    places = np.searchsorted(np.array(attribute.edges), numbers, side="right")
    return np.where(np.isnan(numbers), _MISSING, places).astype(np.int64)


def _category_places(attribute: CategoryAttribute, values: pd.Series) -> Ints:
    codes, words = pd.factorize(values)
    known = attribute.bin_of
    other = -2 if attribute.other_bin is None else attribute.other_bin
    places = np.array([*(known.get(str(word), other) for word in words), _MISSING], dtype=np.int64)[codes]
    _refuse(attribute.name, values, places == -2, "stands in no bin")  # noqa: PLR2004 - set three lines above
    return np.asarray(places, dtype=np.int64)


def _refuse(name: str, values: pd.Series, wrong: np.ndarray[tuple[int], np.dtype[np.bool_]], what: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(
            "RISK_VALUE", f"{values.iloc[row]!r} in the column {name!r}, row {row + 1}, {what}.", "Correct the table."
        )


def _bin_texts(attribute: Attribute, lang: str) -> Objects:
    """Text of each bin, that of a missing fact last."""
    missing = attribute.missing if isinstance(attribute.missing, Missing) else Missing(points=0)
    mark = "：" if lang == "zh" else ": "
    said = [each.text for each in attribute.bins] + [missing.text]
    return np.array([f"{getattr(attribute.text, lang)}{mark}{getattr(text, lang)}" for text in said], dtype=object)
