"""The loan file of the made-up bank: one row per plot of a loan, as a core system would hand it over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

MU_PER_HA: Final = 15
_SHARE_WITH_LOAN: Final = 0.6
_SHARE_INSURED: Final = 0.5
_SHARE_LATE: Final = 0.08
_OPENED_BEFORE: Final = timedelta(days=300)
#: Days from the day of the file on which loans fall due.
_DUE_FROM: Final = 4
_DUE_TO: Final = 75
#: Sanctioned amount, yuan a mu; rounded to whole hundreds.
_PER_MU: Final = (450, 800)
_INSURED_PER_MU: Final = 600
_CLASSES: Final = ((90, "次级"), (1, "关注"), (0, "正常"))


def loan_file(plots: pd.DataFrame, day: date, rng: np.random.Generator) -> pd.DataFrame:
    """Loans of a part of the farmers, each on all plots of the farmer.

    Args:
        plots: columns parcel_id, farmer_id, declared_crop and certified_area_ha.
        day: of the file.
        rng: what is drawn from.

    Returns:
        Text columns as app/jobs/trial/data/core.toml reads them.
    """
    farmers = sorted(plots.farmer_id.unique())
    with_loan = [farmer for farmer in farmers if rng.random() < _SHARE_WITH_LOAN]
    rows: list[dict[str, str]] = []
    for number, farmer in enumerate(with_loan, start=1):
        own = plots[plots.farmer_id == farmer]
        loan = _loan(number, str(farmer), float(own.certified_area_ha.sum()) * MU_PER_HA, day, rng)
        rows += [loan | _plot(plot) for plot in own.itertuples()]
    return pd.DataFrame(rows)


def _loan(number: int, farmer: str, area_mu: float, day: date, rng: np.random.Generator) -> dict[str, str]:
    sanctioned = max(round(area_mu * rng.uniform(*_PER_MU) / 100) * 100, 1000)
    outstanding = round(sanctioned * rng.uniform(0.3, 0.95))
    late = int(rng.integers(5, 120)) if rng.random() < _SHARE_LATE else 0
    due = day + timedelta(days=-late if late else int(rng.integers(_DUE_FROM, _DUE_TO)))
    opened = day - _OPENED_BEFORE - timedelta(days=int(rng.integers(0, 40)))
    insured = rng.random() < _SHARE_INSURED
    return {
        "loan": f"L-{number:04d}",
        "facility": f"F-{day.year}-{number:04d}",
        "farmer": farmer,
        "product": "planting",
        "sanctioned": str(sanctioned),
        "drawing": str(sanctioned),
        "outstanding": str(outstanding),
        "overdue": str(outstanding if late else 0),
        "days_overdue": str(late),
        "rate_percent": f"{rng.uniform(3.2, 4.6):.2f}",
        "opened_on": opened.isoformat(),
        "due_on": due.isoformat(),
        "class": next(name for least, name in _CLASSES if late >= least),
        "crop_ends_on": (day + timedelta(days=30)).isoformat(),
        "cover": "crop" if insured else "",
        "insurer": "Trial Insurance" if insured else "",
        "policy": f"N-{number:04d}" if insured else "",
        "insured": str(round(area_mu * _INSURED_PER_MU)) if insured else "",
        "cover_from": opened.isoformat() if insured else "",
        "cover_to": due.isoformat() if insured else "",
        "premium": str(round(area_mu * _INSURED_PER_MU * 0.05)) if insured else "",
    }


def _plot(plot: Any) -> dict[str, str]:
    crop = plot.declared_crop if isinstance(plot.declared_crop, str) else ""
    return {"parcel": plot.parcel_id, "area_mu": f"{plot.certified_area_ha * MU_PER_HA:.2f}", "crop": crop}
