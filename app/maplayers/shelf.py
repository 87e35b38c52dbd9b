"""What the map of a book is answered from: sets, facts and outlines in memory, looked at again when they may be old."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from sqlalchemy import Engine

from app.alerts.reach import units_below
from app.maplayers.facts import Bytes, Fact, Stamp, column_of, stamp_of
from app.maplayers.outlines import OutlineSquares, outlines_path
from app.maplayers.overview import Overview, overview_of
from app.maplayers.parcelset import ParcelSet, parcels_within
from geo.errors import InputError

#: Longest time for which a parcel that came or went, or a unit that moved, is not noticed, seconds.
FRESH_S: Final = 60.0
#: A set that an address names and that is not known here is looked for anew where what is known is older, seconds:
#: another process of the service may have read it since.
AGAIN_S: Final = 2.0
#: Sets kept in memory, for as many units.
MOST_SETS: Final = 64
_HASH_CHARACTERS: Final = 16
_GZIP_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes as they are sent.

    Attributes:
        gzipped: the bytes, compressed.
        content_hash: of the bytes before; their ETag.
        size: number of bytes before.
    """

    gzipped: bytes
    content_hash: str
    size: int


@dataclass(frozen=True, slots=True)
class Coloured:
    """A fact of a set: by parcel, and by cell of the overview (None without any outline)."""

    stamp: Stamp
    parcels: Packed
    cells: Packed | None


@dataclass(slots=True)
class Held:
    """A set in memory.

    Attributes:
        parcels: the set.
        overview: its cells; None where no parcel has an outline.
        read_at: when it was read, seconds of the shelf's clock.
        outlines: its outlines, once they are made.
        facts: what was worked out.
        lock: held while something of the set is worked out.
    """

    parcels: ParcelSet
    overview: Overview | None
    read_at: float
    outlines: OutlineSquares | None = None
    facts: dict[Fact, Coloured] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


class ParcelShelf:
    """Sets of the book by the unit of who looks; safe to use from several threads."""

    def __init__(self, engine: Engine, folder: Path | None, clock: Callable[[], float]) -> None:
        """Shelf over a database.

        Args:
            engine: the database.
            folder: where outlines are made; None: nowhere, and maps show cells only.
            clock: counts seconds and never goes back.
        """
        self.engine = engine
        self._folder = folder
        self._clock = clock
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = Lock()
        self._reading: dict[str, Lock] = {}

    def at_hand(self, unit: str) -> Held | None:
        """The parcels that people of a unit see where they are in memory and new enough; nothing is read."""
        with self._lock:
            held = self._held.get(unit)
        return held if held is not None and self._is_fresh(held, FRESH_S) else None

    def held(self, unit: str, at_most_s: float = FRESH_S) -> Held:
        """The parcels that people of a unit see.

        Args:
            unit: its code.
            at_most_s: how old they may be, seconds (and as long as reading them takes).

        Raises:
            InputError: there is no such unit.
        """
        with self._lock:
            reading = self._reading.setdefault(unit, Lock())
            held = self._held.get(unit)
        if held is not None and self._is_fresh(held, at_most_s):
            return held
        # One thread reads; the others go on with what there is, and wait where there is nothing that would do.
        if held is not None and at_most_s == FRESH_S and reading.locked():
            return held
        with reading:
            return self._read_once(unit, at_most_s)

    def named(self, unit: str, content_hash: str) -> Held:
        """The parcels that people of a unit see, where that is the set which an address names.

        Raises:
            InputError: LAYER_CHANGED; somebody else's set, or one that has changed, is not told apart.
        """
        held = self.held(unit)
        if held.parcels.content_hash != content_hash:
            held = self.held(unit, AGAIN_S)
        if held.parcels.content_hash != content_hash:
            raise InputError("LAYER_CHANGED", "The parcels have changed.", "Ask for the layer again.")
        return held

    def outlines(self, held: Held) -> OutlineSquares | None:
        """Outlines of a set; None while nobody has made them."""
        if held.outlines is None and self._folder is not None:
            with held.lock:
                path = outlines_path(self._folder, held.parcels.content_hash)
                if held.outlines is None and path.is_file():
                    held.outlines = OutlineSquares(path)
        return held.outlines

    def coloured_before(self, held: Held, fact: Fact) -> Coloured | None:
        """A fact of a set as it is now, where it was worked out; asks the database one short question."""
        with self.engine.connect() as connection:
            stamp = stamp_of(connection, fact)
        known = held.facts.get(fact)
        return known if known is not None and known.stamp == stamp else None

    def coloured(self, held: Held, fact: Fact) -> Coloured:
        """A fact of a set as it is now."""
        known = self.coloured_before(held, fact)
        if known is not None:
            return known
        with self.engine.connect() as connection:
            stamp = stamp_of(connection, fact)
            with held.lock:
                known = held.facts.get(fact)
                if known is None or known.stamp != stamp:
                    known = held.facts[fact] = _coloured(held, fact, stamp, column_of(connection, held.parcels, fact))
        return known

    def _is_fresh(self, held: Held, at_most_s: float) -> bool:
        return self._clock() - held.read_at < at_most_s

    def _read_once(self, unit: str, at_most_s: float) -> Held:
        held = self._held.get(unit)
        return held if held is not None and self._is_fresh(held, at_most_s) else self._read(unit)

    def _read(self, unit: str) -> Held:
        read_at = self._clock()
        with self.engine.connect() as connection:
            parcels = parcels_within(connection, units_below(connection, unit))
        overview = overview_of(parcels)  # while nobody waits for the lock
        with self._lock:
            before = self._held.get(unit)
            if before is not None and before.parcels.content_hash == parcels.content_hash:
                before.read_at = read_at
                held = before
            else:
                held = self._held[unit] = Held(parcels, overview, read_at)
            self._held.move_to_end(unit)
            while len(self._held) > MOST_SETS:
                self._held.popitem(last=False)
        return held


def _coloured(held: Held, fact: Fact, stamp: Stamp, column: Bytes) -> Coloured:
    cells = None if held.overview is None else _packed(held.overview.cells(fact, column))
    return Coloured(stamp, _packed(column), cells)


def _packed(values: Bytes) -> Packed:
    raw = np.ascontiguousarray(values).tobytes()
    zipped = gzip.compress(raw, _GZIP_LEVEL, mtime=0)
    return Packed(zipped, hashlib.sha256(raw).hexdigest()[:_HASH_CHARACTERS], len(raw))
