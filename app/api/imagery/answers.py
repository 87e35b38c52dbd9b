"""From rasters on disk to the list of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.api.imagery.schemas import ClearDate, Ramp, RasterLayer, RunImagery
from app.maplayers.colours import GREEN_STOPS, NDVI_SHOWN, PROB_STOPS
from app.maplayers.dated import BLOCK_PX
from app.maplayers.imagery import Imagery, Raster, ShownRun
from app.maplayers.rasters import Bounds

PREFIX: Final = "/api/v1/imagery"

_PERCENT: Final = (0.0, 100.0)
_RAMPS: Final = {
    "vigour": (_PERCENT, GREEN_STOPS),
    "crop_prob": (_PERCENT, PROB_STOPS),
    "ndvi": (NDVI_SHOWN, GREEN_STOPS),
}


def run_imagery(run: ShownRun, imagery: Imagery) -> RunImagery:
    """A run and where its rasters are."""
    return RunImagery(
        run_id=run.run_id,
        season_start=run.season_start,
        season_end=run.season_end,
        created_at=run.created_at,
        simulated=run.simulated,
        bounds=_around(raster.bounds for raster in imagery.by_hash.values()),
        layers=[_layer(raster) for raster in imagery.pictures],
        dates=[
            ClearDate(
                date=day.dated.day,
                clear_share=day.dated.clear_share,
                scenes=list(day.dated.scenes),
                layers=[_layer(raster) for raster in day.rasters],
            )
            for day in imagery.days
        ],
    )


def _layer(raster: Raster) -> RasterLayer:
    ramp = _RAMPS.get(raster.layer)
    return RasterLayer(
        layer=raster.layer,
        url=f"{PREFIX}/{raster.content_hash}/{raster.layer}/{{z}}/{{x}}/{{y}}.{raster.form}",
        tile_px=BLOCK_PX,
        max_zoom=raster.max_zoom,
        bounds=raster.bounds,
        ramp=None if ramp is None else Ramp(low=ramp[0][0], high=ramp[0][1], colours=list(ramp[1])),
    )


def _around(boxes: Iterable[Bounds]) -> Bounds:
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)
