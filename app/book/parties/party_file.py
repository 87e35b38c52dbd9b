"""Parties as a file or a person states them. Faults name lines and columns, never what stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.book.parties.vault import is_identity_number
from app.db.tables.kinds import PartyKind
from app.jobs.tabular import read_cells
from geo.errors import InputError

COLUMNS: Final = ("farmer_id", "kind", "org_unit", "name", "phone", "address", "id_number")
_LENGTHS: Final = {"farmer_id": 128, "phone": 64}
_SHOWN: Final = 5
_HEADER_LINES: Final = 2  # a file's first row stands on its second line


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stated of one party; None: not stated.

    Attributes:
        line: in its file, from 1.
        farmer_id: the bank's own number.
        kind: of PartyKind.
        org_unit: code of the unit that keeps it.
        name: of the person or organisation.
        phone: number to call.
        address: where letters go.
        id_number: of the identity card or register, as written.
    """

    line: int = 1
    farmer_id: str | None = None
    kind: str = PartyKind.PERSON
    org_unit: str | None = None
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with an entry; holds nothing of what it states."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


def read_entries(path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[Entry]:
    """Entries of a CSV or Parquet file with some of the columns COLUMNS; a missing kind is a person.

    Raises:
        InputError: the file cannot be read, or a column is none of these.
    """
    table = read_cells(path, encoding, delimiter)
    strange = [place for place, name in enumerate(table.columns, 1) if name not in COLUMNS]
    if strange:
        raise InputError(
            "PARTY_COLUMN",
            f"Column {strange[0]} of {path} has no known name in the first line.",
            f"Name the columns {', '.join(COLUMNS)}.",
        )
    rows = table.to_dict("records")
    return [
        Entry(line, **{str(name): value for name, value in row.items() if value is not None})
        for line, row in enumerate(rows, _HEADER_LINES)
    ]


def faults_in(entries: Sequence[Entry]) -> list[Fault]:
    """Everything wrong with the entries by themselves, and those that come twice."""
    found = [Fault(entry.line, what) for entry in entries for what in _faults(entry)]
    return found + [Fault(line, "the farmer_id comes twice") for line in _repeated(entries)]


def refuse(faults: Sequence[Fault], where: str = "") -> None:
    """InputError with the first faults, where there are any."""
    if not faults:
        return
    shown = "; ".join(map(str, sorted(faults)[:_SHOWN]))
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    raise InputError(
        "PARTY_ROWS",
        f"{where}{': ' if where else ''}{count}, nothing was written: {shown}{more}.",
        "Mend these entries and give them again.",
    )


def _faults(entry: Entry) -> Iterator[str]:
    if entry.farmer_id is None and entry.id_number is None:
        yield "neither farmer_id nor id_number, so the party could not be found again"
    if entry.kind not in set(PartyKind):
        yield f"the kind is none of {', '.join(PartyKind)}"
    if entry.id_number is not None and not is_identity_number(entry.id_number):
        yield "the id_number is too short to be one"
    for column, length in _LENGTHS.items():
        if len(getattr(entry, column) or "") > length:
            yield f"the {column} is longer than {length} characters"


def _repeated(entries: Sequence[Entry]) -> Iterator[int]:
    counts = Counter(entry.farmer_id for entry in entries)
    return (entry.line for entry in entries if entry.farmer_id is not None and counts[entry.farmer_id] > 1)
