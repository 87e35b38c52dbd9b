"""Which visits an officer's week goes to: the greatest expected losses avoided, and a part by chance.

    expected loss avoided = exposure x probability x share still at risk

Exposure is what is owed on the parcel, probability that a visit confirms the alert, and the share still at risk what
part of the exposure is lost with the stand and can still be saved. Nothing but alerts would ever be visited by such a
list alone, so that what alerts miss would never be known: a part of the visits is drawn from all other parcels.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geo.errors import DataError, InputError
from geo.season import Season
from scoring.alerts.levels import Level

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Name and version of the method, for the list of visits.
METHOD: Final = "visits-1"

RANKED: Final = "ranked"
RANDOM: Final = "random"

#: One row per parcel and open alert, and one for each parcel without (level "none", the other columns null).
#: exposure_minor is in integer minor units of one currency, null where not known; probability and at_risk are 0..1.
CANDIDATES: Final = pa.schema(
    [
        pa.field("subject_id", pa.string(), nullable=False),
        pa.field("cause", pa.string()),
        pa.field("opened_on", pa.date32()),
        pa.field("level", pa.string(), nullable=False),
        pa.field("probability", pa.float64()),
        pa.field("at_risk", pa.float64()),
        pa.field("exposure_minor", pa.int64()),
    ]
)

#: One row per visit. drawn: "ranked" or "random"; by: "expected_loss", "level" (exposure, probability or severity is
#: not known) or "chance". draw_probability is that of a parcel to be drawn by chance, null for a ranked one. Of a
#: ranked parcel with several open alerts, cause and the rest are those of the one that ranks highest; of one by chance
#: those of the highest level.
VISITS: Final = pa.schema(
    [
        pa.field("rank", pa.int32(), nullable=False),
        *CANDIDATES,
        pa.field("expected_loss_minor", pa.int64()),
        pa.field("drawn", pa.string(), nullable=False),
        pa.field("by", pa.string(), nullable=False),
        pa.field("draw_probability", pa.float64()),
    ]
)

_LEVELS: Final = {level.key: int(level) for level in Level}


def season_left(season: Season, as_of: date) -> float:
    """Share of a season's days that is still to come at the end of a day, 0..1."""
    length = (season.end - season.start).days + 1
    return min(max((season.end - as_of).days / length, 0.0), 1.0)


def share_at_risk(severity: Floats, left: Floats | float, saved_at_end: Floats | float) -> Floats:
    """Share of an exposure that is lost with the stand and that a visit can still save.

    While the whole season is to come, all of a loss can still be acted on: resowing, treatment, what is still to be
    paid out. In the end only what the rules call `saved_at_end` is left: a claim in time, an extension. Between them
    the share falls with the days. It rises with severity.

    Args:
        severity: (n,) 0..1, NaN where not known.
        left: (n,) or one, share of the season to come.
        saved_at_end: (n,) or one, of the cause's rule.

    Returns:
        (n,) 0..1, NaN where severity is.
    """
    share: Floats = severity * (saved_at_end + (1.0 - np.asarray(saved_at_end)) * left)
    return share


def expected_losses(candidates: pa.Table) -> Floats:
    """(n,) expected loss avoided in whole minor units (half to even), NaN where a factor is not known."""
    exposure, probability, at_risk = (
        _floats(candidates, name) for name in ("exposure_minor", "probability", "at_risk")
    )
    return np.rint(exposure * probability * at_risk)


def random_visits(capacity: int, random_share: float) -> int:
    """How many of a week's visits are drawn by chance: the share rounded up, and one visit at least is ranked."""
    # 0.1 x 30 is 3.0000000000000004 in binary.
    return min(math.ceil(round(capacity * random_share, 9)), capacity - 1 if random_share < 1 else capacity)


def draw_visits(candidates: pa.Table, capacity: int, random_share: float = 0.1, *, seed: str) -> pa.Table:
    """The visits of a week: the parcels with the greatest expected losses, then parcels by chance.

    Alerts whose expected loss is not known come after all others, by level and probability. Equal ones go in an order
    that the seed decides, so that no parcel is favoured by its name. Those by chance are drawn uniformly from all
    parcels that are not ranked, with an alert or without. Where fewer parcels have alerts than there is time for, the
    list is shorter.

    Args:
        candidates: of the schema CANDIDATES, every parcel of the book; the order of rows does not matter.
        capacity: visits of the week, at least 1.
        random_share: share of the visits that is drawn by chance, 0..1.
        seed: text that chance rests on; the same seed and candidates give the same visits.

    Returns:
        Table of the schema VISITS, ranked visits first; a parcel stands in it once.

    Raises:
        InputError: the capacity or the share is out of range.
        DataError: candidates have an unknown level, a number out of range, or an alert twice.
    """
    if capacity < 1 or not 0 <= random_share <= 1:
        raise InputError(
            "VISITS_CAPACITY",
            f"{capacity} visits with a random share of {random_share} cannot be drawn.",
            "Give at least one visit, and a share from 0 to 1.",
        )
    level = _checked(candidates)
    by_chance = random_visits(capacity, random_share)
    ranked = _ranked(candidates, level, seed, capacity - by_chance)
    others = _others(candidates, level, ranked)
    chosen = _by_chance(candidates, others, seed, by_chance)
    return _visits(candidates, ranked, chosen, len(others))


