"""Rows about sites on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows under the names of their columns, which are those of the first; None is an empty cell."""
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="right" if name.endswith(("_ha", "_kwh")) else "left")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(file=sys.stdout).print(table, highlight=False, markup=False)
