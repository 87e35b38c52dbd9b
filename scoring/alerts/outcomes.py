"""What visits found: precision of the list, what alerts miss, and priors that follow the outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.optimize import isotonic_regression
from scipy.stats import norm

from geo.errors import DataError
from scoring.alerts.levels import Level
from scoring.alerts.ranking import RANDOM, RANKED
from scoring.alerts.rules import AlertRules

#: What two officers can find. A cause is there where it is confirmed or partly so.
CONFIRMED: Final = ("confirmed", "partly")
SOMETHING: Final = (*CONFIRMED, "other_cause")
REACHED: Final = (*SOMETHING, "not_confirmed")
OUTCOMES_KNOWN: Final = (*REACHED, "not_reached")

#: One row per visit; the first columns as scoring.alerts.ranking.VISITS has them ("asked" is drawn by somebody's wish,
#: with a null rank). confidence is that of the alert when the visit was drawn. A visit without an alert has the level
#: "none" and no cause.
OUTCOMES: Final = pa.schema(
    [
        pa.field("subject_id", pa.string(), nullable=False),
        pa.field("cause", pa.string()),
        pa.field("level", pa.string(), nullable=False),
        pa.field("rank", pa.int32()),
        pa.field("drawn", pa.string(), nullable=False),
        pa.field("draw_probability", pa.float64()),
        pa.field("confidence", pa.float64()),
        pa.field("outcome", pa.string(), nullable=False),
    ]
)

#: Of the intervals stated.
COVERAGE: Final = 0.95

#: How many visits a rule's own prior counts as.
PRIOR_VISITS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Precision:
    """Share of visits that confirmed an alert.

    Attributes:
        cause: key, "" for all causes.
        level: key, "" for all levels.
        visits: on the list, reached or not.
        reached: of them reached; the share is of these.
        confirmed: the cause is there.
        partly: it is there in part; counts as confirmed in the share.
        other_cause: something else was found; does not count.
        not_confirmed: nothing was found.
        share: (confirmed + partly) / reached; None without a visit that was reached.
        low: lower end of the Wilson interval of COVERAGE.
        high: upper end.
    """

    cause: str
    level: str
    visits: int
    reached: int
    confirmed: int
    partly: int
    other_cause: int
    not_confirmed: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Misses:
    """What visits by chance found on parcels without an alert.

    Attributes:
        drawn: visits by chance, to any parcel.
        with_alert: of them to parcels with an alert; they say nothing of misses.
        not_reached: of the others; left out, as if they were like those reached.
        reached: parcels without an alert that were reached.
        found: of them, something was found.
        effective: visits of equal weight that would tell as much; None without any.
        share: parcels without an alert on which a visit finds something, weighted by the draws.
        low: lower end of its interval.
        high: upper end.
    """

    drawn: int
    with_alert: int
    not_reached: int
    reached: int
    found: int
    effective: float | None
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Prior:
    """A rule's prior of one cause and level, and what outcomes make of it.

    Attributes:
        cause: key.
        level: key.
        before: prior of the rules.
        visits: alerts visited and reached.
        expected: confirmations that the prior led one to expect of them.
        confirmed: confirmations.
        after: prior to put into the next version of the rules.
    """

    cause: str
    level: str
    before: float
    visits: int
    expected: float
    confirmed: int
    after: float


def wilson(successes: float, trials: float, coverage: float = COVERAGE) -> tuple[float, float]:
    """Wilson score interval of a share; trials may be an effective number, above 0."""
    z2 = float(norm.ppf((1 + coverage) / 2)) ** 2
    share = successes / trials
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = np.sqrt(z2) / (1 + z2 / trials) * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def precision(outcomes: pa.Table, top: int | None = None) -> tuple[Precision, ...]:
    """Precision of the ranked visits: of all, by cause, by level, and by cause and level.

    Args:
        outcomes: of the schema OUTCOMES.
        top: ranks to count, of each week's list; all where not given.

    Raises:
        DataError: an unknown outcome, level or way of drawing.
    """
    visits = _checked(outcomes)
    ranked = visits[visits.drawn == RANKED]
    if top is not None:
        ranked = ranked[ranked["rank"] <= top]
    by_cause = {str(cause): rows for cause, rows in ranked.groupby("cause")}
    groups = [("", "", ranked)]
    groups += [(cause, "", rows) for cause, rows in by_cause.items()]
    groups += [("", level, rows) for level, rows in _by_level(ranked)]
    groups += [(cause, level, rows) for cause, of_cause in by_cause.items() for level, rows in _by_level(of_cause)]
    return tuple(_precision(*group) for group in groups)


def misses(outcomes: pa.Table) -> Misses:
    """How often something is found where no alert was, from the visits by chance.

    Each visit counts 1 / draw_probability, the number of parcels that it stands for (Hajek's ratio); the interval is
    Wilson's with Kish's effective number of visits, (sum w)^2 / sum w^2, as Korn and Graubard (1998) use it. An outcome
    of another cause counts: the alert missed it.

    Raises:
        DataError: as precision's, or a visit by chance without its draw_probability.
    """
    visits = _checked(outcomes)
    drawn = visits[visits.drawn == RANDOM]
    if not ((drawn.draw_probability > 0) & (drawn.draw_probability <= 1)).all():
        raise DataError("OUTCOMES_DRAW", "A visit by chance has no probability of having been drawn.")
    without = drawn[drawn.level == Level.NONE.key]
    reached = without[without.outcome.isin(REACHED)]
    counts = (len(drawn), len(drawn) - len(without), len(without) - len(reached), len(reached))
    found = reached.outcome.isin(SOMETHING).to_numpy()
    if not len(reached):
        return Misses(*counts, 0, None, None, None, None)
    weight = 1.0 / reached.draw_probability.to_numpy()
    share = float(weight[found].sum() / weight.sum())
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    return Misses(*counts, int(found.sum()), effective, share, *wilson(share * effective, effective))


def measured_priors(outcomes: pa.Table, rules: AlertRules, prior_visits: float = PRIOR_VISITS) -> tuple[Prior, ...]:
    """Priors by cause and level, moved from the rules' own towards what visits confirmed.

    after = (m prior + confirmed) / (m + sum of what the confidences are worth), the mean of a Beta distribution that
    starts at the prior with the weight of m visits: few outcomes move it little. Where it would then fall from one
    level to a higher one, levels are pooled (weighted isotonic regression), since rules do not allow that. Visits of
    alerts count however they were drawn.

    Args:
        outcomes: of the schema OUTCOMES.
        rules: the rules; causes that they do not name are refused.
        prior_visits: m, above 0.

    Raises:
        DataError: as precision's.
        InputError: a cause that the rules do not name.
    """
    visits = _checked(outcomes)
    alerts = visits[(visits.level != Level.NONE.key) & visits.outcome.isin(REACHED)]
    for cause in sorted(set(alerts.cause)):
        rules.cause(cause)
    return tuple(row for cause in rules.causes for row in _of_cause(cause, alerts, rules, prior_visits))


def rules_text(priors: tuple[Prior, ...]) -> Mapping[str, str]:
    """The lines `prior = { ... }` for the rules file, by cause, of causes with a visit."""
    lines: dict[str, list[str]] = {}
    visited = {row.cause for row in priors if row.visits}
    for row in priors:
        if row.cause in visited:
            lines.setdefault(row.cause, []).append(f"{row.level} = {row.after:.3f}")
    return {cause: f"prior = {{ {', '.join(parts)} }}" for cause, parts in lines.items()}


def _of_cause(cause: str, alerts: pd.DataFrame, rules: AlertRules, prior_visits: float) -> Iterator[Prior]:
    given = rules.cause(cause).prior.given()
    rows = {level: alerts[(alerts.cause == cause) & (alerts.level == level.key)] for level in given}
    confirmed = np.array([int(rows[level].outcome.isin(CONFIRMED).sum()) for level in given])
    worth = np.array([float(rules.confidence.worth(rows[level].confidence.to_numpy()).sum()) for level in given])
    before = np.array(list(given.values()))
    after = np.minimum((prior_visits * before + confirmed) / (prior_visits + worth), 1.0)
    after = isotonic_regression(after, weights=prior_visits + worth).x
    for number, level in enumerate(given):
        yield Prior(
            cause,
            level.key,
            float(before[number]),
            len(rows[level]),
            float(before[number] * worth[number]),
            int(confirmed[number]),
            float(after[number]),
        )


def _precision(cause: str, level: str, rows: pd.DataFrame) -> Precision:
    count = {outcome: int((rows.outcome == outcome).sum()) for outcome in OUTCOMES_KNOWN}
    reached, right = len(rows) - count["not_reached"], count["confirmed"] + count["partly"]
    found = (count["confirmed"], count["partly"], count["other_cause"], count["not_confirmed"])
    if not reached:
        return Precision(cause, level, len(rows), reached, *found, None, None, None)
    return Precision(cause, level, len(rows), reached, *found, right / reached, *wilson(right, reached))


def _by_level(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of each level that occurs, in rising order."""
    present = set(rows.level)
    return ((level.key, rows[rows.level == level.key]) for level in Level if level.key in present)


def _checked(outcomes: pa.Table) -> pd.DataFrame:
    visits: pd.DataFrame = outcomes.select(OUTCOMES.names).to_pandas()
    known = {"outcome": OUTCOMES_KNOWN, "level": [level.key for level in Level], "drawn": (RANKED, RANDOM, "asked")}
    for name, values in known.items():
        odd = sorted(set(visits[name]) - set(values))
        if odd:
            raise DataError("OUTCOMES_VALUE", f"A visit has the {name} {odd[0]!r}, which is none of those known.")
    without_cause = (visits.level != Level.NONE.key) & visits.cause.isna()
    if without_cause.any():
        raise DataError("OUTCOMES_VALUE", "A visit of an alert does not name the alert's cause.")
    visits["confidence"] = visits["confidence"].astype("float64")
    visits["draw_probability"] = visits["draw_probability"].astype("float64")
    return visits
