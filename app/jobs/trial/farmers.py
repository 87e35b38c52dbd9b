"""Farmers of the made-up bank and their villages: names and telephones of nobody, each kept by a branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from app.book.parties.party_file import Entry
from app.book.villages import InVillage

_FAMILY: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂华文辉玉兰英"
#: Villages by the last digit of their name; the others are the south branch's.
_NORTH: Final = frozenset("12349")
_OUTLET: Final = "9"
#: Names of villages, in the order of the county's; a further one has its number.
_VILLAGES: Final = (
    "柳林村 Liulin", "东坡村 Dongpo", "石桥村 Shiqiao", "西沟村 Xigou", "枣园村 Zaoyuan", "大槐树村 Dahuaishu",
    "北河村 Beihe", "南营村 Nanying", "水磨村 Shuimo",
)  # fmt: skip
#: Made-up division codes of twelve digits: no province has 99.
_VILLAGE_CODE: Final = "990101001{number:03d}"
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
            address=f"{village_of(village).name} (simulated)",
        )
        for number, (farmer, village) in enumerate(homes.items(), start=1)
    ]


def units_of(plots: pd.DataFrame, entries: list[Entry]) -> Mapping[str, str]:
    """Unit of each parcel: that of its farmer."""
    by_farmer = {entry.farmer_id: str(entry.org_unit) for entry in entries}
    return {str(row.parcel_id): by_farmer[str(row.farmer_id)] for row in plots.itertuples()}


def villages_of(plots: pd.DataFrame) -> Mapping[str, InVillage]:
    """Village of each parcel: the nearest one, as the county's parcel file names it."""
    return {str(row.parcel_id): village_of(str(row.village)) for row in plots.itertuples()}


def village_of(named: str) -> InVillage:
    """Village of the bank for one of the county ("Simulated village 4")."""
    number = int(named.rsplit(maxsplit=1)[-1])
    name = _VILLAGES[number - 1] if number <= len(_VILLAGES) else f"第{number}村 Village {number}"
    return InVillage(_VILLAGE_CODE.format(number=number), name)


def unit_of(village: str) -> str:
    """Code of the unit that keeps a village."""
    digit = village.strip()[-1]
    if digit == _OUTLET:
        return "011"
    return "010" if digit in _NORTH else "020"


def _name(rng: np.random.Generator) -> str:
    given = "".join(rng.choice(list(_GIVEN), size=int(rng.integers(1, 3))))
    return f"{rng.choice(list(_FAMILY))}{given}"
