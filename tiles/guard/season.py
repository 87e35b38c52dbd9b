"""The guard's answer for the scenes of a season: read a few pixels of each group, then judge the groups together."""

from __future__ import annotations

from collections.abc import Iterable

import pystac

from geo.grid import Bounds
from tiles.guard.sampling import SCENES, take_samples
from tiles.guard.verdicts import Assessment, assess


def assess_items(items: Iterable[pystac.Item], area: Bounds | None = None, *, scenes: int = SCENES) -> Assessment:
    """Check what scenes say about their reflectance against some of their pixels.

    Scenes are judged by group: catalogue, processing baseline and what their metadata say; never one scene alone.

    Args:
        items: Sentinel-2 L2A items from a `Source`, local or remote, of any number of seasons and tiles.
        area: (west, south, east, north) in degrees to look at, west > east across 180 degrees; None: whole scenes.
        scenes: most scenes of a group to look at.

    Returns:
        A rule for every item and a verdict for every group. Call `required` on it to refuse what cannot be used.

    Raises:
        TransientError: a source did not answer for a scene; the same call may succeed later.
        AcrelineError: not one scene could be read; the first error. Fewer are named in the verdicts (`unread`).
    """
    kept = list(items)
    samples, unread = take_samples(kept, area, scenes=scenes)
    return assess(kept, samples, unread)
