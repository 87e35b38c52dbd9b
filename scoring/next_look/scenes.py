"""Books as they may turn out after one more clear image, a visit or a paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from geo.status import Status
from scoring.book import area_interval_ha, open_book
from scoring.crop_lines import Bools, plain_texts
from scoring.intake import Intake
from scoring.money import Floats
from scoring.next_look.alternatives import Alternatives, alternatives, decided_as
from scoring.pack_schema import KccRules, Pack
from scoring.status import NO_PLAN

Action: TypeAlias = Literal["image", "visit", "paper"]

#: What another image can mend: too few looks, looks that do not tell, none of this place, none that could be trusted.
_IMAGE_MENDS: Final = tuple(map(str, (Status.CLOUDY, Status.AMBIGUOUS, Status.OUTSIDE_IMAGERY, Status.UNVERIFIED)))
#: What no image can mend, and why a person has to go: the parcel is too small for pixels, or the model unfit for it.
_ONLY_VISIT: Final = (str(Status.TOO_SMALL), str(Status.OUTSIDE_VALIDATION))
#: Nothing can be said before there is an outline.
_NO_OUTLINE: Final = str(Status.INVALID_GEOMETRY)

#: A debt beyond any limit, minor units.
_ALL: Final = 10**15

_HOUSEHOLD: Final = {"BUREAU_REPORT": "other_debt_minor", "HOUSEHOLD_CAPACITY": "household_capacity_minor"}


@dataclass(frozen=True, slots=True)
class Scenes:
    """One action on a book of n parcels in g groups.

    Attributes:
        action: what is done.
        rows: the parcels concerned, shape (n,).
        books: the books that may come of it; least and greatest amounts are among theirs.
        guess: the book if the crops are those thought; None where nothing is thought of any parcel.
        guessed: whether something is thought of all parcels of a group that are concerned, shape (g,).
    """

    action: Action
    rows: Bools
    books: tuple[Intake, ...]
    guess: Intake | None
    guessed: Bools


def images(intake: Intake, rows: Bools, pack: Pack) -> Scenes:
    """Parcels that lack looks decided, over their crop sets; further crops that are open told."""
    open_cycle = np.zeros(len(rows), dtype=bool)
    size = pc.fill_null(pc.list_value_length(intake.cycles.crop_set), 0).to_numpy(zero_copy_only=False)
    open_cycle[intake.cycles.row[size != 1]] = True
    status = plain_texts(intake.frame.status)
    concerned = rows & (np.isin(status, _IMAGE_MENDS) | (open_cycle & (status == str(Status.OK))))
    options = alternatives(intake, np.flatnonzero(concerned), pack)
    guesses = options.guesses()
    unthought = concerned.copy()
    unthought[options.row[guesses]] = False
    guess = decided_as(intake, options, guesses) if len(guesses) else None
    return Scenes("image", concerned, _ends(intake, options), guess, ~_in_group(intake, unthought))


def visits(intake: Intake, rows: Bools, pack: Pack) -> Scenes:
    """Parcels walked: their crops seen, their areas measured at one end of the interval or the other."""
    concerned = rows & ~np.isin(plain_texts(intake.frame.status), (NO_PLAN, _NO_OUTLINE))
    options = alternatives(intake, np.flatnonzero(concerned), pack)
    low, _, high = area_interval_ha(intake.frame, pack)
    least, most = _ends(intake, options)
    books = (_measured(least, concerned, low), _measured(most, concerned, high))
    return Scenes("visit", concerned, books, None, np.zeros(len(intake.subjects), dtype=bool))


def papers(intake: Intake, rows: Bools, pack: Pack) -> Scenes:
    """Papers brought: the worst and the best that they may say."""
    lacks = _lacks(intake, rows, pack)
    options = alternatives(intake, np.flatnonzero(lacks["PLAN"]), pack)
    books = []
    for book, debt, capacity in zip(_ends(intake, options), (_ALL, 0), (0, _ALL), strict=True):
        stated = _stated(_stated(book, "other_debt_minor", debt), "household_capacity_minor", capacity)
        books += [_with_right(stated, lacks["LAND_RIGHT"], name) for name in ("certificate", "lease")]
    concerned = np.any(list(lacks.values()), axis=0)
    return Scenes("paper", concerned, tuple(books), None, np.zeros(len(intake.subjects), dtype=bool))


def missing_papers(intake: Intake, rows: Bools, pack: Pack) -> list[tuple[str, ...]]:
    """Papers that the limit of each group lacks: PLAN, LAND_RIGHT, BUREAU_REPORT, HOUSEHOLD_CAPACITY."""
    lacking = {paper: _in_group(intake, which) for paper, which in _lacks(intake, rows, pack).items()}
    return [tuple(paper for paper, groups in lacking.items() if groups[group]) for group in range(len(intake.subjects))]


def beyond_images(intake: Intake, rows: Bools, pack: Pack) -> dict[str, Bools]:
    """Parcels that no image can help, by the reason: a status, or NO_PRICE."""
    status = plain_texts(intake.frame.status)
    unpriced = (status == str(Status.OK)) & ~open_book(intake, pack).decided
    return {reason: rows & (status == reason) for reason in (*_ONLY_VISIT, _NO_OUTLINE)} | {"NO_PRICE": rows & unpriced}


def _lacks(intake: Intake, rows: Bools, pack: Pack) -> dict[str, Bools]:
    """Parcels that lack a paper which their limit, or the one that a plan would give, rests on."""
    unplanned = rows & (plain_texts(intake.frame.status) == NO_PLAN)
    bounded = (rows & open_book(intake, pack).decided) | unplanned
    bounded &= not isinstance(pack.rules, KccRules)
    household = {paper: bounded & ~_is_stated(intake, column) for paper, column in _HOUSEHOLD.items()}
    return {"PLAN": unplanned, "LAND_RIGHT": bounded & intake.frame.land_right.isna().to_numpy(), **household}


def _in_group(intake: Intake, rows: Bools) -> Bools:
    """Whether a group has one of the rows, shape (g,)."""
    found = np.zeros(len(intake.subjects), dtype=bool)
    found[intake.group[rows]] = True
    return found


def _is_stated(intake: Intake, column: str) -> Bools:
    """Whether a fact of the farmer is stated on any of the farmer's parcels, shape (n,)."""
    return _in_group(intake, intake.frame[column].notna().to_numpy())[intake.group]


def _ends(intake: Intake, options: Alternatives) -> tuple[Intake, Intake]:
    return decided_as(intake, options, options.least()), decided_as(intake, options, options.most())


def _measured(intake: Intake, rows: Bools, area_ha: Floats) -> Intake:
    frame = intake.frame
    known = frame.cropped_area_ha.astype(float).where(~rows, pd.Series(area_ha))
    error = frame.area_error_ha.astype(float).where(~rows, 0.0)
    return replace(intake, frame=frame.assign(cropped_area_ha=known, area_error_ha=error))


def _stated(intake: Intake, column: str, value: int) -> Intake:
    """The book with a fact of the farmers where none of their parcels states it."""
    known = intake.frame[column].astype("Int64").where(_is_stated(intake, column), value)
    return replace(intake, frame=intake.frame.assign(**{column: known}))


def _with_right(intake: Intake, rows: Bools, right: str) -> Intake:
    texts = plain_texts(intake.frame.land_right).copy()
    texts[rows] = right
    return replace(intake, frame=intake.frame.assign(land_right=pd.Series(texts, dtype=object)))
