"""A solar site: rows of panels by look, as they are known in the end and as they were known on each day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from app.jobs.sitewatch.measured import Sources
from app.jobs.sitewatch.restated import Stated, picked, told_looks
from app.jobs.sitewatch.stacks import SiteStack, widened, windows_of
from geo.bands import RESOLUTION_M
from geo.errors import InputError
from geo.sites import SiteMeasure
from models.sites.looks import Floats
from models.sites.panels import LEAST_PAST
from models.sites.solar import SolarEvidence, SolarImages, solar_evidence, solar_looks

#: A look counts from half of the ground on.
LEAST_CLEAR: Final = 0.5
#: Around the border, pixels: what is measured inside it needs no more.
_NEAR_PX: Final = 3
_INSIDE: Final = (SiteMeasure.PANELS, SiteMeasure.CLEARED)


def require_past(site_id: str, sources: Sources, clear: Floats, start: np.datetime64) -> None:
    """Refuse a site without a past: what it showed before works is what all is compared with.

    Raises:
        InputError: fewer than three clear looks before works may begin.
    """
    looks = int(((sources.days < start) & (clear >= LEAST_CLEAR)).sum())
    if looks < LEAST_PAST:
        raise InputError(
            "SITES_NO_PAST",
            f"Site {site_id!r} was seen on {looks} clear days before {start}, from when on works may be: "
            f"{LEAST_PAST} are needed.",
            "Name a catalogue that reaches further back, or more --past-days.",
        )


def evidence_of(stack: SiteStack, inside: Floats, start: np.datetime64) -> SolarEvidence:
    """Evidence by pixel and look since works may begin, window by window.

    Args:
        stack: all looks, with a past.
        inside: (y, x) share of each pixel within the border.
        start: first day on which works may be.
    """
    since = stack.days >= start
    shares = np.full((int(since.sum()), *stack.shape), np.nan, dtype=np.float32)
    stripped = np.zeros(shares.shape, dtype=np.bool_)
    already = np.zeros(stack.shape, dtype=np.bool_)
    for core in windows_of(stack.whole):
        outer, inner = widened(core, stack.shape)
        images, classes = stack.read(outer)
        found = solar_evidence(SolarImages(stack.days, images, classes, inside[outer.slices], start))
        shares[:, *core.slices] = found.shares[:, *inner]
        stripped[:, *core.slices] = found.stripped[:, *inner]
        if found.already is not None:
            already[core.slices] = found.already[inner]
    return SolarEvidence(stack.days[since], shares, stripped, inside, already)


def known_rows(site_id: str, evidence: SolarEvidence, sources: Sources) -> Iterator[pd.DataFrame]:
    """Rows as they became known: after every look, those of the looks up to it that it moves.

    Panels outside the border are told on the first such look of a month, of that look alone: they ask for all the
    ground around.

    Args:
        site_id: the site.
        evidence: of all looks since works may begin.
        sources: of the site's looks.
    """
    near = evidence.near(_NEAR_PX)
    border_m2 = float(evidence.inside.sum()) * RESOLUTION_M**2
    stated = {measure: Stated(len(evidence.days), border_m2) for measure in _INSIDE}
    if not len(evidence.days):
        return
    months = set()
    told = set(told_looks(solar_looks(near)[SiteMeasure.PANELS]).tolist())
    for look, day in enumerate(evidence.days):  # one that shows too little to be told itself tells of others
        known = sources.known[np.searchsorted(sources.days, day)]
        now = solar_looks(near.until(look + 1))
        for measure in _INSIDE:
            moved = stated[measure].anew(now[measure])
            yield sources.rows(site_id, measure, picked(now[measure], moved), known)
        month = day.astype("datetime64[M]")
        if look in told and month not in months:
            months.add(month)
            outside = solar_looks(evidence.until(look + 1))[SiteMeasure.PANELS_OUTSIDE]
            yield sources.rows(site_id, SiteMeasure.PANELS_OUTSIDE, picked(outside, [-1]), known)
