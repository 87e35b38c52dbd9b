"""A scorecard learned from a bank's own table (the optional extra "risk").

WOE of monotone bins, a logistic regression on it, points by the scale, rounded to whole ones; judged on later rows and
on other blocks, which played no part in cuts, choice or weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from geo.errors import InputError
from scoring.money import Floats
from scoring.pack_schema import Approval
from scoring.risk.binning import Binned, bin_attribute
from scoring.risk.logistic import features_of, require_risk_packages
from scoring.risk.measures import Bools, Interval, separation_intervals, stability_index
from scoring.risk.points import score_applicants
from scoring.risk.scorecard import (
    Attribute,
    CategoryAttribute,
    CategoryBin,
    Missing,
    NumericAttribute,
    NumericBin,
    Scaling,
    Scorecard,
)
from scoring.risk.splits import Objects, hold_out
from scoring.wording import Text

#: Attributes with less information are left out: unpredictive by the usual reading (Siddiqi 2006, chapter 6).
LEAST_INFORMATION: Final = 0.02

#: Significant digits of cut points in texts; the card itself holds them whole.
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOrder:
    """What card is wanted.

    Attributes:
        id: of the card.
        made_on: day from which it may be used.
        target: column of the outcome: 1 defaulted, 0 did not.
        attributes: columns that may become attributes.
        block: column of the branch, village or spatial block.
        scaling: points and odds.
        held_share: share of the blocks that are held out.
        seed: which blocks, and of the intervals.
    """

    id: str
    made_on: date
    target: str
    attributes: tuple[str, ...]
    block: str
    scaling: Scaling
    held_share: float = 0.3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A card on one part of the table: "train", "later" or "elsewhere".

    Attributes:
        part: name.
        rows: applicants.
        defaults: of these.
        ks, gini: with 95 % intervals over blocks; NaN where one outcome is absent.
        stability: PSI of the scores against those of the training rows.
    """

    part: str
    rows: int
    defaults: int
    ks: Interval
    gini: Interval
    stability: float


@dataclass(frozen=True, slots=True)
class TrainedCard:
    """A card and what is known of it.

    Attributes:
        card: an example until a person approves it.
        information: IV of every attribute offered, on the training rows.
        left_out: attributes offered and not taken, with the reason.
        judged: the parts of the table, those held out among them.
    """

    card: Scorecard
    information: dict[str, float]
    left_out: dict[str, str]
    judged: tuple[Judged, ...]


def train_scorecard(
    table: pd.DataFrame, order: CardOrder, default: Bools, block: Objects, late: Bools | None = None
) -> TrainedCard:
    """Learn a card from the earlier rows of most blocks, and judge it on the others.

    Args:
        table: one row per applicant.
        order: what card is wanted.
        default: (n,) outcomes.
        block: (n,) blocks.
        late: (n,) bool, rows behind the cut-off in time; None for none.

    Raises:
        InputError: packages or columns are missing, an outcome is absent, or no attribute tells anything.
    """
    require_risk_packages("optbinning", "sklearn")
    features = features_of(table, order.attributes)
    parts = hold_out(block, np.random.default_rng([order.seed, 0]), share=order.held_share, late=late)
    train = features[parts.train]
    if default[parts.train].all() or not default[parts.train].any():
        raise InputError("RISK_TARGET", "The rows to learn from have one outcome only.", "Give more rows or blocks.")
    binned = [bin_attribute(train[name], default[parts.train]) for name in order.attributes]
    taken, weights, intercept, left_out = _fit(binned, train, default[parts.train])
    card = _card(order, taken, weights, intercept)
    masks = {"train": parts.train, "later": parts.later, "elsewhere": parts.elsewhere}
    scores = score_applicants(card, features).score
    judged = tuple(
        _judge(part, scores, default, block, rows, parts.train) for part, rows in masks.items() if rows.any()
    )
    return TrainedCard(card, {each.name: each.information for each in binned}, left_out, judged)


