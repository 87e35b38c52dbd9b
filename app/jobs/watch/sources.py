"""Where findings come from: each source judges blocks of parcels, and all of them go into one stream by day.

Radar and pixels are those of `app.jobs.watch.beside`. A further source is one more class with `causes` and `findings`
and one more line in `open_sources`; what it reads goes into `inputs_hash` too.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from app.jobs.progress import Reporter
from app.jobs.watch.asking import Asked
from app.jobs.watch.beside import Beside, sources_beside
from app.jobs.watch.book import WatchedBook
from app.jobs.watch.parts import Part
from geo.files import fingerprint
from scoring.alerts.findings import Findings, Flags
from scoring.alerts.following import Block, follow
from scoring.alerts.levels import Level
from scoring.growth import flood
from scoring.growth.markers import rules as markers
from scoring.growth.pixels import construction, split
from scoring.growth.trees import findings as stands
from scoring.growth.watching import of_losses as losses
from scoring.growth.watching.fields import Fields, SeasonLooks
from scoring.growth.watching.of_markers import CAUSES
from scoring.growth.watching.run import BLOCK_ROWS, WatchedRun, growth_findings, watched_run

Ints = npt.NDArray[np.int64]

#: Names and versions of all rules: another version is another watch.
_RULES: Final = (losses.RULE, markers.RULE, flood.RULE, split.RULE, construction.RULE, stands.RULE)
_GROWTH_CAUSES: Final = frozenset({losses.CAUSE, *(cause.key for cause in CAUSES)})


class Source(Protocol):
    """Something that judges parcels of the book."""

    @property
    def causes(self) -> frozenset[str]:
        """Keys of the causes that it looks for."""

    def findings(self, block: Ints) -> Iterator[Findings]:
        """What it finds of the parcels at some positions of the book, in the order of the days, each cause once a day.

        Evidence is among the days of the book's looks.
        """


@dataclass(frozen=True, slots=True)
class GrowthSource:
    """The growth rules over clear looks."""

    run: WatchedRun

    @property
    def causes(self) -> frozenset[str]:
        """Abrupt losses, and every cause of a marker."""
        return _GROWTH_CAUSES

    def findings(self, block: Ints) -> Iterator[Findings]:
        """What scoring.growth.watching.run finds."""
        return growth_findings(self.run, block)


@dataclass(frozen=True, slots=True)
class StandSource:
    """Clearing and thinning of orchards, vineyards, tea and forest."""

    run: WatchedRun

    @property
    def causes(self) -> frozenset[str]:
        """Clearing and thinning."""
        return stands.CAUSES

    def findings(self, block: Ints) -> Iterator[Findings]:
        """What scoring.growth.trees.findings finds."""
        return stands.stand_findings(self.run, block)


@dataclass(frozen=True, slots=True)
class Sources:
    """All sources of a watch.

    Attributes:
        asked: the request.
        looks: at the parcels of the book.
        book: its parcels.
        blocks: positions of the parcels that are judged together; each parcel is in one.
        all: the sources.
        neighbours: (n, k) positions of each parcel's nearest of the crop, -1 for none.
    """

    asked: Asked
    looks: SeasonLooks
    book: WatchedBook
    blocks: tuple[Ints, ...]
    all: tuple[Source, ...]
    neighbours: npt.NDArray[np.int32]

    def judge(self, block: Ints) -> Part:
        """Changes of alerts of a block's parcels, over all sources."""
        ids = self.book.parcel_ids[block]
        judged = _Judged(self.book.small[block])
        found = heapq.merge(*(source.findings(block) for source in self.all), key=lambda each: each.day)
        looks = Block(ids, self.asked.season.id, self.looks.days, self.looks.ndvi[block].astype(np.float64))
        table = follow(judged.of(found), looks, self.asked.rules, until=self.asked.request.as_of)
        return Part(table, tuple(ids[~judged.parcels].tolist()))


def open_sources(
    asked: Asked, book: WatchedBook, looks: SeasonLooks, beside: Beside, folder: Path, report: Reporter
) -> Sources:
    """All sources, with what parcels tell each other found once.

    Args:
        asked: the request.
        book: its parcels.
        looks: at them.
        beside: what the run holds besides.
        folder: where what pixels come to is kept.
        report: told of every tile whose pixels are looked at.
    """
    rows = asked.request.part_parcels or BLOCK_ROWS
    known = fields_of(asked, book)
    run = watched_run(looks, known, asked.season, asked.request.as_of, block_rows=rows)
    further = sources_beside(beside, asked, known, looks, folder, report)
    return Sources(asked, looks, book, run.blocks, (GrowthSource(run), StandSource(run), *further), run.neighbours)


def watched_causes(beside: Beside) -> frozenset[str]:
    """Causes that all sources look for."""
    return _GROWTH_CAUSES | stands.CAUSES | beside.causes


def fields_of(asked: Asked, book: WatchedBook) -> Fields:
    """The book's parcels with the windows of their crops."""
    return Fields.of(book.parcel_ids, book.crops, book.points, book.regions, asked.calendars, asked.season)


def inputs_hash(asked: Asked, book: WatchedBook, looks: SeasonLooks, beside: Beside) -> str:
    """SHA-256 (hex) of all that findings rest on: rules by version, parcels, their windows, looks and radar known.

    What became known after the day leaves no trace in it.
    """
    known = fields_of(asked, book)
    said = [[crop, windows] for crop, windows in known.region_crops]
    digest = hashlib.sha256(fingerprint(asked.season.id, said, asked.request.as_of, _RULES).encode())
    for texts in (known.parcel_ids, known.crops):
        digest.update("\n".join(texts.tolist()).encode())
    windows = (getattr(known.expected, field.name) for field in fields(known.expected))
    for array in (book.small, known.points, known.kind, *windows):
        digest.update(np.ascontiguousarray(array).tobytes())
    for array in (looks.days, looks.ndvi, looks.percent, looks.known_on):
        digest.update(np.ascontiguousarray(array.T).tobytes())
    digest.update(beside.digest(asked))
    return digest.hexdigest()


class _Judged:
    """Findings as they pass: which parcels of a block were judged at least once, and small ones held to a watch."""

    def __init__(self, small: Flags) -> None:
        self.parcels: Flags = np.zeros(len(small), dtype=np.bool_)
        self.most = np.where(small, Level.WATCH, Level.ACTION).astype(np.int8)

    def of(self, findings: Iterable[Findings]) -> Iterator[Findings]:
        """The same findings; neighbours' ground is in the pixels of a small parcel."""
        for found in findings:
            self.parcels |= found.judged
            most = self.most if found.at_most is None else np.minimum(self.most, found.at_most)
            yield replace(found, at_most=most)
