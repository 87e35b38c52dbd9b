"""Mishaps on simulated built sites: how often they are told, how soon, and how often where nothing happened.

    python benchmarks/site_operation.py [--cases 60] [--first-seed 5000] [--kinds 'built near' ...] [--json]

Two years of passes every five days with clouds over land of three regions. On rows of panels, between which grass grows
unevenly and is mown block by block, and (water, fire) on open ground, which is fields through their rotations: a canopy
grows over a patch in the second summer, water stands for 15 to 50 days, a patch burns. Told is a finding of
scoring.sites.operation at its default limits, from looks while it lasts; false is a finding from a look before.
`--cover` sets what part of a pixel rows hide. `near`: a yard of gravel or a hall of 0.25 to 2 ha on a field near the
site, in the third year. `outside`: the border leaves out a part of the rows, which then lie outside; or none does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from geo.bands import RESOLUTION_M
from geo.sites import SiteMeasure
from models.sites.ground import shows_ground
from models.sites.looks import Looks
from models.sites.near import built_near_looks
from models.sites.operation import operation_measures
from models.sites.solar import SolarImages, solar_evidence, solar_looks
from scoring.sites.operation import MEASURES, SiteAreas, SiteCause, operation_findings
from tiles.simulation.sites.frame import Ground, draw_ground, passes, see_ground
from tiles.simulation.sites.mishaps import Mishap, MishapKind, befall, draw_mishap, happening
from tiles.simulation.sites.solar import SolarWorks, build_solar, draw_solar
from tiles.simulation.sites.surfaces import site_surfaces
from tiles.simulation.sites.upkeep import kept_ground

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

REGIONS = ("huanghuai", "europe", "north_india")
SIZE_PX = 64
#: Works are over so many days before the first look.
BUILT_BEFORE = 700
CAUSES = {
    MishapKind.CANOPY: SiteCause.CANOPY,
    MishapKind.WATER: SiteCause.WATER,
    MishapKind.BURNT: SiteCause.FIRE,
}
KINDS = (
    ("canopy on rows", MishapKind.CANOPY, True),
    ("water on rows", MishapKind.WATER, True),
    ("water on open ground", MishapKind.WATER, False),
    ("fire on rows", MishapKind.BURNT, True),
    ("fire on open ground", MishapKind.BURNT, False),
)
ALL = (*(name for name, *_ in KINDS), "built near", "panels outside", "no panels outside")
#: Ground next to a border that belongs to neither side.
APART_PX = 3


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


def mishap_case(seed: int, kind: MishapKind, *, rows: bool, cover: float | None = None) -> Told:
    """A built site on which something happens in the second year."""
    rng = np.random.default_rng([seed, 13])
    first = date(2022, 1, 1)
    ground = draw_ground(rng, SIZE_PX, passes(first, date(2023, 12, 20)), REGIONS[seed % len(REGIONS)])
    works = draw_solar(rng, SIZE_PX, ground.days[0] - BUILT_BEFORE)
    works = works if cover is None else replace(works, cover=cover)
    site = works.inside > 0.5  # noqa: PLR2004
    on = works.rows_on(ground.days[0]) > 0.5 if rows else site  # noqa: PLR2004
    since = np.datetime64("2023-05-01") + int(rng.integers(0, 90))
    mishap = draw_mishap(rng, kind, np.asarray(on), since)
    seen = see_ground(rng, ground, _befallen(rng, ground, works if rows else None, mishap))
    clear = shows_ground(seen.reflectance, seen.scl)
    under = np.asarray(on) if rows else np.zeros_like(site)
    looks = operation_measures(seen.reflectance, clear, seen.days, site, under)[MEASURES[CAUSES[kind]]]
    return _told(looks, raised_on(CAUSES[kind], looks, float(site.sum()) * RESOLUTION_M**2), mishap)


def _befallen(rng: np.random.Generator, ground: Ground, works: SolarWorks | None, mishap: Mishap) -> Floats:
    """(t, b, y, x) rows, or fields, with a mishap: canopy closes over rows, water and fire lie between them."""
    if works is None:
        return befall(rng, ground.clear, ground.days, mishap)
    keep = kept_ground(rng, ground, works)
    if mishap.kind is MishapKind.CANOPY:
        return befall(rng, build_solar(rng, ground, works, keep), ground.days, mishap)
    happen = happening(rng, mishap, ground.days)

    def below(time: int, image: Floats) -> None:
        keep(time, image)
        happen(time, image)

    return build_solar(rng, ground, works, below)


def near_case(seed: int, *, built: bool) -> Told:
    """A yard or a hall that is built on a field near a site in the third year, or nothing."""
    rng = np.random.default_rng([seed, 15])
    ground = draw_ground(rng, SIZE_PX, passes(date(2021, 1, 1), date(2023, 12, 20)), REGIONS[seed % len(REGIONS)])
    since = np.datetime64("2023-01-15") + int(rng.integers(0, 200))
    site = draw_solar(rng, SIZE_PX, ground.days[0]).inside > 0.5  # noqa: PLR2004
    around = ~ndimage.binary_dilation(site, iterations=APART_PX)
    yard = _yard(rng, around)
    surface = site_surfaces()["surface"][str(rng.choice(["gravel", "gravel", "roof"]))]
    spectrum = np.asarray(surface * np.exp(rng.normal(0.0, 0.08)), dtype=np.float32)
    image = ground.clear.astype(np.float32)
    if built:
        later = ground.days >= since
        image[later] += yard * (spectrum[:, None, None] - image[later])
    seen = see_ground(rng, ground, image)
    looks = built_near_looks(seen.reflectance, shows_ground(seen.reflectance, seen.scl), seen.days, around)
    mishap = Mishap(MishapKind.WATER, yard, since if built else ground.days[-1] + 1, ground.days[-1] + 1, 1.0)
    return _told(looks, raised_on(SiteCause.BUILT_NEAR, looks, float(around.sum()) * RESOLUTION_M**2), mishap)


def _yard(rng: np.random.Generator, around: Flags) -> Floats:
    """(y, x) share of each pixel under a rectangle on the ground around."""
    while True:
        height, width = rng.uniform(5.0, 14.0, 2)
        row, column = rng.uniform(0.0, SIZE_PX - np.array([height, width]))
        y, x = np.mgrid[:SIZE_PX, :SIZE_PX]
        rows = np.clip(np.minimum(y + 1, row + height) - np.maximum(y, row), 0.0, 1.0)
        columns = np.clip(np.minimum(x + 1, column + width) - np.maximum(x, column), 0.0, 1.0)
        yard = np.asarray(rows * columns, dtype=np.float32)
        if around[yard > 0].all():
            return yard


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


def figures(first_seed: int, cases: int, kinds: Collection[str], cover: float | None) -> Iterator[tuple[str, float]]:
    """What is printed."""
    seeds = range(first_seed, first_seed + cases)
    for name, kind, rows in KINDS:
        if name in kinds:
            yield from _figures_of(name, [mishap_case(seed, kind, rows=rows, cover=cover) for seed in seeds])
    if "built near" in kinds:
        yield from _figures_of("built near", [near_case(seed, built=True) for seed in seeds])
        quiet = [near_case(seed, built=False) for seed in seeds]
        yield "nothing built near: sites with a false look", float(sum(one.false > 0 for one in quiet))
        yield "nothing built near: looks", float(sum(one.looks for one in quiet))
    for cut in (True, False):
        name = "panels outside" if cut else "no panels outside"
        if name in kinds:
            ends = [outside_case(seed, cut=cut) for seed in seeds]
            yield f"{name}: sites that are told", float(sum(area > 0 for _, area in ends))
            if cut:
                yield f"{name}: told over true area, median", float(np.median([area / truth for truth, area in ends]))


def _figures_of(name: str, told: Sequence[Told]) -> Iterator[tuple[str, float]]:
    seen = [one for one in told if one.shown]
    days = np.array([one.after_days for one in seen])
    yield f"{name}: seen while it lasts", float(len(seen))
    yield f"{name}: told, of these", float(np.isfinite(days).mean())
    yield f"{name}: median days until told", float(np.nanmedian(days)) if np.isfinite(days).any() else np.nan
    yield f"{name}: measured over true area, median", float(np.nanmedian([one.area for one in seen]))
    yield f"{name}: false looks", float(sum(one.false for one in told))
    yield f"{name}: looks before", float(sum(one.looks for one in told))
    yield f"{name}: sites with a false look", float(sum(one.false > 0 for one in told))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=5000)
    parser.add_argument("--kinds", nargs="+", choices=ALL, default=ALL)
    parser.add_argument("--cover", type=float, default=None)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = dict(figures(given.first_seed, given.cases, given.kinds, given.cover))
    print(json.dumps(found) if given.json else "\n".join(f"{name:48s} {value:.4g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
