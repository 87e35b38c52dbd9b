"""The model card: what a network was trained on, where it may be believed, and how well it did there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError, model_validator

from geo.errors import DataError
from geo.legend import load_legend
from models.cardtables import Ablation, Accuracy, Decisions, EarlySeason, Month, Part, Share

Origin = Literal["real", "simulated", "real and simulated"]


#: Share of a series' clear steps that must lie in months which its region was seen in.
_KNOWN_STEPS: Final = 0.9


class Region(Part):
    """A place that the training data covers: a box in degrees, with the crops and months seen there.

    Attributes:
        zone: name of the calibration that holds here, "" for that of the whole card.
    """

    name: str
    zone: str = ""
    west: float = Field(ge=-180, le=180)
    south: float = Field(ge=-90, le=90)
    east: float = Field(ge=-180, le=180)
    north: float = Field(ge=-90, le=90)
    simulated: bool
    crops: tuple[str, ...]
    months: tuple[Month, ...]
    note: str = ""

    def covers_season(self, by_month: Sequence[int], last: int | None = None) -> bool:
        """Whether the network knows the times at which a series is clear here.

        A month is known where at least a tenth of the training series are clear in it. The last month seen must be
        known, since it sets what the network may say, and so must be nine in ten of the clear steps: a few others, in a
        winter month that is nearly always cloudy, are no reason to say nothing.

        Args:
            by_month: twelve counts of clear ten-day steps, January first.
            last: last month in which the series is clear, None where that is not asked.
        """
        known = sum(count for month, count in enumerate(by_month, 1) if month in self.months)
        return (last is None or last in self.months) and known >= _KNOWN_STEPS * sum(by_month)

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies inside, borders included."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


class CropFact(Part):
    """How a class was learned."""

    key: str
    origin: Origin
    real_series: int = Field(ge=0)
    simulated_series: int = Field(ge=0)


class DataSource(Part):
    """One source of training data."""

    name: str
    what: str
    origin: Literal["real", "simulated"]
    level: str
    series: int = Field(ge=0)
    blocks: int = Field(ge=0)
    licence: str


class Conformal(Part):
    """Prediction sets: every crop whose probability reaches the threshold (Sadinle, Lei and Wasserman 2019).

    Attributes:
        level: chance with which a set is to hold the right crop.
        threshold: of series that no zone is calibrated for.
        risk: share of decided series that may be wrong.
        calibrated_on: what the figures rest on.
    """

    level: Share
    threshold: Share
    risk: Share = 0.05
    calibrated_on: str


Figures = tuple[tuple[float, ...], ...]


class ZoneCalibration(Part):
    """Temperatures and thresholds of one farming zone by what is known of a series.

    Each table has a row for each month of the main year, January first: the last one in which the series is clear; and
    a column for each class of clear ten-day steps.

    Attributes:
        zone: name.
        units: what was calibrated on.
        series, blocks: how many, over whole seasons.
        clear_steps: least clear steps of each class, rising.
        temperature: what logits are divided by.
        sure: a series whose most likely crop reaches this probability is decided: its set holds that crop alone.
            More than 1 where nothing may be decided.
        threshold: probability from which crops are in the set of a series that is not decided.
        novelty: a series that is more novel (models.novelty) is not decided; None for a release that knows no novelty.
    """

    zone: str
    units: Literal["parcels", "points", "plots"]
    series: int = Field(ge=0)
    blocks: int = Field(ge=0)
    clear_steps: tuple[int, ...] = Field(min_length=1)
    temperature: Figures
    sure: Figures
    threshold: Figures
    novelty: Figures | None = None

    @model_validator(mode="after")
    def _complete(self) -> ZoneCalibration:
        tables = (self.temperature, self.sure, self.threshold, self.novelty or self.sure)
        shapes = {tuple(map(len, table)) for table in tables}
        if shapes != {(len(self.clear_steps),) * 12}:
            raise ValueError("every table of a zone needs 12 months and a column for each class of clear steps")
        return self


class Tiling(Part):
    """How maps are predicted: blocks on a grid that starts at the array's corner, each with a halo."""

    block_px: int = Field(gt=0)
    halo_px: int = Field(ge=0)
    tolerance: float = Field(gt=0)


class NetworkFacts(Part):
    """What the weights need to be loaded into."""

    classes: int = Field(gt=1)
    width: int = Field(gt=0)
    queries: int = Field(gt=0)
    features: int = Field(gt=0)
    kernel: int = Field(gt=0)
    radar: int = Field(default=0, ge=0)
    backbone: str
    decoder: tuple[int, ...]


class ModelCard(Part):
    """Everything that a user of the network must know; `classes` is in channel order."""

    name: str
    version: str
    made_on: date
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    network: NetworkFacts
    classes: tuple[str, ...]
    temperature: float = Field(gt=0)
    conformal: Conformal
    tiling: Tiling
    crops: tuple[CropFact, ...]
    regions: tuple[Region, ...]
    months: tuple[Month, ...]
    data: tuple[DataSource, ...]
    accuracy: tuple[Accuracy, ...]
    accuracy_note: str
    early: tuple[EarlySeason, ...] = ()
    ablation: tuple[Ablation, ...] = ()
    zones: tuple[ZoneCalibration, ...] = ()
    decisions: tuple[Decisions, ...] = ()
    limits: tuple[str, ...]
    commands: tuple[str, ...]

    @model_validator(mode="after")
    def _consistent(self) -> ModelCard:
        unknown = [key for key in self.classes if key not in load_legend()]
        if unknown:
            raise ValueError(f"classes not in the legend: {unknown}")
        if len(set(self.classes)) != len(self.classes) or len(self.classes) != self.network.classes:
            raise ValueError("classes must be distinct and as many as the network has")
        if {fact.key for fact in self.crops} != set(self.classes):
            raise ValueError("every class needs its fact, and only classes")
        if {region.zone for region in self.regions} - {"", *(zone.zone for zone in self.zones)}:
            raise ValueError("the zone of a region is not calibrated")
        return self

    @property
    def hash(self) -> str:
        """SHA-256 of the card's content, which holds that of the weights: changes with either."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def covers(self, lon: float, lat: float, *, simulated: bool = False) -> str | None:
        """Name of the first region that holds a point, None where there is none.

        Args:
            lon: degrees east.
            lat: degrees north.
            simulated: whether the imagery is simulated; simulated regions cover nothing else, and real ones no
                simulated imagery.
        """
        region = self.region_at(lon, lat, simulated=simulated)
        return None if region is None else region.name

    def region_at(self, lon: float, lat: float, *, simulated: bool = False) -> Region | None:
        """The first region that holds a point (see `covers`)."""
        held = (region for region in self.regions if region.simulated == simulated and region.holds(lon, lat))
        return next(held, None)

    def zone(self, name: str) -> ZoneCalibration | None:
        """Calibration of a zone, None where the card has none of that name."""
        return next((zone for zone in self.zones if zone.zone == name), None)

    def crop_covered(self, key: str, region: Region) -> bool:
        """Whether a crop was seen in a region in numbers that count."""
        return key in region.crops


def read_card(path: Path) -> ModelCard:
    """Card from its JSON file; DataError when it is missing or not a card."""
    if not path.is_file():
        raise DataError("MODEL_MISSING", f"The model card {path} is missing.", "Reinstall, or train a model.")
    try:
        return ModelCard.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DataError(
            "MODEL_CARD", f"The model card {path} is not valid: {where}: {first['msg']}.", "Take a whole release."
        ) from error


def write_card(card: ModelCard, path: Path) -> None:
    """Write a card as indented JSON."""
    path.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
