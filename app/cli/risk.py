"""`acreline risk ...`: scorecards and their measures, loan classes, expected loss, and what satellites add."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

import typer
from rich.console import Console

from app.cli.limits import Language
from geo.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from scoring.risk.rules import RiskRules

app = typer.Typer(
    help="Scorecards, loan classes, expected loss, and what satellite features add to them.", no_args_is_help=True
)

Part = TypeVar("Part")

Table: TypeAlias = Annotated[Path, typer.Option(help="Applicants, one a row: CSV (UTF-8) or Parquet.", metavar="FILE")]
Loans: TypeAlias = Annotated[Path, typer.Option(help="Loans of the core system: CSV or Parquet.", metavar="FILE")]
Encoding: TypeAlias = Annotated[str, typer.Option(help="Of a CSV of loans; gb18030 in many core systems.")]
Target: TypeAlias = Annotated[str, typer.Option(help="Column of the outcome: 1 defaulted, 0 did not.")]
Block: TypeAlias = Annotated[str, typer.Option(help="Column of the branch, village or spatial block.")]
Time: TypeAlias = Annotated[str | None, typer.Option(help="Column of the day of application, with --cutoff.")]
Cutoff: TypeAlias = Annotated[
    str | None, typer.Option(help="First day of the applicants that judge; earlier ones teach.", metavar="DATE")
]
Columns: TypeAlias = list[str]
Seed: TypeAlias = Annotated[int, typer.Option(help="The same seed gives the same figures.", min=0)]
Out: TypeAlias = Annotated[Path, typer.Option(help="File to write.", metavar="FILE")]
Rules: TypeAlias = Annotated[str, typer.Option(help="Risk rules: a TOML file, or cn-risk-example, in-risk-example.")]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON line.")]
AsOf: TypeAlias = Annotated[datetime, typer.Option(help="Day of the loan file.", formats=["%Y-%m-%d"], metavar="DATE")]


@app.command()
def score(
    card: Annotated[Path, typer.Option(help="Scorecard (JSON); see docs/risk.md.", metavar="FILE")],
    table: Table,
    out: Out,
    *,
    lang: Annotated[Language, typer.Option(help="Language of the reasons.")] = Language.EN,
) -> None:
    """Score applicants: points, PD and at most four principal reasons each."""
    from app.jobs.risk import read_applicants, read_scorecard, scored_table, write_csv
    from scoring.risk.points import score_applicants

    applicants = read_applicants(table)
    scored = score_applicants(read_scorecard(card), applicants)
    write_csv(out, scored_table(scored, applicants, lang.value))
    typer.echo(f"{int(scored.complete.sum())} of {len(applicants)} applicants have a score: {out}")


@app.command()
def train(
    table: Table,
    target: Target,
    attribute: Annotated[Columns, typer.Option(help="Columns that may become attributes: a,b or several times.")],
    block: Block,
    out: Out,
    made_on: Annotated[datetime, typer.Option(help="Day the card is made.", formats=["%Y-%m-%d"], metavar="DATE")],
    *,
    card_id: Annotated[str, typer.Option(help="Id of the card.")] = "trained",
    time: Time = None,
    cutoff: Cutoff = None,
    pdo: Annotated[float, typer.Option(help="Points that double the odds.", min=0.001)] = 20.0,
    base_score: Annotated[float, typer.Option(help="Score at the base odds.")] = 600.0,
    base_odds: Annotated[float, typer.Option(help="Odds of good to bad there.", min=0.001)] = 50.0,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Learn a scorecard and judge it on other blocks and, with --cutoff, on later applicants (extra `risk`)."""
    from app.cli.risk_tables import print_trained, trained_dict
    from app.jobs.risk import read_applicants, write_text
    from scoring.risk.outcomes import block_column, column_names, late_rows, outcomes
    from scoring.risk.scorecard import Scaling, write_scorecard
    from scoring.risk.training import CardOrder, train_scorecard

    rows = read_applicants(table)
    order = CardOrder(
        id=card_id, made_on=made_on.date(), target=target, attributes=column_names(attribute), block=block,
        scaling=Scaling(pdo=pdo, base_score=base_score, base_odds=base_odds), seed=seed,
    )  # fmt: skip
    late = late_rows(rows, time, cutoff)
    trained = train_scorecard(rows, order, outcomes(rows, target), block_column(rows, block), late)
    write_text(out, write_scorecard(trained.card))
    if as_json:
        _say(trained_dict(trained))
    else:
        print_trained(_console(), trained, out)


