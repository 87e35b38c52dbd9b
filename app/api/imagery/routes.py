"""The addresses of imagery: a list, and squares that are named by the content of their raster."""

from __future__ import annotations

import os
import warnings
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Path, Request, Response
from rasterio.errors import NotGeoreferencedWarning

from app.api.caching import cache_headers, not_modified
from app.api.imagery.answers import PREFIX, run_imagery
from app.api.imagery.schemas import Imagery
from app.api.parcels.reach import Reached
from app.api.schemas import Problem
from app.maplayers.imagery import HASH_CHARACTERS, ImageryShelf
from app.maplayers.rasters import Form
from geo.errors import InputError

_DEEPEST: Final = 24
#: Decoded blocks in memory, MiB, where the environment says nothing else.
_BLOCKS_MIB: Final = "256"

imagery = APIRouter(prefix=PREFIX, responses={status: {"model": Problem} for status in (401, 403, 404, 422, 500)})


def keep_imagery(app: FastAPI, shelf: ImageryShelf) -> None:
    """Give an application what imagery is answered from."""
    # rio-tiler silences this for each picture, but in a way that threads undo for one another.
    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)
    # GDAL keeps decoded blocks of open rasters, by default up to a twentieth of the machine's memory.
    os.environ.setdefault("GDAL_CACHEMAX", _BLOCKS_MIB)
    app.state.imagery_shelf = shelf


@imagery.get("")
def show_imagery(request: Request, reach: Reached) -> Imagery:
    """Runs in which the person has parcels, and their rasters."""
    return Imagery(runs=[run_imagery(*each) for each in _shelf(request).seen(reach.unit)])


@imagery.get(
    "/{content_hash}/{layer}/{z}/{x}/{y}.{form}",
    responses={200: {"content": {"image/png": {}, "image/webp": {}}}, 204: {}},
    response_class=Response,
)
def show_square(
    request: Request,
    reach: Reached,
    content_hash: Annotated[str, Path(pattern=f"^[0-9a-f]{{{HASH_CHARACTERS}}}$", description="Of the raster.")],
    layer: Annotated[str, Path(pattern="^[a-z_-]{1,20}$")],
    *,
    z: Annotated[int, Path(ge=0, le=_DEEPEST)],
    x: Annotated[int, Path(ge=0, lt=2**_DEEPEST)],
    y: Annotated[int, Path(ge=0, lt=2**_DEEPEST)],
    form: Form,
) -> Response:
    """One square of 512 px; 204 where nothing is seen."""
    shelf = _shelf(request)
    raster = shelf.raster(reach.unit, content_hash, layer)
    if raster.form is not form:
        raise InputError("LAYER_UNKNOWN", f"That layer is not given as {form}.", f"Ask for {raster.form}.")
    headers = cache_headers(content_hash, asked=content_hash)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    picture = shelf.square(raster, (x, y, z))
    if picture is None:
        return Response(status_code=204, headers=headers)
    return Response(picture, media_type=f"image/{form}", headers=headers)


# A plain function rather than a dependency: that would be a further hop to another thread.
def _shelf(request: Request) -> ImageryShelf:
    shelf: ImageryShelf = request.app.state.imagery_shelf
    return shelf
