"""The picture of benchmarks/growth_faults.py: recall of injected faults by cloudiness, one line a fault."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

#: Colours that a colour-blind eye tells apart (Okabe and Ito 2008), and marks that need no colour.
_STYLE: Final = (
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#CC79A7", "D"),
    ("#000000", "v"),
)
_LEAST_APART: Final = 0.055


def draw_recall(
    recall: Mapping[tuple[str, str], float], clearness: Mapping[str, float], looks: float, file: Path
) -> None:
    """Write the SVG.

    Args:
        recall: by fault and cloudiness.
        clearness: share of the acquisition dates left, by cloudiness.
        looks: clear looks of a parcel's season where all are left.
        file: where to; folders are made.
    """
    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.add_subplot()
    faults = list(dict.fromkeys(fault for fault, _ in recall))
    places = list(range(len(clearness)))
    ends = [recall[fault, list(clearness)[-1]] for fault in faults]
    for fault, (colour, mark), height in zip(faults, _STYLE, _apart(ends), strict=True):
        values = [recall[fault, name] for name in clearness]
        axes.plot(places, values, color=colour, marker=mark, linewidth=1.8, markersize=6)
        axes.annotate(fault, (places[-1], height), (8, 0), textcoords="offset points", va="center", color=colour)
    axes.set_xticks(places, [f"{name}\n{share * looks:.0f} looks" for name, share in clearness.items()])
    axes.set_xlim(-0.15, len(places) - 0.15)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel("acquisition dates left, and clear looks at a parcel in the season (median)")
    axes.set_ylabel("share of faults found")
    axes.set_title("Injected faults found, at 2 % false alarms per parcel-season and cause", loc="left", fontsize=10)
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    file.parent.mkdir(parents=True, exist_ok=True)
    # The same figures give the same file: no date, no random ids, and text that stays text.
    with mpl.rc_context({"svg.hashsalt": "growth", "svg.fonttype": "none"}):
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})


def _apart(heights: list[float]) -> list[float]:
    """Heights of labels that do not lie upon each other, in the order given."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed, last = list(heights), -1.0
    for one in order:
        placed[one] = last = max(heights[one], last + _LEAST_APART)
    return placed
