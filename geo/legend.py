"""The crop legend: stable keys, names in English and Chinese, colours, and the codes of other people's data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from geo.errors import DataError

#: Raster value that means "no crop decided".
NODATA = 0


@dataclass(frozen=True, slots=True)
class Crop:
    """One entry of the legend.

    Attributes:
        key: name in tables, stable for life ("sugar_beet").
        value: value in crop rasters, 1 upwards.
        en: English name.
        zh: Chinese name.
        colour: "#rrggbb" on maps.
        parent: group for coarser reports.
        names: further names, lower case.
        codes: prefixes of foreign codes, by scheme.
    """

    key: str
    value: int
    en: str
    zh: str
    colour: str
    parent: str
    names: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]


class Legend:
    """All crops, looked up by key, raster value, name or foreign code."""

    def __init__(self, crops: tuple[Crop, ...]) -> None:
        self._crops = crops
        self._by_key = {crop.key: crop for crop in crops}
        self._by_name = {name: crop for crop in crops for name in _all_names(crop)}
        if len(self._by_key) != len(crops) or len(self._by_name) != sum(len(_all_names(crop)) for crop in crops):
            raise DataError("LEGEND_CLASH", "Two crops of the legend share a key or a name.")

    def __iter__(self) -> Iterator[Crop]:
        return iter(self._crops)

    def __len__(self) -> int:
        return len(self._crops)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def __getitem__(self, key: str) -> Crop:
        """Crop by key; KeyError when there is none."""
        return self._by_key[key]

    def at(self, value: int) -> Crop:
        """Crop by raster value (1 upwards); IndexError when there is none."""
        if value < 1:
            raise IndexError(value)
        return self._crops[value - 1]

    def named(self, name: str) -> Crop | None:
        """Crop by key or any of its names, whatever the case; None when unknown."""
        return self._by_name.get(_normal(name))

    def coded(self, code: str | int, scheme: str) -> Crop | None:
        """Crop by a foreign code: the longest matching prefix of the scheme wins; None when none matches."""
        text = str(code).strip().lower()
        best: tuple[int, Crop] | None = None
        for crop in self._crops:
            for prefix in crop.codes.get(scheme, ()):
                if text.startswith(prefix) and (best is None or len(prefix) > best[0]):
                    best = (len(prefix), crop)
        return None if best is None else best[1]

    def find(self, text: str) -> Crop | None:
        """Crop by anything that a parcel file may hold: key, name, or "winter wheat (Triticum)" style text."""
        return self.named(text) or self.named(text.split("(", maxsplit=1)[0])


def _normal(name: str) -> str:
    return " ".join(name.strip().lower().replace("_", " ").replace("-", " ").split())


def _all_names(crop: Crop) -> frozenset[str]:
    return frozenset(map(_normal, (crop.key, crop.en, crop.zh, *crop.names)))


@cache
def load_legend() -> Legend:
    """The legend that ships with Acreline (geo/data/legend.toml)."""
    text = resources.files("geo").joinpath("data/legend.toml").read_text(encoding="utf-8")
    return Legend(tuple(_crop(value, row) for value, row in enumerate(tomllib.loads(text)["crop"], start=1)))


def _crop(value: int, row: dict[str, object]) -> Crop:
    codes = row.get("codes", {})
    names = row.get("names", [])
    if not isinstance(codes, dict) or not isinstance(names, list):
        raise DataError("LEGEND_SHAPE", f"Entry {value} of the legend is malformed.")
    return Crop(
        key=str(row["key"]),
        value=value,
        en=str(row["en"]),
        zh=str(row["zh"]),
        colour=str(row["colour"]),
        parent=str(row["parent"]),
        names=tuple(map(str, names)),
        codes={scheme: tuple(map(str, prefixes)) for scheme, prefixes in codes.items()},
    )
