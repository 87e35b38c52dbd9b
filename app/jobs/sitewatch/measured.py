"""What is measured of one site: looks by measure, what became known of them when, places, and what is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from app.jobs.sitewatch.stacks import Instants, SiteStack, Texts
from geo.observations import SITE_LOOKS, to_table
from geo.sites import SiteMeasure
from models.sites.looks import Days, Floats, Looks


@dataclass(frozen=True, slots=True)
class Sources:
    """What looks rest on, (t,) each.

    Attributes:
        days: datetime64[D], rising, each once.
        known: datetime64[us] UTC, rising.
        hashes: of what each was read from.
    """

    days: Days
    known: Instants
    hashes: Texts

    @classmethod
    def of(cls, stack: SiteStack) -> Sources:
        """Those of a stack."""
        return cls(stack.days, stack.known, stack.hashes)

    def rows(
        self, site_id: str, measure: SiteMeasure, looks: Looks, known: np.datetime64 | None = None
    ) -> pd.DataFrame:
        """Rows of SITE_LOOKS of the looks that tell something.

        Args:
            site_id: the site.
            measure: what was measured.
            looks: on some of these days.
            known: when it was known; None: when each look was.
        """
        at = np.searchsorted(self.days, looks.days)
        when = self.known[at] if known is None else np.full(len(at), known)
        instants = pd.Series(pd.to_datetime(when.astype("datetime64[us]"), utc=True))
        return looks.rows(site_id, measure, instants, pd.Series(self.hashes[at], dtype=object))


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured of one site.

    Attributes:
        looks: rows of SITE_LOOKS in the light of all looks.
        known: rows of SITE_LOOKS as they became known, see app.jobs.sitewatch.files.SitesLooked.
        built: footprints: kind ("inside" or "outside") and outline in EPSG:4326.
        places: columns place, date, pad, tower.
        clear: (s,) share of the ground that each look of the optical stack shows.
    """

    looks: pd.DataFrame
    known: pd.DataFrame
    built: Sequence[tuple[str, BaseGeometry]]
    clear: Floats
    places: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["place", "date", "pad", "tower"]))


def joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Rows of SITE_LOOKS, sorted by measure, day and instant."""
    told = [frame for frame in frames if len(frame)]
    if not told:
        empty: pd.DataFrame = SITE_LOOKS.empty_table().to_pandas(date_as_object=True)
        return empty
    whole = pd.concat(told).sort_values(["measure", "date", "known_at"], kind="stable")
    checked: pd.DataFrame = to_table(whole, SITE_LOOKS).to_pandas(date_as_object=True)
    return checked


def told_of(looks: Mapping[SiteMeasure, Looks], site_id: str, sources: Sources) -> Iterator[pd.DataFrame]:
    """Rows of some measures."""
    return (sources.rows(site_id, measure, one) for measure, one in looks.items())
