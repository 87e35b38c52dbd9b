"""What is wrong with a loan file: every fault with its row, and one error that names the first of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from geo.errors import InputError

_SHOWN: Final = 5

#: What to do about each kind, in the order in which kinds are reported.
REMEDIES: Final = {
    "LOAN_NUMBER": "Give every row the number of its loan.",
    "LOAN_TWICE": 'A loan stands once (or once for each plot where the mapping says rows = "plots").',
    "LOAN_PLOT": "Export loans and plots of the same day together.",
    "LOAN_PRODUCT": "Add the code to [products] of the mapping, or correct the row.",
    "LOAN_CURRENCY": "A loan has the one currency of its product: correct the file or the mapping.",
    "LOAN_AMOUNT": "Correct the amount in the core system and export again.",
    "LOAN_DECIMALS": "Check the currency's decimals and the mapping's numbers, and export again.",
    "LOAN_NUMBER_FORMAT": "Write numbers as the mapping says under [numbers], or correct it.",
    "LOAN_DATE": "Write days as the mapping says under `dates`, or correct it.",
    "LOAN_DATES": "Correct the days in the core system and export again.",
    "LOAN_CROP": "Translate them under [plot.crop] words of the mapping, to keys of geo/data/legend.toml.",
    "LOAN_AREA": "Correct the area, or leave the cell empty where it is not known.",
    "LOAN_VILLAGE": "Give each village one code and one name; codes are letters, digits and hyphens, kept as text.",
    "LOAN_WORD": "Translate it under `words` of the mapping, or correct the row.",
    "LOAN_DIFFERS": "Rows of one loan (or one plot) must say the same of it: correct the file.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong.

    Attributes:
        code: kind, a key of REMEDIES.
        row: number of the row from 1, the header not counted; 0 where a fault is of no one row.
        said: what is wrong, without names of people.
    """

    code: str
    row: int
    said: str


@dataclass(slots=True)
class Faults:
    """Faults of a file while it is read."""

    found: list[Fault] = field(default_factory=list)

    def add(self, code: str, rows: Iterable[tuple[int, str]]) -> None:
        """Remember faults of one kind: row index from 0 and what is wrong."""
        self.found += [Fault(code, index + 1, said) for index, said in rows]

    def refuse(self) -> None:
        """Raise what was found, if anything.

        Raises:
            InputError: of the first kind found, naming the first rows of it and how many faults there are.
        """
        if not self.found:
            return
        code = min((fault.code for fault in self.found), key=list(REMEDIES).index)
        shown = [fault for fault in self.found if fault.code == code]
        said = "; ".join(f"row {fault.row}: {fault.said}" for fault in shown[:_SHOWN])
        more = len(self.found) - len(shown[:_SHOWN])
        raise InputError(code, f"{said}{f'; and {more} more faults' if more else ''}.", REMEDIES[code])
