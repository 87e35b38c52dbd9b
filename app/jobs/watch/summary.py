"""What a watch came to, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import pyarrow as pa

from app.alerts.watches.chips import Drawn
from app.alerts.watches.replaying import Replay
from app.jobs.watch.asking import Asked
from app.jobs.watch.beside import Beside
from app.jobs.watch.book import WatchedBook
from app.jobs.watch.earlier import Earlier
from app.jobs.watch.looks import KnownLooks
from scoring.alerts.levels import Level
from scoring.growth.calendars.gaps import CalendarGap

Done: TypeAlias = Literal["recorded", "stands", "replay", "dry run"]

_FIRST: Final = 10
_KINDS: Final = ("opened", "raised", "lowered", "ended")
_SHOWN: Final = ("subject_id", "cause", "level", "scope", "opened_on", "since", "event_on", "severity", "probability")


@dataclass(frozen=True, slots=True)
class WatchSummary:
    """What a watch came to.

    Attributes:
        done: recorded now, stands on record since an earlier command, a replay of a day that is past on record, or a
            dry run that wrote nothing.
        folder: its files.
        said: what its summary.json says; see `summary_of`.
        new: lines of history written now, by kind; None where nothing was recorded.
        replay: how a replay compares; None for any other watch.
        seconds: wall time.
    """

    done: Done
    folder: Path
    said: Mapping[str, Any]
    new: Mapping[str, int] | None
    replay: Replay | None
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """JSON of it."""
        own = {"done": self.done, "folder": str(self.folder), "new": self.new, "replay": _replay(self.replay)}
        return {**own, **self.said, "seconds": round(self.seconds, 1)}


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch knew and found.

    Attributes:
        asked: the request.
        watch_id: of the watch.
        inputs_hash: of what was known.
        book: its parcels.
        looks: what was known of them.
        gaps: crops without a calendar.
        causes: causes that were looked for.
        beside: what the run holds beside the looks.
        earlier: what runs of earlier seasons say.
    """

    asked: Asked
    watch_id: str
    inputs_hash: str
    book: WatchedBook
    looks: KnownLooks
    gaps: Sequence[CalendarGap]
    causes: frozenset[str]
    beside: Beside
    earlier: Earlier


def summary_of(
    watched: Watched, unjudged: int, changes: pa.Table, alerts: pa.Table, drawn: Drawn, left_out: int
) -> dict[str, Any]:
    """What summary.json says: the same for the same watch, whenever it is made.

    Args:
        watched: what was known.
        unjudged: parcels with an outline that could not be judged.
        changes: of TRANSITIONS.
        alerts: open ones, of scoring.alerts.state.STATE.
        drawn: pictures.
        left_out: alerts that got none because there are too many.
    """
    kinds = Counter(changes["kind"].to_pylist())
    book, looks = watched.book, watched.looks
    return {
        **_about(watched),
        "parcels": len(book),
        "judged": len(book) - unjudged,
        "without_outline": len(book.without_outline),
        "crops": {"declared": book.declared, "decided": book.decided},
        "gaps": [asdict(gap) for gap in watched.gaps],
        "looks": looks.known,
        "last_look": None if looks.last is None else looks.last.isoformat(),
        "causes": sorted(watched.causes),
        "changes": {kind: kinds[kind] for kind in _KINDS},
        "open": _counted(alerts),
        "first": first_alerts(alerts),
        "chips": {"alerts": len(drawn.chips), "left_out": left_out, "without_cube": drawn.without_cube},
    }


def _about(watched: Watched) -> dict[str, Any]:
    asked, request = watched.asked, watched.asked.request
    sensed = {"days_after": request.known_after} if request.known_by == "sensed" else {}
    return {
        "watch_id": watched.watch_id,
        "as_of": request.as_of.isoformat(),
        "season_id": asked.season.id,
        "run_id": asked.record.run_id,
        "simulated": asked.record.simulated,
        "rules": {"id": asked.rules.id, "version": asked.rules.version, "hash": asked.rules.content_hash},
        "calendars": _calendars(asked, watched.book),
        "known_at": {"by": request.known_by, **sensed},
        "inputs_hash": watched.inputs_hash,
        "code_version": version("acreline"),
    }


def first_alerts(alerts: pa.Table, most: int = _FIRST) -> list[dict[str, Any]]:
    """The open alerts of the highest levels, the likeliest and severest first; what is at stake is not asked here."""
    rows = alerts.select(list(_SHOWN)).to_pylist()
    rows.sort(key=lambda row: (row["subject_id"], row["cause"]))
    rows.sort(key=lambda row: (_level(row), (row["probability"] or 0.0) * (row["severity"] or 0.0)), reverse=True)
    return [_plain(row) for row in rows[:most]]


def _counted(alerts: pa.Table) -> dict[str, Any]:
    """Open alerts: how many, by level (of all levels), by scope, and by cause and level."""
    columns = [alerts[name].to_pylist() for name in ("level", "scope", "cause")]
    levels, scopes, causes = (Counter(column) for column in columns)
    both = Counter(zip(columns[2], columns[0], strict=True))
    return {
        "alerts": alerts.num_rows,
        "levels": {level.key: levels[level.key] for level in reversed(Level) if level},
        "scopes": dict(sorted(scopes.items())),
        "causes": {cause: _of_cause(cause, both) for cause in sorted(causes)},
    }


def _of_cause(cause: str, both: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {level.key: both[cause, level.key] for level in reversed(Level) if (cause, level.key) in both}


def _calendars(asked: Asked, book: WatchedBook) -> list[dict[str, str]]:
    """Those that speak of a region of the book."""
    regions = sorted({region for region in book.regions.tolist() if region})
    held = [each for each in asked.calendars if any(each.covers(region) for region in regions)]
    return [{"id": each.id, "version": each.version} for each in held]


def _level(row: Mapping[str, Any]) -> int:
    return Level[row["level"].upper()].value


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
    return said | {name: None if row[name] is None else round(row[name], 4) for name in ("severity", "probability")}


def _replay(replay: Replay | None) -> dict[str, Any] | None:
    if replay is None:
        return None
    different = [asdict(one) | {"day": one.day.isoformat()} for one in replay.differences]
    later = {"later": replay.later, "later_day": replay.later_day.isoformat()}
    return {**later, "same": replay.same, "different": len(different), "differences": different}
