"""The way down from a limit: its parcels, their pixels and dates, and what the run was made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Cycle:
    """One crop of a parcel in the season.

    Attributes:
        cycle: 1, 2, ...
        crop: legend key of the best guess; None where none fits.
        crop_prob: its probability, 0 to 1; None where there is no guess.
        crop_set: crops that cannot be ruled out.
    """

    cycle: int
    crop: str | None
    crop_prob: float | None
    crop_set: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TilePixels:
    """Pixels of one tile behind a parcel.

    Attributes:
        tile: name.
        pixels: how many have a weight.
        weight: sum of their coverage, in whole pixels.
    """

    tile: str
    pixels: int
    weight: float


@dataclass(frozen=True, slots=True)
class Look:
    """A day on which a parcel was seen clear enough to count.

    Attributes:
        day: solar day.
        clear_share: of the parcel's area, 0 to 1.
        scenes: ids of the scenes of that day; empty where the record does not tell which they were.
        source_hash: of what was read that day.
    """

    day: date
    clear_share: float
    scenes: tuple[str, ...]
    source_hash: str


@dataclass(frozen=True, slots=True)
class ParcelEvidence:
    """What a parcel's figures rest on.

    Attributes:
        parcel_id: the parcel.
        geometry_version: of its outline; None in limits before the season, which do not record it.
        season_id: the season.
        status: see geo.status.
        crop: legend key of the best guess, decided only where the status is OK; before the season the planned crop.
        crop_prob: its probability, 0 to 1.
        crop_set: crops that cannot be ruled out.
        declared_crop: as stated; None where it was not.
        area_ha: geodesic area of the outline.
        clear_dates: days that counted.
        cycles: crops of the season.
        tiles: pixels by tile.
        looks: days that counted, by date.
    """

    parcel_id: str
    geometry_version: str | None
    season_id: str
    status: str
    crop: str | None
    crop_prob: float | None
    crop_set: tuple[str, ...]
    declared_crop: str | None
    area_ha: float
    clear_dates: int
    cycles: tuple[Cycle, ...]
    tiles: tuple[TilePixels, ...]
    looks: tuple[Look, ...]

    @property
    def pixels(self) -> int:
        """Pixels with a weight, over all tiles."""
        return sum(tile.pixels for tile in self.tiles)

    @property
    def weight(self) -> float:
        """Sum of their coverage, in whole pixels."""
        return sum(tile.weight for tile in self.tiles)


@dataclass(frozen=True, slots=True)
class Mask:
    """How clouds were left out.

    Attributes:
        masking: parameters of the cloud mask.
        clear_share: least clear share of a parcel's area on a day that counts.
        least_clear_dates: fewer make a parcel CLOUDY.
    """

    masking: Mapping[str, Any]
    clear_share: float
    least_clear_dates: int


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run of an earlier season that limits before the season rest on.

    Attributes:
        run_id: name of the run.
        season_id: its season.
    """

    run_id: str
    season_id: str


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """What all figures of a run, or of limits before the season, rest on.

    Attributes:
        run_id: name of the run; None for limits before the season.
        plan: hash of the plan file of limits before the season; None for a run.
        created_on: day on which the run ended, UTC; None where that is not recorded.
        code_version: of Acreline; None where that is not recorded.
        simulated: the imagery is not real.
        season_id: the season.
        mask: how clouds were left out; None where no imagery of the season was read.
        model_hash: of the network; None where none was used.
        policy_id: policy pack.
        policy_version: its version.
        policy_hash: its content hash.
        policy_in_force: whether it held on the day of the run; None where the run does not say.
        earlier: runs of earlier seasons that limits before the season rest on.
    """

    run_id: str | None
    plan: str | None
    created_on: date | None
    code_version: str | None
    simulated: bool
    season_id: str
    mask: Mask | None
    model_hash: str | None
    policy_id: str
    policy_version: str
    policy_hash: str
    policy_in_force: bool | None
    earlier: tuple[EarlierRun, ...]


@dataclass(frozen=True, slots=True)
class SceneUsed:
    """A scene of the run.

    Attributes:
        id: in its catalogue.
        baseline: processing baseline; empty where none is stated.
        hash: of what was read.
    """

    id: str
    baseline: str
    hash: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The way down from a limit.

    Attributes:
        run: what all figures of the run rest on.
        parcels: those of the subject.
        scenes: those of the days that counted, by id.
        scenes_of_run: how many scenes the run read.
    """

    run: RunEvidence
    parcels: tuple[ParcelEvidence, ...]
    scenes: tuple[SceneUsed, ...]
    scenes_of_run: int

    @property
    def days(self) -> tuple[date, ...]:
        """Days that counted for any of the parcels, by date."""
        return tuple(sorted({look.day for parcel in self.parcels for look in parcel.looks}))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; dates are ISO."""
        parcels = [asdict(each) | {"pixels": each.pixels, "weight": each.weight} for each in self.parcels]
        said = {"run": asdict(self.run), "parcels": parcels, "scenes": [asdict(scene) for scene in self.scenes]}
        return {**_plain(said), "scenes_of_run": self.scenes_of_run}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
