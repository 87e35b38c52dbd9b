"""Crop calendars by region: when a stand greens, flowers, ripens and is cut."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from geo.errors import InputError
from tiles.simulation.spectra import read_table

DEFAULT_REGION: Final = "huanghuai"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of green cover; days count from 1 January of the harvest year.

    Attributes:
        rise: day of half cover on the way up.
        rise_days: length of the climb (5 % to 95 %).
        fall: day of half cover on the way down.
        fall_days: length of the decline.
        cover: green cover of a well grown stand, 0 to 1.
    """

    rise: float
    rise_days: float
    fall: float
    fall_days: float
    cover: float


@dataclass(frozen=True, slots=True)
class Flower:
    """Days of flowering, the share of the canopy that flowers hide, and the name of their spectrum."""

    first: float
    last: float
    share: float
    kind: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """How one crop runs through the year in one region.

    Attributes:
        crop: legend key.
        phases: stretches of green cover.
        spread_days: standard deviation between parcels.
        harvest: day of the cut; None where nothing is cut.
        residue: cover of stubble and straw left behind, 0 to 1.
        material: spectrum of its dry matter.
        ground: what lies beneath: soil, water, built, plastic.
        canopy: spectrum of its closed canopy.
        evergreen: green cover all the year round.
        flower: None where flowers do not show from above.
        flood: first and last day of standing water, None on dry land.
        cuts: days of mowing.
        weight: share among the calendars of the same crop and region.
    """

    crop: str
    phases: tuple[Phase, ...]
    spread_days: float
    harvest: float | None
    residue: float
    material: str
    ground: str
    canopy: str
    evergreen: float
    flower: Flower | None
    flood: tuple[float, float] | None
    cuts: tuple[float, ...]
    weight: float

    @property
    def size(self) -> float:
        """Green cover times days of a well grown stand: the larger of two cycles is the main one."""
        return sum(phase.cover * (phase.fall - phase.rise) for phase in self.phases)


Rotation = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """Calendars, rotations and weather of one farming region.

    Attributes:
        name: "huanghuai", "europe", "north_india".
        lon: degrees east of its centre.
        lat: degrees north of its centre.
        cloud: mean cloud share by month, 0 to 1.
        rain: chance of rain on a day by month, 0 to 1.
        rotations: crops of one year in order.
        weights: share of each rotation, adds up to 1.
        calendars: by legend key; several where a crop has several forms.
    """

    name: str
    lon: float
    lat: float
    cloud: tuple[float, ...]
    rain: tuple[float, ...]
    rotations: tuple[Rotation, ...]
    weights: tuple[float, ...]
    calendars: dict[str, tuple[Calendar, ...]]

    @property
    def crops(self) -> tuple[str, ...]:
        """Legend keys that this region knows, sorted."""
        return tuple(sorted(self.calendars))

    def pick(self, crop: str, rng: np.random.Generator) -> Calendar:
        """One calendar of a crop, by weight; InputError when the region does not know it."""
        if crop not in self.calendars:
            raise InputError(
                "CROP_NOT_SIMULATED",
                f"The simulated region {self.name!r} has no calendar for {crop!r}.",
                f"It has {', '.join(self.crops)}.",
            )
        forms = self.calendars[crop]
        weights = np.array([form.weight for form in forms])
        return forms[int(rng.choice(len(forms), p=weights / weights.sum()))]

    def main_crop(self, rotation: Rotation) -> int:
        """Position of the main crop of a rotation: the one with the most green cover over the most days."""
        return int(np.argmax([self.calendars[crop][0].size for crop in rotation]))


@cache
def load_region(name: str = DEFAULT_REGION) -> Region:
    """A region of tiles/simulation/data/calendars.toml; InputError when there is none of that name."""
    table = read_table("calendars.toml")
    if name not in table["region"]:
        raise InputError(
            "REGION_UNKNOWN", f"There is no simulated region {name!r}.", f"Known: {list(table['region'])}."
        )
    row = table["region"][name]
    weights = np.array([entry["weight"] for entry in row["rotations"]])
    return Region(
        name=name,
        lon=row["lon"],
        lat=row["lat"],
        cloud=tuple(row["cloud"]),
        rain=tuple(row["rain"]),
        rotations=tuple(tuple(entry["crops"]) for entry in row["rotations"]),
        weights=tuple((weights / weights.sum()).tolist()),
        calendars=_by_crop([entry for entry in table["calendar"] if entry["region"] == name]),
    )


def _by_crop(rows: list[dict[str, Any]]) -> dict[str, tuple[Calendar, ...]]:
    calendars: dict[str, tuple[Calendar, ...]] = {}
    for row in rows:
        calendar = _calendar(row)
        calendars[calendar.crop] = (*calendars.get(calendar.crop, ()), calendar)
    return calendars


def _calendar(row: dict[str, Any]) -> Calendar:
    return Calendar(
        crop=row["crop"],
        phases=tuple(Phase(**phase) for phase in row["phases"]),
        spread_days=row["spread_days"],
        harvest=row.get("harvest"),
        residue=row["residue"],
        material=row["material"],
        ground=row.get("ground", "soil"),
        canopy=row.get("canopy", row["crop"]),
        evergreen=row.get("evergreen", 0.0),
        flower=Flower(**row["flower"]) if "flower" in row else None,
        flood=tuple(row["flood"]) if "flood" in row else None,
        cuts=tuple(row.get("cuts", ())),
        weight=row.get("weight", 1.0),
    )
