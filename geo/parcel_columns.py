"""Attribute columns of parcel files: ids, who farms, what was declared, and the facts that limits rest on.

Names are matched whatever their case. What cannot be read becomes null with a note; it never stops the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.area import convert_area
from geo.errors import InputError
from geo.legend import load_legend

#: Fact columns in the order of the book.
FACTS: Final = (
    "land_right",
    "certified_area_ha",
    "district",
    "village",
    "other_debt_minor",
    "household_capacity_minor",
    "approved_minor",
    "facility_year",
    "crop_insurance_minor",
    "personal_insurance_minor",
    "asset_insurance_minor",
    "term_loan_minor",
)

_ID_NAMES: Final = ("parcel_id", "pid", "id", "plot_id", "plotid", "fid")
_SHOWN: Final = 3

#: The first name that a file has is used; those of ten letters are what a Shapefile leaves of the long ones. `crop` is
#: not a declaration: in survey files it is what was found.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "farmer_id": ("farmer_id", "farmerid"),
        "declared_crop": ("declared_crop", "crop_declared", "declared_c", "crop_decla"),
        "land_right": ("land_right",),
        "certified_area_ha": ("certified_area_ha", "cert_ha"),
        "certified_area_mu": ("certified_area_mu", "cert_mu"),
        "district": ("district",),
        "village": ("village",),
        "other_debt_minor": ("other_debt_minor", "other_debt"),
        "household_capacity_minor": ("household_capacity_minor", "household_"),
        "approved_minor": ("approved_minor", "approved_m"),
        "facility_year": ("facility_year", "facility_y"),
        "crop_insurance_minor": ("crop_insurance_minor", "crop_insur"),
        "personal_insurance_minor": ("personal_insurance_minor", "personal_i"),
        "asset_insurance_minor": ("asset_insurance_minor", "asset_insu"),
        "term_loan_minor": ("term_loan_minor", "term_loan_"),
    }
)

_LAND_RIGHTS: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("certificate", "certified", "owned", "own", "title", "确权", "承包", "承包经营权"), "certificate")
    | dict.fromkeys(("lease", "leased", "rent", "rented", "租赁", "流转", "土地经营权"), "lease")
)


@dataclass(slots=True)
class Notes:
    """Values that could not be read, by row number, in the order found."""

    by_row: dict[int, list[str]] = field(default_factory=dict)

    def add(self, row: int, what: str) -> None:
        """Remember one."""
        self.by_row.setdefault(row, []).append(what)


def parcel_ids(attributes: pd.DataFrame, column: str | None, versions: tuple[str, ...]) -> tuple[str, ...]:
    """Id of every row: from a column, else made from the outline.

    Args:
        attributes: columns of the file.
        column: name of the id column; None takes the first of parcel_id, pid, id, plot_id, fid that is not all empty.
        versions: outline hashes; ids made from them read p-<12 hex>, or p-row<number> where there is no outline.

    Raises:
        InputError: no such column, a missing id, or an id given twice (or the same outline twice).
    """
    found = _id_column(attributes, column)
    if found is None:
        ids = tuple(
            f"p-{version}" if version.strip("0") else f"p-row{row}" for row, version in enumerate(versions, start=1)
        )
        _refuse_twins(
            ids, "Two parcels have the same outline", "Give the file a parcel_id column, or delete the copies."
        )
        return ids
    texts = [as_text(value) for value in attributes[found]]
    missing = [row for row, text in enumerate(texts, start=1) if text is None]
    if missing:
        raise InputError(
            "PARCEL_ID_MISSING", f"Column {found!r} is empty in row {_some(missing)}.", "Give every parcel an id."
        )
    ids = tuple(text for text in texts if text is not None)
    _refuse_twins(ids, f"Column {found!r} holds ids more than once", "Make every id unique, or name another column.")
    return ids


def attribute_columns(attributes: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """farmer_id, declared_crop and the FACTS of every row; null where the file lacks them or they cannot be read.

    Args:
        attributes: columns of the file.
        notes: receives what could not be read.

    Returns:
        One row per row: texts as object columns with None, certified_area_ha float64 with NaN, amounts Int64.
    """
    columns: dict[str, pd.Series[Any]] = {}
    for name, (parse, kind) in _PARSERS.items():
        found = _named(attributes, _NAMES[name])
        values = [None] * len(attributes) if found is None else _parsed(attributes[found], name, parse, notes)
        columns[name] = pd.Series(values, index=attributes.index, dtype=kind)
    areas_ha = columns["certified_area_ha"].fillna(columns.pop("certified_area_mu"))
    return pd.DataFrame(columns | {"certified_area_ha": areas_ha})[["farmer_id", "declared_crop", *FACTS]]


def as_text(value: Any) -> str | None:
    """Text of a cell: trimmed, whole floats without ".0", None for nothing."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip() or None


