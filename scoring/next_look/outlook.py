"""What one more clear image, a visit or a paper would change of a limit: the same engine on what may turn out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from geo.errors import InputError
from geo.status import Status
from scoring.book import area_interval_ha, open_book
from scoring.crop_lines import Bools, plain_texts
from scoring.intake import Intake
from scoring.limits import decide
from scoring.next_look.alternatives import Alternatives, alternatives, decided_as
from scoring.pack_schema import KccRules, Pack
from scoring.status import NO_PLAN

Action: TypeAlias = Literal["image", "visit", "paper"]

#: What another image can mend: too few looks, looks that do not tell, none of this place, none that could be trusted.
IMAGE_MENDS: Final = tuple(map(str, (Status.CLOUDY, Status.AMBIGUOUS, Status.OUTSIDE_IMAGERY, Status.UNVERIFIED)))
#: What no image can mend, and why a person has to go: the parcel is too small for pixels, or the model unfit for it.
ONLY_VISIT: Final = (str(Status.TOO_SMALL), str(Status.OUTSIDE_VALIDATION))
#: Nothing can be said before there is an outline.
NO_OUTLINE: Final = str(Status.INVALID_GEOMETRY)

#: A debt beyond any limit, minor units.
_ALL: Final = 10**15


@dataclass(frozen=True, slots=True)
class NextLook:
    """What one action would change.

    Attributes:
        action: one more clear image, a visit, or a paper.
        parcels: ids of the parcels concerned.
        papers: codes of the papers that are missing: LAND_RIGHT, BUREAU_REPORT, HOUSEHOLD_CAPACITY, PLAN.
        guess_minor: the amount if the crops are those thought; None where there is no guess or the action needs none.
        low_minor: least amount afterwards; 0 where there may be none.
        high_minor: greatest amount afterwards.
        change_minor: the greatest change of the amount now, either way.
    """

    action: Action
    parcels: tuple[str, ...]
    papers: tuple[str, ...]
    guess_minor: int | None
    low_minor: int
    high_minor: int
    change_minor: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What may still change of a subject's limit.

    Attributes:
        subject_kind: "farmer" or "parcel".
        subject_id: its id.
        now_minor: the amount now; None where there is none.
        looks: what would change it, the greatest change first.
        no_image: parcels that no image can help, by the reason: a status, or NO_PRICE.
    """

    subject_kind: str
    subject_id: str
    now_minor: int | None
    looks: tuple[NextLook, ...]
    no_image: Mapping[str, tuple[str, ...]]

    def to_dict(self) -> dict[str, object]:
        """JSON form; amounts in minor units."""
        looks = [asdict(look) for look in self.looks]
        said = {"subject_kind": self.subject_kind, "subject_id": self.subject_id, "now_minor": self.now_minor}
        return said | {"looks": looks, "no_image": {reason: list(ids) for reason, ids in self.no_image.items()}}


@dataclass(frozen=True, slots=True)
class _Scenes:
    """One action on a book: which rows it concerns, and the books that may come of it."""

    action: Action
    rows: Bools
    books: tuple[Intake, ...]
    guess: Intake | None = None


def outlooks(intake: Intake, subjects: Sequence[str], pack: Pack) -> list[Outlook]:
    """What may still change of the limits of some farmers and parcels.

    A farmer's parcels are looked at together. A parcel that is asked for is looked at alone, and its own amount is
    given, as its receipt gives it. An image or a visit that would change nothing is left out.

    Args:
        intake: the book, or a part of it that holds the subjects' farmers whole (Intake.only).
        subjects: ids of farmers and parcels.
        pack: the policy.

    Raises:
        InputError: no such subject.
    """
    ids, known = plain_texts(intake.frame.parcel_id), {}
    for name in subjects:
        groups = np.flatnonzero((intake.subjects == name) & intake.named)
        rows = np.flatnonzero(ids == name)
        if not len(groups) and not len(rows):
            raise InputError("UNKNOWN_SUBJECT", f"The run has no parcel or farmer {name!r}.", "Check the id.")
        if len(groups):
            known["farmer", name] = intake.group == groups[0]
        if len(rows):
            known["parcel", name] = ids == name
    return [_outlook(kind, name, intake, rows, pack) for (kind, name), rows in known.items()]


def _outlook(kind: str, name: str, intake: Intake, asked: Bools, pack: Pack) -> Outlook:
    """The outlook of one subject; `asked` are its rows."""
    groups = np.zeros(len(intake.subjects), dtype=bool)
    groups[intake.group[asked]] = True
    own, rows = intake.only(groups), asked[groups[intake.group]]
    now = _amount(own, rows, pack)
    papers = _missing(own, rows, pack)
    scenes = [_images(own, rows, pack), _visits(own, rows, pack), *([_papers(own, rows, pack)] if papers else [])]
    looks = [_look(each, rows, now or 0, papers, own, pack) for each in scenes if each.rows.any()]
    telling = [look for look in looks if look.change_minor or look.papers]
    telling.sort(key=lambda look: -look.change_minor)
    return Outlook(kind, name, now, tuple(telling), _no_image(own, rows, pack))


def _amount(intake: Intake, rows: Bools, pack: Pack) -> int | None:
    """Amount of some rows together; None where none has one."""
    amounts = decide(intake, pack)[0].amount_minor[rows].dropna()
    return int(amounts.sum()) if len(amounts) else None


