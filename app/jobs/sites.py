"""Score the dating of energy sites from files."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.jobs.tabular import read_cells
from scoring.sites.change.dating import Dated
from scoring.sites.change.scoring_years import YearScore, drawn, score_years, truth_of
from scoring.sites.change.series import SiteSeries, series_of


@dataclass(frozen=True, slots=True)
class SitesReport:
    """Years of sites, and how right they are.

    Attributes:
        score: figures.
        dated: what was told of each site.
        series: the sites that were dated.
    """

    score: YearScore
    dated: Dated
    series: SiteSeries

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        figures = asdict(self.score)
        figures = {
            name: None if isinstance(value, float) and np.isnan(value) else value for name, value in figures.items()
        }
        return figures | {"scale": self.dated.fitted.scale, "falling": self.dated.fitted.falling}

    def table(self) -> list[tuple[str, str]]:
        """Label and value of each line for people."""
        score = self.score
        mean_error = "none was built" if np.isnan(score.mae_years) else f"{score.mae_years:.2f} years"
        return [
            ("Sites", f"{score.sites}, of {score.trained_on} more the labels were used"),
            ("Year right", f"{score.accuracy:.3f} of built sites, {score.accuracy_of_all:.3f} of all"),
            ("If all were built", f"{score.accuracy_if_built:.3f} right, error {score.mae_if_built:.2f} years"),
            ("What it believes", f"{score.confidence:.3f} of all"),
            ("Mean absolute error", f"{mean_error}, over {score.built} built sites"),
            ("False builds", f"{score.false_builds} of {score.never_built} sites where nothing was built"),
            ("Missed builds", f"{score.missed_builds} of {score.built}"),
            ("No usable value", f"{score.unjudged}; said to be of the commonest year"),
            (
                "Noise is even on",
                f"the {self.dated.fitted.scale}" if self.dated.fitted.scale != "as it is" else "the number",
            ),
        ]


def evaluate_sites(series: Path, truth: Path, *, falling: bool, train_share: float, seed: int) -> SitesReport:
    """Date the sites of a truth from their series and score them; InputError names what cannot be used."""
    sites, years = truth_of(read_cells(truth), series_of(read_cells(series)))
    used = drawn(len(years), train_share, seed)
    score, dated = score_years(sites, years, used, falling=falling)
    return SitesReport(score, dated, sites)