def _id_column(attributes: pd.DataFrame, column: str | None) -> str | None:
    if column is not None:
        found = _named(attributes, (column,))
        if found is None:
            raise InputError(
                "PARCEL_ID_COLUMN",
                f"There is no column {column!r}.",
                f"The file has: {', '.join(map(str, attributes.columns)) or 'none'}.",
            )
        return found
    present = (_named(attributes, (name,)) for name in _ID_NAMES)
    return next((name for name in present if name is not None and attributes[name].notna().any()), None)


def _named(attributes: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    by_lower = {str(name).lower(): name for name in reversed(attributes.columns)}
    return next((by_lower[name.lower()] for name in names if name.lower() in by_lower), None)


def _refuse_twins(ids: tuple[str, ...], what: str, remedy: str) -> None:
    series = pd.Series(ids, dtype=object)
    twins = list(dict.fromkeys(series[series.duplicated()]))
    if twins:
        raise InputError("PARCEL_ID_TWICE", f"{what}: {_some(twins)}.", remedy)


def _some(things: list[Any]) -> str:
    more = len(things) - _SHOWN
    return ", ".join(map(str, things[:_SHOWN])) + (f" and {more} more" if more > 0 else "")


def _parsed(column: pd.Series[Any], name: str, parse: Callable[[str], object], notes: Notes) -> list[object]:
    values: list[object] = []
    for row, cell in enumerate(column):
        text = as_text(cell)
        value = None if text is None else parse(text)
        if text is not None and value is None:
            notes.add(row, f"{name} {text!r} is not understood and was left out")
        values.append(value)
    return values


def _crop_key(text: str) -> str | None:
    crop = load_legend().find(text)
    return None if crop is None else crop.key


def _land_right(text: str) -> str | None:
    return _LAND_RIGHTS.get(text.lower())


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _minor(text: str) -> int | None:
    number = _number(text)
    return None if number is None or number != number.to_integral_value() else int(number)


def _year(text: str) -> int | None:
    return _minor(text) or None


def _hectares(text: str) -> float | None:
    number = _number(text)
    return float(number) if number else None


def _hectares_from_mu(text: str) -> float | None:
    number = _number(text)
    return float(convert_area(number, "mu", "ha")) if number else None


_PARSERS: Final[Mapping[str, tuple[Callable[[str], object], str]]] = MappingProxyType(
    {
        "farmer_id": (str, "object"),
        "declared_crop": (_crop_key, "object"),
        "land_right": (_land_right, "object"),
        "certified_area_ha": (_hectares, "float64"),
        "certified_area_mu": (_hectares_from_mu, "float64"),
        "district": (str, "object"),
        "village": (str, "object"),
        "other_debt_minor": (_minor, "Int64"),
        "household_capacity_minor": (_minor, "Int64"),
        "approved_minor": (_minor, "Int64"),
        "facility_year": (_year, "Int64"),
        "crop_insurance_minor": (_minor, "Int64"),
        "personal_insurance_minor": (_minor, "Int64"),
        "asset_insurance_minor": (_minor, "Int64"),
        "term_loan_minor": (_minor, "Int64"),
    }
)
