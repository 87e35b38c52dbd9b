"""Rows that speak of the same thing must say the same of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd


def disagreements(keys: pd.DataFrame | pd.Series, said: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Row index and column of every cell that differs from the first row of the same key; nulls are equal.

    Args:
        keys: (n,) or (n, k) what a row speaks of; a row with a null key speaks of nothing.
        said: (n, m) object columns of what it says.
    """
    first = first_rows(keys)
    for name in said.columns:
        cells = said[name].to_numpy(dtype=object)
        firsts = cells[first]
        for row in np.flatnonzero(first != np.arange(len(first))):
            if cells[row] != firsts[row]:
                yield int(row), str(name)


def first_rows(keys: pd.DataFrame | pd.Series) -> npt.NDArray[np.int64]:
    """(n,) index of the first row with the same key; of a row with a null key its own."""
    frame = keys.to_frame() if isinstance(keys, pd.Series) else keys
    whole = frame.notna().all(axis=1).to_numpy()
    rows = np.arange(len(frame), dtype=np.int64)
    if whole.any():
        group = frame[whole].groupby(list(frame.columns), sort=False).ngroup().to_numpy()
        starts = np.full(int(group.max()) + 1, len(frame), dtype=np.int64)
        np.minimum.at(starts, group, rows[whole])
        rows[whole] = starts[group]
    return rows


def repeats(keys: pd.DataFrame | pd.Series) -> list[int]:
    """Rows whose key stood before, in order."""
    first = first_rows(keys)
    return [int(row) for row in np.flatnonzero(first != np.arange(len(first)))]
