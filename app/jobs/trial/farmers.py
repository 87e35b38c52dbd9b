"""Farmers of the made-up bank: names and telephones that belong to nobody, each kept by a branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from app.book.parties.party_file import Entry

_FAMILY: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂华文辉玉兰英"
#: Villages by the last digit of their name; the others are the south branch's.
_NORTH: Final = frozenset("12349")
_OUTLET: Final = "9"
#: A block of numbers that no telephone has.
_TELEPHONE: Final = "000-0000-{number:04d}"


def entries_of(plots: pd.DataFrame, rng: np.random.Generator) -> list[Entry]:
    """One entry per farmer of the county.

    Args:
        plots: columns farmer_id and village, one row per parcel.
        rng: what names are drawn from.
    """
    homes = plots.groupby("farmer_id", sort=True).village.agg(lambda names: names.mode().iloc[0])
    return [
        Entry(
            line=number,
            farmer_id=str(farmer),
            org_unit=unit_of(village),
            name=_name(rng),
            phone=_TELEPHONE.format(number=number),
            address=f"{village} (simulated)",
        )
        for number, (farmer, village) in enumerate(homes.items(), start=1)
    ]


def units_of(plots: pd.DataFrame, entries: list[Entry]) -> Mapping[str, str]:
    """Unit of each parcel: that of its farmer."""
    by_farmer = {entry.farmer_id: str(entry.org_unit) for entry in entries}
    return {str(row.parcel_id): by_farmer[str(row.farmer_id)] for row in plots.itertuples()}


def unit_of(village: str) -> str:
    """Code of the unit that keeps a village."""
    digit = village.strip()[-1]
    if digit == _OUTLET:
        return "011"
    return "010" if digit in _NORTH else "020"


def _name(rng: np.random.Generator) -> str:
    given = "".join(rng.choice(list(_GIVEN), size=int(rng.integers(1, 3))))
    return f"{rng.choice(list(_FAMILY))}{given}"
