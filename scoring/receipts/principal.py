"""Which lines of a receipt are its principal reasons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from scoring.crop_lines import Bools
from scoring.money import Ints
from scoring.receipts.lines import Lines
from scoring.wording import MOST_PRINCIPAL, WORDINGS


def principal_marks(lines: Sequence[Lines]) -> list[Bools]:
    """Marks of at most four principal reasons of different kinds on each receipt, shaped as the lines.

    The most telling kinds come first, then the largest effects, then the order of the receipt.
    """
    rank = np.repeat([WORDINGS[each.code].rank for each in lines], [len(each.subject) for each in lines])
    codes, _ = pd.factorize(np.array([each.code for each in lines], dtype=object))
    code = np.repeat(codes, [len(each.subject) for each in lines])
    subject = np.concatenate([np.empty(0, dtype=np.int64), *(each.subject for each in lines)])
    size = np.concatenate([np.empty(0, dtype=np.int64), *(np.abs(each.effects) for each in lines)])
    marks = rank > 0
    telling = np.flatnonzero(_is_contested(marks, subject, subject * len(codes) + code))
    order = telling[np.lexsort((-size[telling], rank[telling], subject[telling]))]
    best = order[~pd.Series(subject[order] * len(codes) + code[order]).duplicated().to_numpy()]
    marks[telling] = False
    marks[best[_place_within(subject[best]) < MOST_PRINCIPAL]] = True
    ends = np.cumsum([len(each.subject) for each in lines], dtype=np.int64)
    return np.split(marks, ends[:-1]) if len(lines) else []


def _is_contested(telling: Bools, subject: Ints, kind: Ints) -> Bools:
    """Whether a telling line is one of more than a receipt marks, or one of several of its kind."""
    several = np.bincount(kind[telling], minlength=int(kind.max(initial=0)) + 1)[kind] > 1
    many = np.bincount(subject[telling], minlength=int(subject.max(initial=0)) + 1) > MOST_PRINCIPAL
    many[subject[telling & several]] = True
    return telling & many[subject]


def _place_within(subject: Ints) -> Ints:
    """0, 1, 2, ... within each run of equal subjects."""
    fresh = np.ones(len(subject), dtype=bool)
    fresh[1:] = subject[1:] != subject[:-1]
    starts = np.flatnonzero(fresh)
    return np.arange(len(subject)) - np.repeat(starts, np.diff(np.append(starts, len(subject))))