@app.command()
def measure(
    table: Table,
    target: Target,
    pd_column: Annotated[str, typer.Option("--pd", help="Column of the predicted PD.")],
    block: Block,
    *,
    against: Annotated[
        Path | None, typer.Option(help="Applicants when the card was made, for the PSI of the PD.", metavar="FILE")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """KS, Gini and calibration of a predicted PD, with intervals over blocks; PSI against an earlier table."""
    from app.cli.risk_tables import print_measured
    from app.jobs.risk import read_applicants
    from scoring.risk.report import measure_pd

    earlier = None if against is None else read_applicants(against)
    measured = measure_pd(read_applicants(table), target, pd_column, block, earlier=earlier, seed=seed)
    if as_json:
        _say(measured.as_dict())
    else:
        print_measured(_console(), measured)


@app.command()
def classes(
    loans: Loans,
    out: Out,
    as_of: AsOf,
    *,
    rules: Rules = "cn-risk-example",
    encoding: Encoding = "utf-8-sig",
    as_json: Json = False,
) -> None:
    """Compare the core system's five classes with their floors by days overdue, and flag what is better."""
    from app.jobs.risk import read_loans, write_csv
    from scoring.risk.classes import compare_classes, require_in_force

    section = _part(_rules(rules).risk.classes, "classes", rules)
    require_in_force(section.valid_from, as_of.date())
    compared = compare_classes(read_loans(loans, encoding), section.floors)
    write_csv(out, compared)
    _counts(compared, "state", out, as_json)


@app.command()
def seasons(
    loans: Loans,
    out: Out,
    as_of: AsOf,
    *,
    rules: Rules = "in-risk-example",
    encoding: Encoding = "utf-8-sig",
    as_json: Json = False,
) -> None:
    """Non-performing crop loans in India, by crop seasons overdue."""
    from app.jobs.risk import read_loans, write_csv
    from scoring.risk.npa import season_table

    section = _part(_rules(rules).risk.crop_seasons, "crop_seasons", rules)
    states = season_table(read_loans(loans, encoding), as_of.date(), section)
    write_csv(out, states)
    _counts(states, "is_npa", out, as_json)


@app.command()
def tiers(
    table: Annotated[Path, typer.Option(help="Applicants with score and the gates' facts.", metavar="FILE")],
    out: Out,
    *,
    rules: Rules = "cn-risk-example",
    as_json: Json = False,
) -> None:
    """Put applicants into the bank's own tiers: gates first, then pools by score."""
    from app.jobs.risk import read_applicants, write_csv
    from scoring.risk.tiers import assign_tiers

    applicants = read_applicants(table)
    assigned = assign_tiers(applicants, _part(_rules(rules).risk.tiers, "tiers", rules))
    if "applicant_id" in applicants.columns:
        assigned.insert(0, "applicant_id", applicants.applicant_id)
    joined = {name: assigned[name].map(";".join) for name in ("gates", "missing")}
    write_csv(out, assigned.assign(**joined))
    _counts(assigned, "state", out, as_json)


@app.command()
def loss(
    loans: Loans,
    out: Out,
    *,
    rules: Rules = "cn-risk-example",
    encoding: Encoding = "utf-8-sig",
    as_json: Json = False,
) -> None:
    """Expected loss of each loan and of the book, in whole minor units that add up."""
    from app.cli.money import exponent_of
    from app.cli.risk_tables import print_loss
    from app.jobs.risk import read_loans, write_csv
    from scoring.risk.loss import expected_loss

    book = expected_loss(read_loans(loans, encoding), _part(_rules(rules).risk.loss, "loss", rules))
    write_csv(out, book.loans)
    if as_json:
        _say(book.as_dict(exponent_of(book.currency)))
    else:
        print_loss(_console(), book, out)


@app.command()
def uplift(
    table: Table,
    target: Target,
    baseline: Annotated[Columns, typer.Option(help="Columns that the bank has anyway: a,b or several times.")],
    satellite: Annotated[Columns, typer.Option(help="Columns that come from imagery: a,b or several times.")],
    block: Block,
    *,
    time: Time = None,
    cutoff: Cutoff = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Say what satellite features add in Gini and KS, on blocks that the models did not see (extra `risk`)."""
    from app.cli.risk_tables import print_uplift
    from app.jobs.risk import read_applicants
    from scoring.risk.outcomes import column_names
    from scoring.risk.uplift import UpliftQuestion, measure_uplift

    question = UpliftQuestion(
        target=target, baseline=column_names(baseline), satellite=column_names(satellite), block=block, time=time,
        cutoff=cutoff, seed=seed,
    )  # fmt: skip
    found = measure_uplift(read_applicants(table), question)
    if as_json:
        _say(found.as_dict())
    else:
        print_uplift(_console(), found)


def _rules(name: str) -> RiskRules:
    from scoring.risk.rules import load_risk_rules

    return load_risk_rules(name)


def _part(part: Part | None, name: str, rules: str) -> Part:
    if part is None:
        raise InputError("RISK_RULES", f"The risk rules {rules!r} have no part {name!r}.", "docs/risk.md lists them.")
    return part


def _counts(table: pd.DataFrame, column: str, out: Path, as_json: bool) -> None:
    counts = {str(name): int(count) for name, count in table[column].value_counts().sort_index().items()}
    if as_json:
        _say({"loans" if "loan_id" in table.columns else "applicants": len(table), column: counts, "out": str(out)})
        return
    said = ", ".join(f"{count} {column} {name}" for name, count in counts.items())
    typer.echo(f"{len(table)} rows ({said}): {out}")


def _say(facts: dict[str, object]) -> None:
    typer.echo(json.dumps(facts, ensure_ascii=False))


def _console() -> Console:
    return Console(file=sys.stdout, soft_wrap=True)
