"""Parcels of a season beside their labels, and figures of any part of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from app.jobs.labels import ParcelLabels
from geo.parcels import ParcelBook
from geo.status import Status
from models.evaluation.parcelreport import Figures, Judged, figures_of, plain
from models.labels import LabelMap

#: Crops that the figures of common fields are about, and the area from which fields count for them, hectares.
MAIN_CROPS: Final = frozenset(("wheat", "barley", "maize", "grass"))
MAIN_AREA_HA: Final = 0.4

#: What parcels are grouped by.
GROUPINGS: Final = ("size", "crop", "clear dates")

#: Clear dates at which the groups by cloud begin.
_CLEAR_DATES: Final = (0, 10, 20)

#: Squares that intervals are drawn over, in kilometres, and how many there must be; with fewer, parcels are drawn.
_BLOCK_KM: Final = 1.0
_LEAST_BLOCKS: Final = 10
_SEED: Final = 7

#: Length of a degree of latitude.
_DEGREE_KM: Final = 111.2

STRANGERS: Final = "strangers"


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the scored parcels.

    Attributes:
        by: "size", "crop" or "clear dates".
        name: of the group; crops go by the names of the label map.
        figures: of its parcels.
    """

    by: str
    name: str
    figures: Figures

    def as_dict(self) -> dict[str, object]:
        """Plain values."""
        return {"group": self.name, **short(self.figures)}


def short(figures: Figures) -> dict[str, object]:
    """The figures that every group is given."""
    of_all = figures.everything
    return {
        "parcels": of_all.parcels,
        "accuracy": plain(figures.accuracy),
        "coverage": plain(figures.coverage),
        "share_decided": plain(of_all.share_decided),
        "right_of_decided": plain(of_all.right_of_decided),
        "share_decided_wrong": plain(of_all.share_decided_wrong),
    }


@dataclass(frozen=True, slots=True)
class Scored:
    """Labelled parcels.

    Attributes:
        table: one row each: label, name (what it means, None for a stranger), crop (best guess or None), crop_set,
            status, area_ha, clear_dates, lon, lat.
        label_map: what labels mean.
    """

    table: pd.DataFrame
    label_map: LabelMap

    @classmethod
    def of(cls, parcels: pd.DataFrame, book: ParcelBook, labels: ParcelLabels) -> Scored:
        """The parcels that have a label.

        Args:
            parcels: parcels.parquet of a run, in the book's order.
            book: outlines.
            labels: in the same order.
        """
        middle = gpd.GeoSeries(book.frame.geometry).representative_point()
        table = parcels[["crop", "crop_set", "status", "area_ha", "clear_dates"]].assign(
            label=np.array(labels.labels, dtype=object), lon=middle.x.to_numpy(), lat=middle.y.to_numpy()
        )
        table = table[table.label.notna()].reset_index(drop=True)
        names = [labels.label_map.name_of(label) for label in table.label]
        return cls(table.assign(name=np.array(names, dtype=object)), labels.label_map)

    def take(self, rows: npt.NDArray[np.bool_]) -> Scored:
        """Some of them."""
        return Scored(self.table[rows].reset_index(drop=True), self.label_map)

    def of_area(self, least_ha: float) -> Scored:
        """Those of at least an area."""
        return self.take((self.table.area_ha >= least_ha).to_numpy())

    def of_crops(self, keys: frozenset[str]) -> Scored:
        """Those whose label means nothing but these crops."""
        members = self.label_map.members
        rows = [isinstance(name, str) and members[name] <= keys for name in self.table.name]
        return self.take(np.array(rows, dtype=bool))

    def main(self) -> Scored:
        """The MAIN_CROPS parcels of at least MAIN_AREA_HA; perhaps none."""
        return self.of_area(MAIN_AREA_HA).of_crops(MAIN_CROPS)

    def blocks(self) -> tuple[npt.NDArray[np.str_], str]:
        """Block of each parcel (squares, or the parcels themselves where squares are few), and what blocks are."""
        row = np.floor(self.table.lat / _BLOCK_KM * _DEGREE_KM)
        east_km = self.table.lon * _DEGREE_KM * np.cos(np.radians((row + 0.5) * _BLOCK_KM / _DEGREE_KM))
        squares = np.array([f"{y:.0f}:{x:.0f}" for y, x in zip(row, np.floor(east_km / _BLOCK_KM), strict=True)])
        if len(np.unique(squares)) >= _LEAST_BLOCKS:
            return squares, f"squares of {_BLOCK_KM:g} km"
        return np.array([str(number) for number in range(len(squares))]), "parcels"

    def figures(self) -> Figures:
        """Figures of all of them; at least one."""
        judged = Judged(
            guess=np.array([crop if isinstance(crop, str) else None for crop in self.table.crop], dtype=object),
            crop_set=[tuple(crops) for crops in self.table.crop_set],
            decided=(self.table.status == Status.OK).to_numpy(),
        )
        return figures_of(self.table.label.to_numpy(dtype=object), self.label_map, judged, self.blocks()[0], _SEED)

    def by_size(self) -> Iterator[Group]:
        """Below and from MAIN_AREA_HA."""
        large = (self.table.area_ha >= MAIN_AREA_HA).to_numpy()
        yield from self._group("size", f"below {MAIN_AREA_HA:g} ha", ~large)
        yield from self._group("size", f"from {MAIN_AREA_HA:g} ha", large)

    def by_crop(self) -> Iterator[Group]:
        """By true name, strangers last."""
        for name in [*self.table.name.dropna().unique(), None]:
            rows = self.table.name.isna() if name is None else self.table.name == name
            yield from self._group("crop", STRANGERS if name is None else str(name), rows.to_numpy())

    def by_clear_dates(self) -> Iterator[Group]:
        """By the number of clear dates."""
        dates = self.table.clear_dates.to_numpy()
        for least, beyond in zip(_CLEAR_DATES, (*_CLEAR_DATES[1:], None), strict=True):
            name = f"from {least}" if beyond is None else f"{least} to {beyond - 1}"
            yield from self._group("clear dates", name, (dates >= least) & (dates < (beyond or np.inf)))

    def _group(self, by: str, name: str, rows: npt.NDArray[np.bool_]) -> Iterator[Group]:
        """The group, where it has any parcel."""
        if rows.any():
            yield Group(by, name, self.take(rows).figures())
