"""What each parcel grows in the season, crop by crop, and at which price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.money import Ints
from scoring.pack_schema import Pack

#: Price of a crop that the pack does not list.
_NONE: Final = -1


@dataclass(frozen=True, slots=True)
class CropLines:
    """k lines, the parcel's own crop first.

    Attributes:
        row: parcel, shape (k,).
        cycle: 1, 2, ...
        crop: legend keys; None where a parcel has no crop named.
        own: whether it is the parcel's own (main) crop.
        known: whether the pack has a price for the crop.
        certain: whether the crop is the only one in its set; the parcel's own crop is certain by its status.
        repeated: a crop seen again that counts once.
        mid: minor units per unit of area that count; 0 where the line adds nothing.
        low: least over the crop set.
        high: most over the crop set.
        cycles: how many lines of the parcel count, one per line.
    """

    row: Ints
    cycle: Ints
    crop: npt.NDArray[np.object_]
    own: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    certain: npt.NDArray[np.bool_]
    repeated: npt.NDArray[np.bool_]
    mid: Ints
    low: Ints
    high: Ints
    cycles: Ints

    @property
    def priced(self) -> npt.NDArray[np.bool_]:
        """Own crops that have a price: their parcels can be decided."""
        return self.own & self.known

    @property
    def counted(self) -> npt.NDArray[np.bool_]:
        """Lines that add to the amount."""
        return self.known & self.certain & ~self.repeated


def crop_lines(parcels: pd.DataFrame, seasons: pd.DataFrame, pack: Pack) -> CropLines:
    """Lines of the parcels whose status is OK.

    The parcel's own crop comes first; then further cycles of the season with another crop, or with the same one where
    the pack says that it may be grown twice. A further crop that is not certain adds nothing but widens the interval.

    Args:
        parcels: decided parcels; the index is the row in the book.
        seasons: cycles of this season (geo.observations.SEASONS).
        pack: prices and the crops that may be grown twice.
    """
    further = _further(parcels, seasons)
    own = pd.DataFrame(
        {
            "row": parcels.index.to_numpy(dtype=np.int64),
            "cycle": _own_cycle(parcels, further),
            "crop": plain_texts(parcels.crop),
            "crop_set": [[crop] for crop in plain_texts(parcels.crop)],
            "own": True,
        }
    )
    # The cycle that stands for the parcel's own crop is not counted a second time.
    stands = further.set_index(["row", "cycle"]).index.isin(own.set_index(["row", "cycle"]).index)
    lines = pd.concat([own, further[~stands].assign(own=False)], ignore_index=True)
    lines = lines.sort_values(["row", "own", "cycle"], ascending=[True, False, True], kind="stable", ignore_index=True)
    place = pd.Series(plain_texts(parcels.district), index=parcels.index, dtype=object)
    lines["district"] = place.reindex(lines.row).to_numpy()
    return _priced(lines, pack)


def plain_texts(column: pd.Series[str]) -> npt.NDArray[np.object_]:
    """Texts with None for whatever stands for an absent one (NaN never equals itself)."""
    texts: npt.NDArray[np.object_] = column.astype(object).where(column.notna(), None).to_numpy(dtype=object)
    return texts


def _further(parcels: pd.DataFrame, seasons: pd.DataFrame) -> pd.DataFrame:
    row = pd.Series(parcels.index, index=parcels.parcel_id.to_numpy())
    cycles = seasons[seasons.parcel_id.isin(row.index) & seasons.crop.notna()]
    return pd.DataFrame(
        {
            "row": row.reindex(cycles.parcel_id).to_numpy(dtype=np.int64),
            "cycle": cycles.cycle.to_numpy(dtype=np.int64),
            "crop": plain_texts(cycles.crop),
            "crop_set": cycles.crop_set.to_numpy(dtype=object),
        }
    )


def _own_cycle(parcels: pd.DataFrame, further: pd.DataFrame) -> Ints:
    """Cycle of the parcel's own crop: the first that carries it, else 1."""
    same = further[further.crop.to_numpy() == parcels.crop.reindex(further.row).to_numpy()]
    first = same.groupby("row").cycle.min()
    cycle: Ints = first.reindex(parcels.index).fillna(1).to_numpy(dtype=np.int64)
    return cycle


def _priced(lines: pd.DataFrame, pack: Pack) -> CropLines:
    price = _prices(lines, pack)
    mid = np.array([price[key] for key in zip(lines.crop, lines.district, strict=True)], dtype=np.int64)
    sets = [_set_prices(crops, place, price) for crops, place in zip(lines.crop_set, lines.district, strict=True)]
    certain = lines.own.to_numpy(dtype=bool) | np.array([len(prices) == 1 for prices in sets], dtype=bool)
    repeats = lines.crop.isin(pack.evidence.repeat_crops)
    repeated = (lines.duplicated(["row", "crop"]) & ~repeats).to_numpy(dtype=bool)
    counted = (mid != _NONE) & certain & ~repeated
    open_line = ~repeated & (mid != _NONE)
    row = lines.row.to_numpy(dtype=np.int64)
    return CropLines(
        row=row,
        cycle=lines.cycle.to_numpy(dtype=np.int64),
        crop=lines.crop.to_numpy(dtype=object),
        own=lines.own.to_numpy(dtype=bool),
        known=mid != _NONE,
        certain=certain,
        repeated=repeated,
        mid=np.where(counted, mid, 0),
        low=np.where(counted, [min(prices, default=0) for prices in sets], 0),
        high=np.where(open_line, np.maximum(mid, [max(prices, default=0) for prices in sets]), 0),
        cycles=np.bincount(row, weights=counted, minlength=int(row.max(initial=0)) + 1)[row].astype(np.int64),
    )


def _set_prices(crops: Iterable[str] | None, place: object, price: dict[tuple[object, object], int]) -> list[int]:
    """Price of each crop of a set; one without a price would give nothing."""
    return [max(price[(crop, place)], 0) for crop in (crops if crops is not None else ())]


def _prices(lines: pd.DataFrame, pack: Pack) -> dict[tuple[object, object], int]:
    """Minor units by (crop, district), _NONE where the pack has no price."""
    singles = zip(lines.crop, lines.district, strict=True)
    sets = zip(lines.crop_set, lines.district, strict=True)
    pairs = set(singles) | {(crop, place) for crops, place in sets if crops is not None for crop in crops}
    return {pair: _price(pair[0], pair[1], pack) for pair in pairs}


def _price(crop: object, district: object, pack: Pack) -> int:
    amount = (
        pack.prices.amount(crop, district if isinstance(district, str) else None) if isinstance(crop, str) else None
    )
    return _NONE if amount is None else pack.minor(amount)
