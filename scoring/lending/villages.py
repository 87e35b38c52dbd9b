"""Administrative villages in which plots lie, by the bank's own codes and names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scoring.lending.cells import Cells, Texts
from scoring.lending.mapping import LoanMapping

#: What a code is made of: 371522103201, IN-224411. A spreadsheet leaves 3.71522E+11 or 371522103201.0 of the first.
_CODE: Final = re.compile(r"[0-9A-Za-z]([0-9A-Za-z-]{0,62}[0-9A-Za-z])?", re.ASCII)
_MOST_NAME: Final = 128


def read_villages(cells: Cells, mapping: LoanMapping) -> tuple[Texts, Texts]:
    """Code and name of the village of every row, None where the file states none; faults stay with the cells.

    Without a column of codes the name is the code.
    """
    names = cells.texts("village", mapping.plot.get("village"))
    coded = "village_code" in mapping.plot
    codes = cells.texts("village_code", mapping.plot["village_code"]) if coded else names
    cells.faults.add("LOAN_VILLAGE", village_faults(codes, names, coded=coded))
    return codes, names


def village_faults(
    codes: Sequence[str | None], names: Sequence[str | None], *, coded: bool
) -> Iterator[tuple[int, str]]:
    """Index of a row and what is wrong with the village that it states.

    Args:
        codes: of the rows; None or empty: not stated.
        names: of the rows likewise.
        coded: whether codes are codes; else they are the names.
    """
    called: dict[str, str] = {}
    digits = next((len(code) for code in codes if code and code.isdecimal()), None)
    for row, (code, name) in enumerate(zip(codes, names, strict=True)):
        if bool(code) != bool(name):
            yield row, f"the village {code or name} has {'no name' if code else 'no code'}"
        if not code or not name:
            continue
        if len(name) > _MOST_NAME:
            yield row, f"the village's name has {len(name)} characters, more than {_MOST_NAME}"
        if coded and not _CODE.fullmatch(code):
            yield row, f"{code!r} is no code of a village"
        elif coded and code.isdecimal() and len(code) != digits:
            yield row, f"the village code {code} has {len(code)} digits, others have {digits}"
        if called.setdefault(code, name) != name:
            yield row, f"the village {code} is called {name} here and {called[code]} before"