def _look(scenes: _Scenes, rows: Bools, now: int, papers: tuple[str, ...], intake: Intake, pack: Pack) -> NextLook:
    amounts = [_amount(book, rows, pack) or 0 for book in scenes.books]
    guess = None if scenes.guess is None else _amount(scenes.guess, rows, pack)
    low, high = min(amounts), max(amounts)
    parcels = tuple(plain_texts(intake.frame.parcel_id)[scenes.rows])
    named = papers if scenes.action == "paper" else ()
    return NextLook(scenes.action, parcels, named, guess, low, high, max(abs(low - now), abs(high - now)))


def _images(intake: Intake, rows: Bools, pack: Pack) -> _Scenes:
    """Parcels that lack looks decided, over their crop sets; further crops that are open told."""
    open_cycle = np.zeros(len(rows), dtype=bool)
    size = pc.fill_null(pc.list_value_length(intake.cycles.crop_set), 0).to_numpy(zero_copy_only=False)
    open_cycle[intake.cycles.row[size != 1]] = True
    status = plain_texts(intake.frame.status)
    concerned = rows & (np.isin(status, IMAGE_MENDS) | (open_cycle & (status == str(Status.OK))))
    options = alternatives(intake, np.flatnonzero(concerned), pack)
    guesses = options.guesses()
    whole = len(guesses) > 0 and len(guesses) == concerned.sum()
    books = _ends(intake, options)
    return _Scenes("image", concerned, books, decided_as(intake, options, guesses) if whole else None)


def _visits(intake: Intake, rows: Bools, pack: Pack) -> _Scenes:
    """Parcels walked: their crops seen, their areas measured at one end of the interval or the other."""
    status = plain_texts(intake.frame.status)
    concerned = rows & ~np.isin(status, (NO_PLAN, NO_OUTLINE))
    options = alternatives(intake, np.flatnonzero(concerned), pack)
    low, _, high = area_interval_ha(intake.frame, pack)
    least, most = _ends(intake, options)
    return _Scenes("visit", concerned, (_measured(least, concerned, low), _measured(most, concerned, high)))


def _papers(intake: Intake, rows: Bools, pack: Pack) -> _Scenes:
    """Papers brought: the worst and the best that they may say."""
    status, right = plain_texts(intake.frame.status), intake.frame.land_right.isna().to_numpy()
    unplanned = rows & (status == NO_PLAN)
    options = alternatives(intake, np.flatnonzero(unplanned), pack)
    planting = not isinstance(pack.rules, KccRules)
    bare = rows & right & planting & (open_book(intake, pack).decided | unplanned)
    books = []
    for book, debt, capacity in zip(_ends(intake, options), (_ALL, 0), (0, _ALL), strict=True):
        stated = _stated(_stated(book, "other_debt_minor", debt), "household_capacity_minor", capacity)
        books += [_with_right(stated, bare, name) for name in ("certificate", "lease")]
    concerned = unplanned | bare | (rows & bool(_household(intake, rows, pack)))
    return _Scenes("paper", concerned, tuple(books))


def _ends(intake: Intake, options: Alternatives) -> tuple[Intake, Intake]:
    return decided_as(intake, options, options.least()), decided_as(intake, options, options.most())


def _measured(intake: Intake, rows: Bools, area_ha: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Intake:
    frame = intake.frame
    known = frame.cropped_area_ha.astype(float).where(~rows, pd.Series(area_ha))
    error = frame.area_error_ha.astype(float).where(~rows, 0.0)
    return replace(intake, frame=frame.assign(cropped_area_ha=known, area_error_ha=error))


def _stated(intake: Intake, column: str, value: int) -> Intake:
    """The book with a fact of the farmers where none of their parcels states it."""
    stated = intake.frame[column].notna().groupby(intake.group).transform("any")
    column_with = intake.frame[column].astype("Int64").where(stated, value)
    return replace(intake, frame=intake.frame.assign(**{column: column_with}))


def _with_right(intake: Intake, rows: Bools, right: str) -> Intake:
    texts = plain_texts(intake.frame.land_right).copy()
    texts[rows] = right
    return replace(intake, frame=intake.frame.assign(land_right=pd.Series(texts, dtype=object)))


def _missing(intake: Intake, rows: Bools, pack: Pack) -> tuple[str, ...]:
    """Papers that the limit of some rows lacks."""
    planned = plain_texts(intake.frame.status) != NO_PLAN
    papers = [] if planned[rows].all() else ["PLAN"]
    decided = open_book(intake, pack).decided
    bare = intake.frame.land_right.isna().to_numpy() & (decided | ~planned)
    if not isinstance(pack.rules, KccRules) and (bare & rows).any():
        papers.append("LAND_RIGHT")
    return (*papers, *_household(intake, rows, pack))


def _household(intake: Intake, rows: Bools, pack: Pack) -> tuple[str, ...]:
    """Papers of the farmer; asked for where something is decided that they may bound."""
    if isinstance(pack.rules, KccRules) or not (open_book(intake, pack).decided & rows).any():
        return ()
    asked = {"BUREAU_REPORT": "other_debt_minor", "HOUSEHOLD_CAPACITY": "household_capacity_minor"}
    return tuple(paper for paper, column in asked.items() if intake.frame[column].isna().all())


def _no_image(intake: Intake, rows: Bools, pack: Pack) -> dict[str, tuple[str, ...]]:
    """Parcels that no image can help, by the reason."""
    ids, status = plain_texts(intake.frame.parcel_id), plain_texts(intake.frame.status)
    unpriced = (status == str(Status.OK)) & ~open_book(intake, pack).decided
    found = {reason: rows & (status == reason) for reason in (*ONLY_VISIT, NO_OUTLINE)} | {"NO_PRICE": rows & unpriced}
    return {reason: tuple(ids[which]) for reason, which in found.items() if which.any()}
