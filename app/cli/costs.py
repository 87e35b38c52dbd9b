"""`acreline policy costs`: a scale of finance proposed from a survey of farms."""

from __future__ import annotations

import json
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from geo.errors import InputError

if TYPE_CHECKING:
    from scoring.costs.proposal import Proposal


def costs(
    survey: Annotated[Path, typer.Option(help="Survey, one farm a row: CSV or Parquet.", metavar="FILE")],
    columns: Annotated[
        str, typer.Option(help="What its columns hold: a TOML file, or bihar-rice-survey.", metavar="MAPPING")
    ],
    crop: Annotated[str, typer.Option(help="Crop of the legend, rice.")],
    *,
    by: Annotated[
        str | None, typer.Option(help="Level of grouping that the mapping names, district.", metavar="LEVEL")
    ] = None,
    unit: Annotated[Literal["acre", "mu", "ha"], typer.Option(help="Unit of area of the figures.")] = "acre",
    statistic: Annotated[
        Literal["median", "trimmed_mean"], typer.Option(help="What stands for the farms of a group.")
    ] = "median",
    trim: Annotated[
        float, typer.Option(help="Share that a trimmed mean leaves out at each end.", min=0, max=0.49)
    ] = 0.1,
    weights: Annotated[Literal["farms", "area"], typer.Option(help="Whether larger areas weigh more.")] = "farms",
    least_farms: Annotated[
        int, typer.Option(help="A group with fewer farms takes the figure of the next wider one.", min=1)
    ] = 30,
    deviations: Annotated[
        float, typer.Option(help="Costs further from the median, in robust deviations of logs, are left out.", min=0.1)
    ] = 3.5,
    round_to: Annotated[str, typer.Option(help="Step of the rounding, in major units.")] = "100",
    round_mode: Annotated[
        Literal["down", "up", "half_up", "half_even"], typer.Option(help="Direction of the rounding.")
    ] = "half_up",
    confidence: Annotated[float, typer.Option(help="Of the intervals.", min=0.5, max=0.999)] = 0.95,
    resamples: Annotated[int, typer.Option(help="Draws of the bootstrap.", min=100)] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same intervals.", min=0)] = 0,
    encoding: Annotated[str, typer.Option(help="Of a CSV.")] = "utf-8-sig",
    delimiter: Annotated[str, typer.Option(help="Of a CSV.")] = ",",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
    as_toml: Annotated[bool, typer.Option("--toml", help="Print rows for the table [prices] of a pack.")] = False,
) -> None:
    """Propose a scale of finance from what a survey says that farms spent.

    An example for whoever sets scales of finance: no pack takes it by itself.
    """
    from app.jobs.tabular import read_cells
    from scoring.costs.mapping import load_survey_mapping
    from scoring.costs.proposal import propose_scale
    from scoring.costs.scale import ScaleOptions
    from scoring.costs.statistics import Statistic
    from scoring.money import Mode

    options = ScaleOptions(
        by, unit, Statistic(statistic), trim, weights == "area", least_farms, _step(round_to), Mode(round_mode),
        confidence, resamples, seed,
    )  # fmt: skip
    mapping = load_survey_mapping(columns)
    _say(propose_scale(read_cells(survey, encoding, delimiter), mapping, crop, options, deviations), as_json, as_toml)


def _say(proposal: Proposal, as_json: bool, as_toml: bool) -> None:
    from app.cli.cost_tables import print_proposal

    if as_json:
        typer.echo(json.dumps(proposal.as_dict(), ensure_ascii=False))
    elif as_toml:
        typer.echo(proposal.pack_rows(), nl=False)
    else:
        print_proposal(Console(file=sys.stdout), proposal)


def _step(text: str) -> Decimal:
    try:
        step = Decimal(text)
    except InvalidOperation as error:
        raise InputError("ROUND_TO", f"--round-to {text!r} is no number.", "Write it as 100 or 0.50.") from error
    if not step.is_finite() or step <= 0:
        raise InputError("ROUND_TO", f"--round-to {text} is not above 0.", "Write it as 100 or 0.50.")
    return step
