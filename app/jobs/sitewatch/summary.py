"""What a watch of sites came to, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

from app.alerts.watches.replaying import Replay
from app.sites.standings import standing_of
from geo.runrecord import Failure
from scoring.sites.milestones import Reached
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan

if TYPE_CHECKING:
    from app.jobs.sitewatch.judging import JudgedSite, SitesJudged

Done: TypeAlias = Literal["recorded", "stands", "replay", "dry run"]

_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an alert's history: number of the alert, site, cause, what changed, level after it, day."""

    alert: int
    site_id: str
    cause: str
    kind: str
    level: str
    day: date


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site as of the day.

    Attributes:
        site_id: the site.
        name: what people call it; "" for nothing but its id.
        kind: what is built.
        standing: unseen, on_track, watch, warning or action.
        seen_on: day of the look; None: no look tells of progress. So are planned, low, share and high, 0..1.
        planned: share due on that day.
        low: lower bound of the share built.
        share: share built.
        high: upper bound.
        next_kind: the next milestone that is not reached; None: all are.
        next_due: day it is planned for.
        failure: why no share is stated; None: one is.
    """

    site_id: str
    name: str
    kind: str
    standing: str
    seen_on: date | None
    planned: float | None
    low: float | None
    share: float | None
    high: float | None
    next_kind: str | None
    next_due: date | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class StoppedLine:
    """A site that is watched no more and has open alerts: no watch will end them."""

    site_id: str
    stopped_on: date
    alerts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SiteWatchSummary:
    """What a watch came to.

    Attributes:
        done: recorded now, on record since an earlier command, a replay of a day that is past on record, or a dry run
            that recorded nothing.
        watch_id: the watch.
        run_id: the run that looked.
        folder: files of the run; gone after a dry run.
        as_of: the day.
        rules: id of the alert rules.
        simulated: whether imagery was simulated.
        scenes: scenes that were read.
        sites: by id.
        new: new lines of history by kind; None where nothing was recorded.
        lines: those lines.
        replay: how a replay compares; None for any other watch.
        seconds: wall time.
        stopped: sites of the book that are watched no more and have open alerts, by id.
    """

    done: Done
    watch_id: str
    run_id: str
    folder: Path
    as_of: date
    rules: str
    simulated: bool
    scenes: int
    sites: tuple[SiteLine, ...]
    new: Mapping[str, int] | None
    lines: tuple[Line, ...]
    replay: Replay | None
    seconds: float
    stopped: tuple[StoppedLine, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON of it: as the attributes say, with sites counted by standing."""
        said = asdict(self) | {"folder": str(self.folder), "seconds": round(self.seconds, 1)}
        said["standings"] = dict(sorted(Counter(site.standing for site in self.sites).items()))
        plain: dict[str, Any] = _plain(said)
        return plain


def site_line(one: JudgedSite) -> SiteLine:
    """What is told of a site."""
    judged, plan = one.judged, one.site.plan
    coming = next_milestone(plan, judged.milestones)
    return SiteLine(
        site_id=plan.site_id,
        name=plan.name,
        kind=str(plan.kind),
        standing=str(standing_of(judged)),
        seen_on=judged.seen_on,
        planned=_round(judged.planned),
        low=_round(judged.low),
        share=_round(judged.share),
        high=_round(judged.high),
        next_kind=None if coming is None else str(coming.kind),
        next_due=None if coming is None else coming.due,
        failure=one.failure,
    )


def next_milestone(plan: SitePlan, reached: Mapping[MilestoneKind, Reached]) -> Milestone | None:
    """The first planned milestone after the last one that was reached; None where all were."""
    order = list(MilestoneKind)
    done = [order.index(kind) for kind, when in reached.items() if not np.isnat(when.by)]
    coming = [one for one in plan.milestones if order.index(one.kind) > max(done, default=-1)]
    return min(coming, key=lambda one: order.index(one.kind), default=None)


def summary_of(
    told: SitesJudged, done: Done, new: Mapping[str, int] | None, lines: Sequence[Line], replay: Replay | None,
    seconds: float,
) -> SiteWatchSummary:  # fmt: skip
    """What a watch came to; see SiteWatchSummary."""
    record = told.looked.record
    return SiteWatchSummary(
        done=done,
        watch_id=told.watch_id,
        run_id=record.run_id,
        folder=told.looked.folder,
        as_of=told.request.as_of,
        rules=told.rules.id,
        simulated=record.simulated,
        scenes=len(record.scenes),
        sites=tuple(site_line(one) for one in told.sites),
        new=new,
        lines=tuple(lines),
        replay=replay,
        seconds=seconds,
    )


def _round(share: float | None) -> float | None:
    return None if share is None else round(share, _DIGITS)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