def _fit(
    binned: Sequence[Binned], train: pd.DataFrame, default: Bools
) -> tuple[list[Binned], Floats, float, dict[str, str]]:
    """Attributes taken, their weights on WOE (of the log odds of good), the intercept, and what was left out."""
    taken = [each for each in binned if each.information >= LEAST_INFORMATION]
    left_out = {each.name: f"information {each.information:.3f}" for each in binned if each not in taken}
    while taken:
        weights, intercept = _regress(taken, train, default)
        worst = int(np.argmin(weights))
        if weights[worst] > 0:
            return taken, weights, intercept, left_out
        left_out[taken.pop(worst).name] = "others say the same: its weight has the wrong sign"
    raise InputError("RISK_NOTHING", "No attribute tells anything of default.", "Offer others, or more applicants.")


def _regress(taken: Sequence[Binned], train: pd.DataFrame, default: Bools) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - an optional extra

    evidence = np.stack([each.woe[each.places(train[each.name])] for each in taken], axis=1)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(evidence, ~default)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])


def _judge(part: str, scores: Floats, default: Bools, block: Objects, rows: Bools, train: Bools) -> Judged:
    ks, gini = separation_intervals(-scores[rows], default[rows], block[rows], np.random.default_rng(1))
    shift = stability_index(scores[train], scores[rows])
    return Judged(part, int(rows.sum()), int(default[rows].sum()), ks, gini, shift)


def _card(order: CardOrder, taken: Sequence[Binned], weights: Floats, intercept: float) -> Scorecard:
    """Each attribute starts at 0 points in its worst bin; what that takes away goes into the base points."""
    factor = order.scaling.factor
    raw = [factor * weight * each.woe for each, weight in zip(taken, weights, strict=True)]
    base = order.scaling.offset + factor * intercept + sum(float(points.min()) for points in raw)
    pairs = zip(taken, raw, strict=True)
    return Scorecard(
        scorecard_format=1,
        id=order.id,
        version=f"{order.made_on:%Y.%m.%d}",
        valid_from=order.made_on,
        title=Text(en="Trained scorecard", zh="训练所得评分卡"),
        approval=Approval(state="example", by="nobody yet"),
        scaling=order.scaling,
        base_points=round(base),
        attributes=tuple(_attribute(each, np.rint(points - points.min()).astype(np.int64)) for each, points in pairs),
    )


def _attribute(binned: Binned, points: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Attribute:
    """Attribute with the fullest bin as its reference; its texts are the column's name until a person writes better."""
    text = Text(en=binned.name, zh=binned.name)
    missing = Missing(points=int(points[-1]))
    reference = str(int(np.argmax(binned.counts[:-1])) + 1)
    if binned.groups is not None:
        words = tuple(
            CategoryBin(id=str(place + 1), text=_same(", ".join(group)), points=int(points[place]), values=group)
            for place, group in enumerate(binned.groups)
        )
        return CategoryAttribute(
            kind="category", name=binned.name, text=text, missing=missing, reference=reference, bins=words,
            other=reference,
        )  # fmt: skip
    edges = binned.edges or ()
    numbers = tuple(
        NumericBin(id=str(place + 1), text=_span(low, high), points=int(points[place]), below=high)
        for place, (low, high) in enumerate(zip([None, *edges], [*edges, None], strict=True))
    )
    return NumericAttribute(
        kind="numeric", name=binned.name, text=text, missing=missing, reference=reference, bins=numbers
    )


def _span(low: float | None, high: float | None) -> Text:
    if low is None:
        return Text(en="any", zh="任意") if high is None else Text(en=f"below {_said(high)}", zh=f"低于{_said(high)}")
    if high is None:
        return Text(en=f"{_said(low)} or more", zh=f"{_said(low)}及以上")
    return _same(f"{_said(low)} - {_said(high)}")


def _said(edge: float) -> str:
    return np.format_float_positional(edge, precision=_DIGITS, fractional=False, trim="-")


def _same(text: str) -> Text:
    return Text(en=text, zh=text)
