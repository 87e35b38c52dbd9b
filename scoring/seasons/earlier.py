"""What earlier seasons showed of each parcel: the evidence that a limit before the season rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.errors import InputError
from geo.season import Season, parse_season
from geo.status import Status
from scoring.crop_lines import Bools, plain_texts

#: Covers that are no crop. Grass, orchards and ponds are uses of land; whether they are financed is the pack's to say.
UNCROPPED: Final = ("fallow", "forest", "built", "water")

_PARCEL_COLUMNS: Final = (
    "parcel_id", "geometry_version", "season_id", "decided", "cropped", "crop", "cropped_area_ha", "area_error_ha",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Earlier:
    """Evidence of one or more seasons.

    Attributes:
        parcels: one row per parcel and season: parcel_id, geometry_version, season_id, decided (its crop was told),
            cropped (that was a crop), crop (legend key, None where not decided), cropped_area_ha (NaN where not
            cropped), area_error_ha (half-width of its interval, NaN where unknown). Latest season last.
        crops: one row per parcel, season and crop that was seen for certain: parcel_id, season_id, crop.
    """

    parcels: pd.DataFrame
    crops: pd.DataFrame

    @property
    def seasons(self) -> tuple[str, ...]:
        """Ids of the seasons, earliest first."""
        return tuple(self.parcels.season_id.unique())


@dataclass(frozen=True, slots=True)
class Feeds:
    """What evidence gives the next season's limits.

    Attributes:
        seasons: ids of the seasons, earliest first.
        parcels: parcels in any of them.
        by_seasons_decided: number of parcels by the number of seasons in which they were decided, 0 first.
        with_area: parcels whose cropped area was seen.
        never_cropped: parcels that were decided and never showed a crop.
    """

    seasons: tuple[str, ...]
    parcels: int
    by_seasons_decided: tuple[int, ...]
    with_area: int
    never_cropped: int


def earlier_season(parcels: pd.DataFrame, seasons: pd.DataFrame) -> Earlier:
    """Evidence of one finished season.

    Args:
        parcels: geo.observations.PARCELS, and area_error_ha (hectares) where it is known.
        seasons: geo.observations.SEASONS; a cycle counts where its crop set holds its crop alone.
    """
    season_id = parcels.season_id.iloc[0] if len(parcels) else None
    decided = (parcels.status == str(Status.OK)) & parcels.crop.notna()
    columns = ["parcel_id", "season_id", "crop"]
    certain = seasons.loc[is_certain(seasons) & (seasons.season_id == season_id), columns]
    row = ids_of(parcels.parcel_id).get_indexer(ids_of(certain.parcel_id))
    counts = (row >= 0) & decided.to_numpy()[row]
    crops = pd.concat([parcels.loc[decided, columns], certain[counts]], ignore_index=True)
    crops = crops.drop_duplicates(ignore_index=True)
    cropped = np.array(decided & ~parcels.crop.isin(UNCROPPED))
    cropped[row[counts & ~certain.crop.isin(UNCROPPED).to_numpy()]] = True
    area_ha = parcels.cropped_area_ha.astype(float).fillna(parcels.area_ha)
    table = parcels.assign(
        decided=decided,
        cropped=cropped,
        crop=pd.Series(plain_texts(parcels.crop), index=parcels.index, dtype=object).where(decided, None),
        cropped_area_ha=area_ha.where(cropped),
        area_error_ha=parcels.area_error_ha.astype(float) if "area_error_ha" in parcels else np.nan,
    )
    return Earlier(table[[*_PARCEL_COLUMNS]].reset_index(drop=True), crops)


def join_seasons(seasons: Sequence[Earlier]) -> Earlier:
    """Evidence of several seasons, in the order of their first days.

    Raises:
        InputError: no season, or one of them twice.
    """
    if not seasons:
        raise InputError("EARLIER_NONE", "No earlier season is given.", "Name at least one finished run.")
    ids = [name for each in seasons for name in each.seasons]
    for name in ids:
        if ids.count(name) > 1:
            said = f"The season {name} is given twice."
            raise InputError("EARLIER_TWICE", said, "Name one run per season: the one that saw all of it.")
    parcels = pd.concat([each.parcels for each in seasons], ignore_index=True)
    order = parcels.season_id.map({name: parse_season(name) for name in ids}.get)
    place = order.map({season: at for at, season in enumerate(sorted(set(order)))}.get)
    crops = pd.concat([each.crops for each in seasons], ignore_index=True)
    return Earlier(parcels.loc[place.sort_values(kind="stable").index].reset_index(drop=True), crops)


def feeds(earlier: Earlier) -> Feeds:
    """What evidence gives the next season's limits, in numbers of parcels."""
    by_parcel = earlier.parcels.groupby("parcel_id")[["decided", "cropped"]].sum()
    counts = np.bincount(by_parcel.decided.to_numpy(dtype=np.int64), minlength=len(earlier.seasons) + 1)
    return Feeds(
        seasons=earlier.seasons,
        parcels=len(by_parcel),
        by_seasons_decided=tuple(counts.tolist()),
        with_area=int((by_parcel.cropped > 0).sum()),
        never_cropped=int(((by_parcel.decided > 0) & (by_parcel.cropped == 0)).sum()),
    )


def check_before(earlier: Earlier, season: Season) -> None:
    """Refuse evidence that is not of an earlier season.

    Raises:
        InputError: a season begins no earlier than the coming one.
    """
    for name in earlier.seasons:
        if parse_season(name).start >= season.start:
            said = f"The season {name} does not begin before the coming season {season.id}."
            raise InputError("EARLIER_SEASON", said, "Name runs of earlier seasons.")


def of_outlines(earlier: Earlier, book: pd.DataFrame) -> Earlier:
    """The evidence that was taken of the very outlines of a book (parcel_id, geometry_version)."""
    versions = book[["parcel_id", "geometry_version"]]
    kept = earlier.parcels.merge(versions, on=["parcel_id", "geometry_version"], how="inner")
    pairs = kept[["parcel_id", "season_id"]]
    return Earlier(kept, earlier.crops.merge(pairs, on=["parcel_id", "season_id"], how="inner"))


def ids_of(column: pd.Series[str]) -> pd.Index[str]:
    """Ids as objects, which are looked up by hash; Arrow text is turned into objects anew at every look-up."""
    return pd.Index(plain_texts(column), dtype=object)


def is_certain(seasons: pd.DataFrame) -> pd.Series[bool]:
    """Whether each cycle's crop set (geo.observations.SEASONS) holds its crop alone."""
    sets = pa.array(seasons.crop_set.to_numpy(dtype=object), pa.list_(pa.string()), from_pandas=True)
    alone: Bools = pc.fill_null(pc.equal(pc.list_value_length(sets), 1), fill_value=False).to_numpy(
        zero_copy_only=False
    )
    return seasons.crop.notna() & pd.Series(alone, index=seasons.index)
