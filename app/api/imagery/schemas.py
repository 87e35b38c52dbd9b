"""What the list of imagery answers."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from app.api.schemas import Answer


class Ramp(Answer):
    """Colours of a layer of numbers: evenly spaced from the value low to the value high."""

    low: float
    high: float
    colours: list[str]


class RasterLayer(Answer):
    """One raster; fill {z}, {x}, {y} into the address. It never changes under its address."""

    layer: str = Field(description="mosaic, crop, crop_prob or vigour of the season; true-colour or ndvi of a date.")
    url: str
    tile_px: int
    max_zoom: int = Field(description="Deepest zoom of squares of tile_px; maps stretch them further.")
    bounds: tuple[float, float, float, float] = Field(description="West, south, east, north in degrees.")
    ramp: Ramp | None = Field(description="null for true colour, and for crops, whose colours the legend has.")


class ClearDate(Answer):
    """A date on which the ground was seen."""

    date: date
    clear_share: float = Field(description="Share of the area of the run's parcels that was clear, 0 to 1.")
    scenes: list[str] = Field(description="Ids in their catalogue.")
    layers: list[RasterLayer]


class RunImagery(Answer):
    """Rasters of a run in which the person has parcels."""

    run_id: str
    season_start: date
    season_end: date
    created_at: datetime
    simulated: bool
    bounds: tuple[float, float, float, float] = Field(description="Of all its rasters: west, south, east, north.")
    layers: list[RasterLayer] = Field(
        description="Of the season; one of each kind for each zone of a run over several."
    )
    dates: list[ClearDate] = Field(description="Ascending; empty while `acreline layers make` made none.")


class Imagery(Answer):
    """Runs with rasters, the newest first."""

    runs: list[RunImagery]
