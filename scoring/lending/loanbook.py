"""A core system's loans as of a day: loans, the plots behind them, and what insures those."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import geopandas as gpd
import pandas as pd

#: Amounts of a loan, in tables of minor units under these names with _minor behind.
AMOUNTS: Final = ("sanctioned", "drawing", "principal", "outstanding", "overdue")


@dataclass(frozen=True, slots=True)
class LoanBook:
    """A loan file that was read without a fault. Amounts are Python integers of minor units; None is not known.

    Attributes:
        source: whose file it is.
        as_of: day that the file tells of.
        complete: the file holds every loan of its source.
        loans: one row per loan: loan_number, facility_number, farmer_id, product, revolving, currency,
            sanctioned_minor, drawing_minor, principal_minor, outstanding_minor, overdue_minor, days_overdue,
            rate_ppm (millionths a year), opened_on, due_on, loan_class (as scoring.risk.classes names them).
        plots: EPSG:4326, one row per loan and plot: loan_number, parcel_id, plot_code, geometry_version, area_ha (as
            the file states it), measured_ha (geodesic, of the outline; 0 without one), crop (legend key), starts_on,
            ends_on, village_code and village (its name), geometry (None without a usable outline).
        insurances: one row per policy: loan_number, parcel_id, kind, insurer, policy_number, crop, insured_minor,
            premium_minor, starts_on, ends_on, currency.
        claims: one row per claim: the first five columns of its policy, then event, starts_on, ends_on, outcome,
            paid_minor, currency.
        repairs: what was done to outlines: parcel_id and one line for people.
        lacks: facts that the source does not know, with the reason.
    """

    source: str
    as_of: date
    complete: bool
    loans: pd.DataFrame
    plots: gpd.GeoDataFrame
    insurances: pd.DataFrame
    claims: pd.DataFrame
    repairs: tuple[tuple[str, str], ...]
    lacks: dict[str, str]

    def totals(self) -> dict[str, dict[str, int | None]]:
        """By currency: number of loans, and of each amount the sum of those known (None: of none) and how many are not.

        The names are loans, sanctioned_minor, sanctioned_unknown, and so on for AMOUNTS.
        """
        return {str(currency): _totals(rows) for currency, rows in self.loans.groupby("currency")}


def _totals(loans: pd.DataFrame) -> dict[str, int | None]:
    totals: dict[str, int | None] = {"loans": len(loans)}
    for name in AMOUNTS:
        known = [value for value in loans[f"{name}_minor"] if value is not None]
        totals |= {f"{name}_minor": sum(known) if known else None, f"{name}_unknown": len(loans) - len(known)}
    return totals
