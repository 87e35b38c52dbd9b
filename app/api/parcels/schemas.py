"""What the layer of parcels answers."""

from __future__ import annotations

from pydantic import Field

from app.api.schemas import Answer
from app.maplayers.facts import Fact


class Outlines(Answer):
    """Vector tiles; fill {z}, {x}, {y} into the address. They never change under it."""

    url: str
    layer: str = Field(description="Layer inside them.")
    number: str = Field(description="Property that holds the number of a parcel.")
    min_zoom: int = Field(description="Shallowest zoom, for squares of 512 px; the overview stands in before it.")
    max_zoom: int = Field(description="Deepest zoom; maps stretch it further.")


class Cells(Answer):
    """The overview: cells of equal size in Web Mercator, row by row from the north-west corner of the bounds."""

    bounds: tuple[float, float, float, float] = Field(description="West, south, east, north in degrees.")
    width: int
    height: int


class Value(Answer):
    """Name of a byte of a fact."""

    value: int
    key: str


class Column(Answer):
    """A fact that parcels are coloured by: one byte per parcel, in the order of their numbers; 255 is not known.

    alert: the highest level of live alerts; 0 is a watched parcel without any. crop: the best guess, decided only where
    the status is OK. status: whether it is decided, and if not, why. vigour: 0 to 100. limit: the change that waits for
    a decision, in percent of what was decided last plus 100 (100 is no change, 200 doubled or more); 254 is an amount
    where none stood.
    """

    fact: Fact
    url: str
    cells_url: str = Field(description="The same by cell of the overview.")
    values: list[Value] = Field(description="Names of the bytes; empty for facts that are numbers.")


class ParcelLayer(Answer):
    """What a map needs to show all parcels that the person reaches."""

    set: str = Field(description="Content hash of parcels and outlines: part of every address below.")
    parcels: int
    without_outline: int
    bounds: tuple[float, float, float, float] | None = Field(description="West, south, east, north in degrees.")
    outlines: Outlines | None = Field(description="null while those of this set are not made.")
    cells: Cells | None = Field(description="null where no parcel has an outline.")
    columns: list[Column]


class NumberedParcel(Answer):
    """A parcel by its number in the set."""

    number: int
    parcel_id: str
    bounds: tuple[float, float, float, float] | None = Field(description="null where it has no outline.")
