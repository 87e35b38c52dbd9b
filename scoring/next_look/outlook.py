"""What one more clear image, a visit or a paper would change of a limit: the same engine on what may turn out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import InputError
from scoring.crop_lines import Bools, plain_texts
from scoring.intake import Intake
from scoring.limits import limit_table
from scoring.next_look.scenes import Action, Scenes, beyond_images, images, missing_papers, papers, visits
from scoring.pack_schema import Pack


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


def outlooks(intake: Intake, subjects: Sequence[str], pack: Pack) -> list[Outlook]:
    """What may still change of the limits of some farmers and parcels, in the order asked.

    A farmer's parcels are looked at together. A parcel that is asked for is looked at alone, and its own amount is
    given, as its receipt gives it. An image or a visit that would change nothing is left out.

    Args:
        intake: the book, or a part of it that holds the subjects' farmers whole (Intake.only).
        subjects: ids of farmers and parcels.
        pack: the policy.

    Raises:
        InputError: no such subject.
    """
    ids = plain_texts(intake.frame.parcel_id)
    place = {name: at for at, name in enumerate(ids.tolist())}
    asked = np.isin(intake.subjects.astype(str), [str(name) for name in subjects]) & intake.named
    of_farmers = _of_groups(intake, np.flatnonzero(asked), pack)
    found: list[Outlook] = []
    for name in dict.fromkeys(subjects):
        at = place.get(name)
        if name not in of_farmers and at is None:
            raise InputError("UNKNOWN_SUBJECT", f"The run has no parcel or farmer {name!r}.", "Check the id.")
        if name in of_farmers:
            found.append(of_farmers[name])
        if at is not None:
            own, rows = _cut(intake, intake.group == intake.group[at], np.arange(len(ids)) == at)
            found += _told(own, rows, ("parcel", np.array([name], dtype=object)), pack)
    return found


def _of_groups(intake: Intake, groups: np.ndarray[Any, np.dtype[np.intp]], pack: Pack) -> dict[str, Outlook]:
    """Outlooks of whole farmers, all worked out at once."""
    chosen = np.isin(intake.group, groups)
    own, rows = _cut(intake, chosen, chosen)
    return {each.subject_id: each for each in _told(own, rows, ("farmer", own.subjects), pack)}


def _cut(intake: Intake, chosen: Bools, asked: Bools) -> tuple[Intake, Bools]:
    """The part of the book with some rows of whole groups, and which of its rows are asked for."""
    groups = np.zeros(len(intake.subjects), dtype=bool)
    groups[intake.group[chosen]] = True
    return intake.only(groups), asked[chosen]


def _told(
    intake: Intake, rows: Bools, subjects: tuple[str, np.ndarray[Any, np.dtype[np.object_]]], pack: Pack
) -> list[Outlook]:
    """One outlook for each group of a book, of the rows asked for.

    Args:
        intake: g groups.
        rows: which parcels are looked at, shape (n,); some of every group.
        subjects: "farmer" or "parcel", and the id that stands for each group.
        pack: the policy.
    """
    if not len(intake.frame):
        return []
    kind, names = subjects
    now, lacks = _amounts(intake, rows, pack), missing_papers(intake, rows, pack)
    looks: list[list[NextLook]] = [[] for _ in names]
    for scenes in (images(intake, rows, pack), visits(intake, rows, pack), papers(intake, rows, pack)):
        for group, look in _looks(scenes, rows, now, lacks, intake, pack):
            if look.change_minor or look.papers:
                looks[group].append(look)
    beyond = _by_group(beyond_images(intake, rows, pack), intake)
    return [
        Outlook(
            kind,
            str(name),
            now[group],
            tuple(sorted(looks[group], key=lambda look: -look.change_minor)),
            {reason: ids[group] for reason, ids in beyond.items() if group in ids},
        )
        for group, name in enumerate(names)
    ]


def _amounts(intake: Intake, rows: Bools, pack: Pack) -> list[int | None]:
    """Amount of the rows of each of g groups together; None where none has one."""
    own = limit_table(intake, pack).amount_minor.iloc[: len(rows)].reset_index(drop=True)
    sums = own[rows].groupby(intake.group[rows]).sum(min_count=1)
    return [None if pd.isna(amount) else int(amount) for amount in sums]


def _looks(
    scenes: Scenes,
    rows: Bools,
    now: Sequence[int | None],
    lacks: Sequence[tuple[str, ...]],
    intake: Intake,
    pack: Pack,
) -> list[tuple[int, NextLook]]:
    """What an action would change of each group that it concerns."""
    if not scenes.rows.any():
        return []
    ends = [_amounts(book, rows, pack) for book in scenes.books]
    guesses = [None] * len(now) if scenes.guess is None else _amounts(scenes.guess, rows, pack)
    found = []
    for group, ids in _by_group({"": scenes.rows}, intake)[""].items():
        amounts = [end[group] or 0 for end in ends]
        low, high, own = min(amounts), max(amounts), now[group] or 0
        guess = guesses[group] if scenes.guessed[group] else None
        named = lacks[group] if scenes.action == "paper" else ()
        change = max(abs(low - own), abs(high - own))
        found.append((group, NextLook(scenes.action, ids, named, guess, low, high, change)))
    return found


def _by_group(rows: Mapping[str, Bools], intake: Intake) -> dict[str, dict[int, tuple[str, ...]]]:
    """Ids of the parcels of each group among some rows."""
    ids = plain_texts(intake.frame.parcel_id)
    found: dict[str, dict[int, tuple[str, ...]]] = {name: {} for name in rows}
    for name, which in rows.items():
        for place in np.flatnonzero(which).tolist():
            group = int(intake.group[place])
            found[name][group] = (*found[name].get(group, ()), ids[place])
    return found
