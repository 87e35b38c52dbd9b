"""Crops that parcels may turn out to carry, and which of them cost least and most."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.status import Status
from scoring.crop_lines import Bools, Cycles, crop_lines, plain_texts
from scoring.intake import Intake
from scoring.money import Ints
from scoring.pack_schema import Pack


@dataclass(frozen=True, slots=True)
class Alternatives:
    """k alternatives of some parcels of a book.

    Attributes:
        row: place of the parcel in the book, shape (k,), ascending.
        crop: its own crop if the alternative holds; None where none is named.
        guess: whether it is what the parcel is thought to carry.
        cost: minor units per unit of area that would count, 0 where the own crop has no price.
        cycles: the cycles of all alternatives; `row` is the place of the alternative.
    """

    row: Ints
    crop: npt.NDArray[np.object_]
    guess: Bools
    cost: Ints
    cycles: Cycles

    def least(self) -> Ints:
        """The cheapest alternative of each parcel."""
        return self._first(np.lexsort((self.cost, self.row)))

    def most(self) -> Ints:
        """The dearest alternative of each parcel."""
        return self._first(np.lexsort((-self.cost, self.row)))

    def guesses(self) -> Ints:
        """What each parcel is thought to carry; nothing for parcels without a guess."""
        return np.flatnonzero(self.guess)

    def _first(self, order: npt.NDArray[np.intp]) -> Ints:
        return order[np.unique(self.row[order], return_index=True)[1]].astype(np.int64)


@dataclass(slots=True)
class _Found:
    """Alternatives as they are found: (row, crop, guess), and cycles as (alternative, place in the intake, crop)."""

    rows: list[tuple[int, str | None, bool]] = field(default_factory=list)
    cycles: list[tuple[int, int, str]] = field(default_factory=list)


def alternatives(intake: Intake, rows: Ints, pack: Pack) -> Alternatives:
    """Alternatives of some parcels: every crop of the set of each open crop, in every combination.

    The own crop of a decided parcel is no longer open; a further cycle is open where its crop set holds several. Where
    no set is known, every crop that the policy prices is possible.

    Args:
        intake: a book.
        rows: places of the parcels, ascending.
        pack: the policy.
    """
    found = _Found()
    crops, status = plain_texts(intake.frame.crop), plain_texts(intake.frame.status)
    order = np.argsort(intake.cycles.row, kind="stable")
    ends = np.searchsorted(intake.cycles.row[order], np.arange(len(crops) + 1))
    for row in rows.tolist():
        places = order[ends[row] : ends[row + 1]].tolist()
        decided = status[row] == str(Status.OK) and crops[row] is not None
        _add(found, row, crops[row], _sets(crops[row], places, intake.cycles, pack, decided=decided))
    return _costed(found, intake, pack)


def decided_as(intake: Intake, options: Alternatives, chosen: Ints) -> Intake:
    """The book if the chosen alternatives held: their parcels are decided, with their crops for certain."""
    row = options.row[chosen]
    status, crop = plain_texts(intake.frame.status).copy(), plain_texts(intake.frame.crop).copy()
    status[row], crop[row] = str(Status.OK), options.crop[chosen]
    frame = intake.frame.assign(status=pd.Series(status, dtype=object), crop=pd.Series(crop, dtype=object))
    kept = np.flatnonzero(~np.isin(intake.cycles.row, row))
    new = np.flatnonzero(np.isin(options.cycles.row, chosen))
    old = intake.cycles.take(kept, intake.cycles.row[kept])
    decided = options.cycles.take(new, options.row[options.cycles.row[new]])
    return replace(intake, frame=frame, cycles=_joined(old, decided))


def _sets(crop: str | None, places: list[int], cycles: Cycles, pack: Pack, *, decided: bool) -> dict[int, list[str]]:
    """Possible crops by cycle; -1 stands for the own crop of a parcel without a cycle of its own."""
    own = next((place for place in places if cycles.crop[place] == crop), -1)
    sets = {own: [str(crop)] if decided else _possible(own, crop, cycles, pack)}
    return sets | {place: _possible(place, cycles.crop[place], cycles, pack) for place in places if place != own}


def _possible(place: int, guess: str | None, cycles: Cycles, pack: Pack) -> list[str]:
    said = cycles.crop_set[place].as_py() if place >= 0 else None
    known = said or ([guess] if place >= 0 and guess is not None else sorted(pack.prices.crops))
    return [*known, guess] if guess is not None and guess not in known else list(known)


def _add(found: _Found, row: int, guess: str | None, sets: dict[int, list[str]]) -> None:
    for crops in product(*sets.values()):
        found.cycles += [(len(found.rows), place, crop) for place, crop in zip(sets, crops, strict=True) if place >= 0]
        found.rows.append((row, crops[0], crops[0] == guess))


def _costed(found: _Found, intake: Intake, pack: Pack) -> Alternatives:
    row = np.array([row for row, _, _ in found.rows], dtype=np.int64)
    crop = np.array([*(crop for _, crop, _ in found.rows), None], dtype=object)[:-1]
    at = np.array([place for _, place, _ in found.cycles], dtype=np.int64)
    names = np.array([*(name for _, _, name in found.cycles), None], dtype=object)[:-1]
    cycles = Cycles(
        row=np.array([option for option, _, _ in found.cycles], dtype=np.int64),
        cycle=intake.cycles.cycle[at],
        crop=names,
        crop_set=pa.array([[name] for name in names], pa.list_(pa.string())),
        sos=intake.cycles.sos[at],
    )
    guess = np.array([guess for _, _, guess in found.rows], dtype=bool)
    guess &= ~_any_of(cycles, names != intake.cycles.crop[at], len(row))
    frame = intake.frame.iloc[row].reset_index(drop=True).assign(crop=pd.Series(crop, dtype=object))
    return Alternatives(row, crop, guess, _costs(frame, cycles, pack), cycles)


def _any_of(cycles: Cycles, which: Bools, n: int) -> Bools:
    """Whether any of the cycles of each of n alternatives is one of those."""
    found = np.zeros(n, dtype=bool)
    found[cycles.row[which]] = True
    return found


def _costs(frame: pd.DataFrame, cycles: Cycles, pack: Pack) -> Ints:
    lines = crop_lines(frame, np.ones(len(frame), dtype=bool), cycles, pack)
    costs = np.zeros(len(frame), dtype=np.int64)
    np.add.at(costs, lines.row, lines.mid)
    priced = np.isin(np.arange(len(frame)), lines.row[lines.priced])
    return np.where(priced, costs, 0)


def _joined(one: Cycles, other: Cycles) -> Cycles:
    joined = Cycles(
        row=np.concatenate([one.row, other.row]),
        cycle=np.concatenate([one.cycle, other.cycle]),
        crop=np.concatenate([one.crop, other.crop]),
        crop_set=pa.concat_arrays([one.crop_set, other.crop_set]),
        sos=np.concatenate([one.sos, other.sos]),
    )
    order = np.lexsort((joined.cycle, joined.row))
    return joined.take(order, joined.row[order])
