"""From a set in memory to the description of its layer."""

from __future__ import annotations

import numpy as np

from app.api.parcels.schemas import Cells, Column, NumberedParcel, Outlines, ParcelLayer, Value
from app.maplayers.facts import Fact, values_of
from app.maplayers.outlines import LAYER, MAX_ZOOM, MIN_ZOOM, NUMBER
from app.maplayers.overview import Overview
from app.maplayers.parcelset import ParcelSet
from app.maplayers.shelf import Held

PREFIX = "/api/v1/parcel-layer"


def layer_answer(held: Held, *, made: bool) -> ParcelLayer:
    """The layer of a set; made tells whether its outlines are there."""
    parcels = held.parcels
    return ParcelLayer(
        set=parcels.content_hash,
        parcels=len(parcels),
        without_outline=len(parcels) - int(np.count_nonzero(parcels.drawn)),
        bounds=parcels.box,
        outlines=_outlines(parcels) if made else None,
        cells=None if held.overview is None else _cells(held.overview),
        columns=[_column(parcels, fact) for fact in Fact],
    )


def parcel_answer(parcels: ParcelSet, number: int) -> NumberedParcel:
    """A parcel of a set; InputError PARCEL_UNKNOWN where the set has no such number."""
    name = parcels.name(number)
    west, south, east, north = map(float, parcels.boxes[number])
    bounds = (west, south, east, north) if parcels.drawn[number] else None
    return NumberedParcel(number=number, parcel_id=name, bounds=bounds)


def _outlines(parcels: ParcelSet) -> Outlines:
    url = f"{PREFIX}/{parcels.content_hash}/outlines/{{z}}/{{x}}/{{y}}.mvt"
    return Outlines(url=url, layer=LAYER, number=NUMBER, min_zoom=MIN_ZOOM, max_zoom=MAX_ZOOM)


def _cells(overview: Overview) -> Cells:
    return Cells(bounds=overview.bounds, width=overview.width, height=overview.height)


def _column(parcels: ParcelSet, fact: Fact) -> Column:
    url = f"{PREFIX}/{parcels.content_hash}/columns/{fact.value}"
    values = [Value(value=value, key=key) for value, key in values_of(fact).items()]
    return Column(fact=fact, url=url, cells_url=f"{url}/cells", values=values)