def _checked(candidates: pa.Table) -> Ints:
    """(n,) levels as numbers."""
    level = np.array([_LEVELS.get(key, -1) for key in candidates["level"].to_pylist()], dtype=np.int64)
    if (level < 0).any():
        raise DataError("VISITS_CANDIDATES", "A candidate for a visit has an unknown level.")
    for name, most in (("probability", 1.0), ("at_risk", 1.0), ("exposure_minor", np.inf)):
        values = _floats(candidates, name)
        if ((values < 0) | (values > most)).any():
            raise DataError("VISITS_CANDIDATES", f"A candidate for a visit has {name!r} out of range.")
    named = candidates.select(["subject_id", "cause", "opened_on"])
    if named.group_by(named.column_names).aggregate([]).num_rows != candidates.num_rows:
        raise DataError("VISITS_CANDIDATES", "A parcel or an alert is twice among the candidates for visits.")
    return level


def _ranked(candidates: pa.Table, level: Ints, seed: str, most: int) -> list[int]:
    """Rows of the alerts to visit, best first, one of each parcel."""
    loss, probability = expected_losses(candidates), _floats(candidates, "probability")
    alerts = np.flatnonzero(level > 0)
    ids, causes = candidates["subject_id"].to_pylist(), candidates["cause"].to_pylist()
    opened = candidates["opened_on"].to_pylist()

    def key(row: int) -> tuple[object, ...]:
        unknown = math.isnan(loss[row])
        first = (unknown, 0.0 if unknown else -loss[row], -level[row], -np.nan_to_num(probability[row]))
        return (*first, _chance(seed, ids[row]), str(causes[row]), str(opened[row]))

    return list(_once(sorted(alerts.tolist(), key=key), ids, most))


def _once(rows: Sequence[int], ids: Sequence[str], most: int) -> Iterator[int]:
    """The first rows of different parcels."""
    taken: set[str] = set()
    for row in rows:
        if len(taken) == most:
            return
        if ids[row] not in taken:
            taken.add(ids[row])
            yield row


def _others(candidates: pa.Table, level: Ints, ranked: Sequence[int]) -> Ints:
    """One row of each parcel that is not ranked: that of its highest alert."""
    ids = candidates["subject_id"]
    taken = pa.array([ids[row].as_py() for row in ranked], pa.string())
    rest = np.flatnonzero(~np.asarray(pc.is_in(ids, value_set=taken)))
    names = np.asarray(ids.take(pa.array(rest)).to_numpy(zero_copy_only=False), dtype=np.str_)
    causes = np.asarray(pc.fill_null(candidates["cause"].take(pa.array(rest)), "").to_numpy(zero_copy_only=False))
    order = np.lexsort((causes.astype(np.str_), -level[rest], names))
    _, first = np.unique(names[order], return_index=True)
    rows: Ints = rest[order[first]]
    return rows


def _by_chance(candidates: pa.Table, rows: Ints, seed: str, most: int) -> list[int]:
    """Some of the rows; each is as likely as any other."""
    ids = candidates["subject_id"].take(pa.array(rows)).to_pylist()
    drawn = sorted(range(len(rows)), key=lambda number: _chance(seed, ids[number]))
    return [int(rows[number]) for number in drawn[:most]]


def _chance(seed: str, subject_id: str) -> bytes:
    """A parcel's place in the draw: as good as random, and the same whatever the order of rows."""
    return hashlib.sha256(f"{seed}\n{subject_id}".encode()).digest()


def _visits(candidates: pa.Table, ranked: list[int], chosen: list[int], population: int) -> pa.Table:
    rows = pa.array([*ranked, *chosen], pa.int64())
    taken = candidates.select(CANDIDATES.names).take(rows)
    loss = expected_losses(taken)
    by = ["level" if math.isnan(one) else "expected_loss" for one in loss[: len(ranked)]]
    columns = {
        "rank": pa.array(range(1, len(rows) + 1), pa.int32()),
        **{name: taken[name] for name in CANDIDATES.names},
        "expected_loss_minor": pa.array(np.nan_to_num(loss).astype(np.int64), mask=np.isnan(loss)),
        "drawn": pa.array([RANKED] * len(ranked) + [RANDOM] * len(chosen), pa.string()),
        "by": pa.array(by + ["chance"] * len(chosen), pa.string()),
        "draw_probability": pa.array([None] * len(ranked) + [len(chosen) / population for _ in chosen], pa.float64()),
    }
    return pa.table([columns[name] for name in VISITS.names], names=VISITS.names).cast(VISITS).combine_chunks()


def _floats(table: pa.Table, name: str) -> Floats:
    """(n,) NaN where null."""
    column = pc.fill_null(table[name].cast(pa.float64(), safe=False), np.nan)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
