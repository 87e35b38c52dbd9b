"""Mishaps on simulated built sites: how often they are told, how soon, and how often where nothing happened.

    python benchmarks/site_operation.py [--cases 60] [--first-seed 5000] [--json]

Two years of passes every five days with clouds over land of three regions. Three kinds, on rows of panels and (water,
fire) on open ground of a site: a canopy grows over a patch in the second summer, water stands for 15 to 50 days, a
patch burns. Told is a finding of scoring.sites.operation at its default limits, from looks while it lasts; false is a
finding from a look before. `outside`: the border leaves out a part of the rows, which then lie outside; or none does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from geo.bands import RESOLUTION_M
from geo.sites import SiteMeasure
from models.sites.ground import shows_ground
from models.sites.looks import Looks
from models.sites.operation import burnt_looks, canopy_looks, standing_water_looks
from models.sites.solar import SolarImages, solar_evidence, solar_looks
from scoring.sites.operation import SiteAreas, SiteCause, operation_findings
from tiles.simulation.sites.frame import draw_ground, passes, see_ground
from tiles.simulation.sites.mishaps import Mishap, MishapKind, befall, draw_mishap
from tiles.simulation.sites.solar import SolarWorks, build_solar, draw_solar

Flags = npt.NDArray[np.bool_]

REGIONS = ("huanghuai", "europe", "north_india")
SIZE_PX = 64
#: Works are over so many days before the first look.
BUILT_BEFORE = 700
CAUSES = {
    MishapKind.CANOPY: (SiteCause.CANOPY, canopy_looks),
    MishapKind.WATER: (SiteCause.WATER, standing_water_looks),
    MishapKind.BURNT: (SiteCause.FIRE, burnt_looks),
}
KINDS = (
    ("canopy on rows", MishapKind.CANOPY, True),
    ("water on rows", MishapKind.WATER, True),
    ("water on open ground", MishapKind.WATER, False),
    ("fire on rows", MishapKind.BURNT, True),
    ("fire on open ground", MishapKind.BURNT, False),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One case.

    Attributes:
        after_days: from the first day to the first look that raises it; NaN for none.
        shown: whether any look while it lasts tells something of the ground.
        area: measured area at the largest look while it lasts, over the true one; NaN for none.
        false: looks before it that raise it.
        looks: looks before it.
    """

    after_days: float
    shown: bool
    area: float
    false: int
    looks: int


def raised_on(cause: SiteCause, looks: Looks, ground_m2: float) -> Flags:
    """(t,) looks as of which a finding is raised."""
    site = SiteAreas(looks.days, looks.values, looks.errors, ground_m2)
    told = np.isfinite(looks.values)
    raised = np.zeros(len(told), dtype=np.bool_)
    for at in np.flatnonzero(told):
        raised[at] = bool(operation_findings(cause, [site], looks.days[at].item()).raised[0])
    return raised


def mishap_case(seed: int, kind: MishapKind, *, rows: bool) -> Told:
    """A built site on which something happens in the second year."""
    rng = np.random.default_rng([seed, 13])
    first = date(2022, 1, 1)
    ground = draw_ground(rng, SIZE_PX, passes(first, date(2023, 12, 20)), REGIONS[seed % len(REGIONS)])
    works = draw_solar(rng, SIZE_PX, ground.days[0] - BUILT_BEFORE)
    under = works.rows_on(ground.days[0])
    on = under > 0.5 if rows else works.inside > 0.5  # noqa: PLR2004
    built = build_solar(rng, ground, works) if rows else ground.clear
    since = np.datetime64("2023-05-01") + int(rng.integers(0, 90))
    mishap = draw_mishap(rng, kind, np.asarray(on), since)
    covered = under * np.float32(works.cover) if rows else np.zeros_like(under)
    seen = see_ground(rng, ground, befall(rng, ground, built, mishap, covered))
    cause, measure = CAUSES[kind]
    clear = shows_ground(seen.reflectance, seen.scl)
    site = works.inside > 0.5  # noqa: PLR2004
    looks = measure(seen.reflectance, clear, seen.days, on if kind is MishapKind.CANOPY else site)
    return _told(looks, raised_on(cause, looks, float(site.sum()) * RESOLUTION_M**2), mishap)


def _told(looks: Looks, raised: Flags, mishap: Mishap) -> Told:
    told = np.isfinite(looks.values)
    during = told & (looks.days >= mishap.since) & (looks.days < mishap.until)
    before = told & (looks.days < mishap.since)
    when = looks.days[during & raised]
    after = float((when[0] - mishap.since) / np.timedelta64(1, "D")) if len(when) else float("nan")
    area = float(looks.values[during].max()) / mishap.area_m2 if during.any() else float("nan")
    return Told(after, bool(during.any()), area, int((before & raised).sum()), int(before.sum()))


def outside_case(seed: int, *, cut: bool) -> tuple[float, float]:
    """True area outside the border at the end, and area told, m2."""
    rng = np.random.default_rng([seed, 14])
    start = np.datetime64("2022-10-01")
    ground = draw_ground(rng, SIZE_PX, passes(date(2022, 4, 1), date(2024, 1, 10)), REGIONS[seed % len(REGIONS)])
    works = draw_solar(rng, SIZE_PX, start)
    seen = see_ground(rng, ground, build_solar(rng, ground, works))
    inside = _cut(works) if cut else works.inside
    looks = solar_looks(solar_evidence(SolarImages(seen.days, seen.reflectance, seen.scl, inside, start)))
    outside = looks[SiteMeasure.PANELS_OUTSIDE].values
    truth = float((works.rows_on(seen.days[-1]) * (inside == 0)).sum()) * RESOLUTION_M**2
    return truth, float(outside[np.isfinite(outside)][-1])


def _cut(works: SolarWorks) -> npt.NDArray[np.floating]:
    """The border without what lies right of two thirds of it."""
    columns = np.flatnonzero((works.inside > 0).any(axis=0))
    inside = works.inside.copy()
    inside[:, columns[0] + 2 * len(columns) // 3 :] = 0.0
    return inside


def figures(first_seed: int, cases: int) -> Iterator[tuple[str, float]]:
    """What is printed."""
    for name, kind, rows in KINDS:
        told = [mishap_case(first_seed + number, kind, rows=rows) for number in range(cases)]
        seen = [one for one in told if one.shown]
        days = np.array([one.after_days for one in seen])
        yield f"{name}: seen while it lasts", float(len(seen))
        yield f"{name}: told, of these", float(np.isfinite(days).mean())
        yield f"{name}: median days until told", float(np.nanmedian(days)) if np.isfinite(days).any() else np.nan
        yield f"{name}: measured over true area, median", float(np.nanmedian([one.area for one in seen]))
        yield f"{name}: false looks", float(sum(one.false for one in told))
        yield f"{name}: looks before", float(sum(one.looks for one in told))
        yield f"{name}: sites with a false look", float(sum(one.false > 0 for one in told))
    for cut in (True, False):
        ends = [outside_case(first_seed + number, cut=cut) for number in range(cases)]
        name = "panels outside" if cut else "no panels outside"
        yield f"{name}: sites that are told", float(sum(area > 0 for _, area in ends))
        if cut:
            yield f"{name}: told over true area, median", float(np.median([area / truth for truth, area in ends]))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = dict(figures(given.first_seed, given.cases))
    print(json.dumps(found) if given.json else "\n".join(f"{name:48s} {value:.4g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
