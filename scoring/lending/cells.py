"""Cells of a loan file into days, amounts and numbers; what cannot be read becomes a fault, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar

import pandas as pd

from geo.area import HECTARE_M2, UNITS, convert_area
from geo.errors import InputError
from geo.legend import load_legend
from scoring.lending.faults import Faults
from scoring.lending.mapping import Column, LoanMapping, Numbers
from scoring.money import to_minor

Texts: TypeAlias = list[str | None]
_Value = TypeVar("_Value")

_PER_UNIT: Final = {"percent": Decimal(10_000), "fraction": Decimal(1_000_000), "ppm": Decimal(1)}


class Cells:
    """Rows of a file, field by field, with the faults found so far."""

    def __init__(self, rows: pd.DataFrame, mapping: LoanMapping) -> None:
        self._rows = rows
        self._mapping = mapping
        self.faults = Faults()

    def __len__(self) -> int:
        return len(self._rows)

    def texts(self, field: str, column: Column | None) -> Texts:
        """Text of a field in every row: joined, translated, prefixed; None where empty or not in the file."""
        if column is None:
            return [None] * len(self)
        if column.constant is not None:
            return [column.constant] * len(self)
        parts = [self._rows[name].tolist() for name in column.named]
        joined = [column.join.join(cells) if all(cells) else None for cells in zip(*parts, strict=True)]
        if column.words:
            joined = self._translated(field, joined, column.words)
        return [None if text is None else f"{column.prefix}{text}" for text in joined]

    def days(self, field: str, column: Column | None) -> list[date | None]:
        """Days of a field; an ISO day always reads, since tables with typed columns give those."""
        said = self.texts(field, column)
        return self._parsed("LOAN_DATE", field, said, self._day, "is no day")

    def amounts(self, field: str, column: Column | None, currency: Sequence[str | None], *, above_zero: bool) -> Any:
        """Minor units of a field, or None.

        Args:
            field: name for messages.
            column: of the field.
            currency: of every row; a row without a currency is left alone, since that is a fault already.
            above_zero: whether 0 is a fault too.
        """
        numbers = self._numbers(field, self.texts(field, column))
        wrong = [(row, f"{field} is {value:f}") for row, value in enumerate(numbers) if _below(value, above_zero)]
        self.faults.add("LOAN_AMOUNT", wrong)
        return [self._minor(field, row, *pair) for row, pair in enumerate(zip(numbers, currency, strict=True))]

    def counts(self, field: str, column: Column | None, scale: Decimal = Decimal(1)) -> list[int | None]:
        """Whole numbers from 0 of a field, after a scale (millionths of a rate); None where empty."""
        numbers = [
            None if value is None else value * scale for value in self._numbers(field, self.texts(field, column))
        ]
        wrong = {row for row, value in enumerate(numbers) if value is not None and (value < 0 or value % 1)}
        self.faults.add("LOAN_NUMBER_FORMAT", ((row, f"{field} {numbers[row]} is no whole number") for row in wrong))
        return [None if value is None or row in wrong else int(value) for row, value in enumerate(numbers)]

    def rates(self, column: Column | None) -> list[int | None]:
        """Rates in millionths a year."""
        scale = Decimal(1) if column is None or column.unit is None else _PER_UNIT[column.unit]
        return self.counts("rate", column, scale)

    def hectares(self, column: Column | None) -> list[float | None]:
        """Areas above 0 in hectares."""
        numbers = self._numbers("area", self.texts("area", column))
        self.faults.add("LOAN_AREA", ((row, f"area is {n:f}") for row, n in enumerate(numbers) if _below(n, True)))
        unit = "ha" if column is None or column.unit is None else column.unit
        return [None if value is None else float(_hectares(value, unit)) for value in numbers]

    def crops(self, column: Column | None) -> Texts:
        """Legend keys of a field: by the mapping's words first, then by any name of the legend."""
        if column is None:
            return [None] * len(self)
        cells = self.texts("crop", column.model_copy(update={"words": {}}))
        words = {word.casefold(): key for word, key in column.words.items()}
        keys = {text: _crop(text, words) for text in dict.fromkeys(cells) if text is not None}
        unknown = sorted(text for text, key in keys.items() if key is None)
        if unknown:
            row = cells.index(unknown[0])
            self.faults.add("LOAN_CROP", [(row, f"unknown crops: {', '.join(map(repr, unknown))}")])
        return [None if text is None else keys[text] for text in cells]

    def _translated(self, field: str, cells: Texts, words: dict[str, str]) -> Texts:
        known = {word.casefold(): meaning for word, meaning in words.items()}
        return self._parsed("LOAN_WORD", field, cells, lambda text: known.get(text.casefold()), "is not known")

    def _numbers(self, field: str, cells: Texts) -> list[Decimal | None]:
        numbers = self._mapping.numbers
        return self._parsed("LOAN_NUMBER_FORMAT", field, cells, lambda text: _number(text, numbers), "is no number")

    def _parsed(
        self, code: str, field: str, cells: Texts, parse: Callable[[str], _Value | None], what: str
    ) -> list[_Value | None]:
        """Each distinct text is parsed once; those that give None are faults."""
        known = {text: parse(text) for text in dict.fromkeys(cells) if text is not None}
        lost = {text for text, value in known.items() if value is None}
        self.faults.add(code, ((row, f"{field} {text!r} {what}") for row, text in enumerate(cells) if text in lost))
        return [None if text is None else known[text] for text in cells]

    def _day(self, text: str) -> date | None:
        for form in (self._mapping.dates, "%Y-%m-%d"):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        return None

    def _minor(self, field: str, row: int, value: Decimal | None, currency: str | None) -> int | None:
        if value is None or currency is None:
            return None
        try:
            return to_minor(value, self._mapping.exponents[currency])
        except InputError:
            self.faults.add("LOAN_DECIMALS", [(row, f"{field} {value} has more decimals than {currency}")])
            return None


def _below(value: Decimal | None, above_zero: bool) -> bool:
    return value is not None and (value <= 0 if above_zero else value < 0)


def _number(text: str, numbers: Numbers) -> Decimal | None:
    point, mark = re.escape(numbers.decimal), re.escape(numbers.thousands)
    grouped = rf"|\d{{1,3}}({mark}\d{{2,3}})*{mark}\d{{3}}" if mark else ""  # 1,234,567 and 12,34,567
    if not re.fullmatch(rf"[+-]?(\d+{grouped})({point}\d*)?(e[+-]?\d+)?", text, flags=re.IGNORECASE | re.ASCII):
        return None
    plain = text.replace(numbers.thousands, "") if numbers.thousands else text
    return Decimal(plain.replace(numbers.decimal, "."))


def _hectares(value: Decimal, unit: str) -> Decimal:
    return convert_area(value, unit, "ha") if unit in UNITS else value / HECTARE_M2


def _crop(text: str, words: dict[str, str]) -> str | None:
    key = words.get(text.casefold(), text)
    crop = load_legend().find(key)
    return None if crop is None else crop.key
