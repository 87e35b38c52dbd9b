"""Are start, peak and end of season, as of a day, where their intervals say? Bavaria's parcels of 2018.

    python benchmarks/growth_marks.py --data ../shared/data

Final marks are those that all dates of the year give. Dates are then thinned to a half and a quarter (the same for all
parcels, as clouds do) and marks asked for as of several days. The reach of the intervals, by mark, is the smallest that
holds nine in ten final marks of the even parcels with thinned dates; the table is of the odd parcels. A cycle is
compared with the final cycle that its peak falls into; one that falls into none is counted apart.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from growth_series import Parcels, read_bavaria

from scoring.growth.estimates import MARKS, REACH, cycle_estimates, present_cycle
from scoring.growth.looks import Looks

AS_OF: Final = tuple(date(2018, month, 15) for month in (4, 5, 6, 7, 8, 10))
SHARES: Final = (1.0, 0.5, 0.25)
REACHES: Final = tuple(np.round(np.arange(0.25, 6.01, 0.25), 2))
LEVEL: Final = 0.9
DEALS: Final = 3
_COPIES: Final = 120


def main() -> None:
    """Print the reach that fits, and coverage and width at the one that is shipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parcels = read_bavaria(parser.parse_args().data)
    final = cycle_estimates(Looks.known(parcels.ndvi, parcels.clear, parcels.days, parcels.days[-1]))
    print(f"{len(parcels.ndvi)} parcels, {len(parcels.days)} dates, {len(final)} final cycles")
    print("reach that holds nine in ten on the even parcels:", fitting(parcels, final), "shipped:", dict(REACH))
    rows = asked(parcels, final, REACH)
    odd = rows[rows["index"] % 2 == 1]
    print(f"cycles as of a day that fall into no final cycle: {1 - odd.matched.mean():.3f} of {len(odd)}")
    print(table(odd).to_string(index=False, float_format=lambda value: f"{value:.2f}"))
    print(f"{speed(parcels):,.0f} parcels a second (processor time)")


def fitting(parcels: Parcels, final: pd.DataFrame) -> dict[str, float]:
    """By mark the smallest reach at which nine in ten final marks lie inside: even parcels, thinned dates."""
    found: dict[str, float] = {}
    for reach in REACHES:
        rows = asked(parcels, final, dict.fromkeys(MARKS, float(reach)))
        rows = rows[(rows["index"] % 2 == 0) & (rows.share < 1)]
        held = [mark for mark in MARKS if told_inside(rows, mark).mean() >= LEVEL]
        found = {mark: float(reach) for mark in held} | found
        if len(found) == len(MARKS):
            break
    return {mark: found[mark] for mark in MARKS if mark in found}


def asked(parcels: Parcels, final: pd.DataFrame, reach: Mapping[str, float]) -> pd.DataFrame:
    """Estimates of every share and day beside the final marks of their cycle."""
    rows = []
    for share in SHARES:
        for deal in range(DEALS if share < 1 else 1):
            kept = parcels.thinned(share, np.random.default_rng(deal)) if share < 1 else parcels
            for day in AS_OF:
                found = present_cycle(cycle_estimates(Looks.known(kept.ndvi, kept.clear, kept.days, day), reach))
                rows.append(beside(found, final).assign(share=share, as_of=day))
    return pd.concat(rows, ignore_index=True)


def beside(found: pd.DataFrame, final: pd.DataFrame) -> pd.DataFrame:
    """Each cycle with the final one whose days its peak, or the last look of one that rises, falls into."""
    both = found.merge(final[["index", *MARKS]], on="index", how="left", suffixes=("", "_final"))
    at = both.pos.fillna(both.pos_low)
    within = ~(at < both.sos_final) & ~(at > both.eos_final)
    both = both.assign(matched=within).sort_values("matched", ascending=False, kind="stable")
    return both.drop_duplicates("index")


def told_inside(rows: pd.DataFrame, mark: str) -> pd.Series:
    """Whether the final mark lies within the interval, of matched cycles whose mark is told and known in the end."""
    rows = rows[rows.matched & rows[mark].notna() & rows[f"{mark}_final"].notna()]
    final = rows[f"{mark}_final"]
    return (final >= rows[f"{mark}_low"]) & ~(final > rows[f"{mark}_high"])


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """By share of dates and mark: how many told, inside, width, error; and the lower bounds of marks ahead."""
    out = []
    for (share, mark), part in ((key, rows[rows.share == key[0]]) for key in _keys()):
        told = part[part.matched & part[mark].notna() & part[f"{mark}_final"].notna()]
        width = (told[f"{mark}_high"] - told[f"{mark}_low"]).dt.days
        error = (told[mark] - told[f"{mark}_final"]).dt.days
        ahead = part[part.matched & part[mark].isna() & part[f"{mark}_low"].notna() & part[f"{mark}_final"].notna()]
        out.append(
            {
                "dates": share,
                "mark": mark,
                "told": len(told),
                "inside": told_inside(part, mark).mean(),
                "width": width.median(),
                "open": width.isna().mean(),
                "off": error.abs().median(),
                "off 90%": error.abs().quantile(0.9),
                "ahead": len(ahead),
                "not before low": (ahead[f"{mark}_final"] >= ahead[f"{mark}_low"]).mean(),
            }
        )
    return pd.DataFrame(out)


def speed(parcels: Parcels) -> float:
    """Parcels a second, some 20,000 at once: the same ones over and over."""
    ndvi, clear = (np.tile(values, (_COPIES, 1)) for values in (parcels.ndvi, parcels.clear))
    looks = Looks.known(ndvi, clear, parcels.days, parcels.days[-1])
    began = time.process_time()
    present_cycle(cycle_estimates(looks))
    return len(ndvi) / (time.process_time() - began)


def _keys() -> list[tuple[float, str]]:
    return [(share, mark) for share in SHARES for mark in MARKS]


if __name__ == "__main__":
    main()
