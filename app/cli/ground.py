"""`acreline ground ...`: the same ground under two contracts, for a person to decide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer

from app.cli.institution import ByOption, DatabaseOption, institution

app = typer.Typer(help="The same ground under two contracts: find, list, decide.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The same ground under two contracts."""


@app.command()
def find(
    *,
    as_of: Annotated[str | None, typer.Option(help="Day; today by default.", metavar="DATE")] = None,
    inward_m: Annotated[
        float, typer.Option(help="Metres that each outline is drawn in by before two are compared.", min=0)
    ] = 5.0,
    least_share: Annotated[float, typer.Option(help="Of the smaller plot that must be shared.", min=0, max=1)] = 0.1,
    least_days: Annotated[int, typer.Option(help="That both contracts must run together.", min=1)] = 2,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be found, and write nothing.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Search all plots that run on the day or later; no contract is changed."""
    from app.book.ground import find_ground
    from app.cli.run import day
    from app.db.engine import writing
    from scoring.lending.ground import Tolerance

    now = datetime.now(UTC)
    on = now.date() if as_of is None else day(as_of, "--as-of")
    with institution(database) as engine, writing(engine) as connection:
        undone = connection.begin_nested()
        found = find_ground(connection, on, Tolerance(inward_m, least_share, least_days), now)
        if dry_run:
            undone.rollback()
    if found.without_outline:
        typer.echo(f"{found.without_outline} plots had no outline on {on} and were not compared.")
    for pair in found.new if dry_run else ():
        typer.echo(_pair(pair.first_plot_id, pair.second_plot_id, pair.overlap_ha, pair.share_of_smaller))
    known = len(found.pairs) - len(found.new)
    typer.echo(
        f"{found.plots} plots, {len(found.pairs)} pairs on the same ground: {len(found.new)} new, {known} known."
    )


@app.command(name="list")
def list_found(
    *,
    status: Annotated[Literal["open", "confirmed", "dismissed", "all"], typer.Option(help="Which.")] = "open",
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")] = False,
) -> None:
    """Print findings, the largest share first."""
    from app.book.ground import findings
    from app.db.tables.kinds import FindingStatus

    with institution(database) as engine, engine.connect() as connection:
        found = findings(connection, None if status == "all" else FindingStatus(status))
    for row in found:
        if as_json:
            typer.echo(json.dumps(dict(row), default=str, ensure_ascii=False))
            continue
        plots = _pair(row["first_plot_id"], row["second_plot_id"], row["overlap_ha"], row["share_of_smaller"])
        days = f"{row['starts_on']} to {row['ends_on'] or 'open'}"
        contracts = " and ".join(_contract(dict(row), each) for each in ("first", "second"))
        typer.echo(f"Finding {row['id']}\t{row['status']}\t{plots}\t{days}\t{contracts}")
    if not found and not as_json:
        typer.echo("No findings.")


@app.command()
def decide(
    finding: Annotated[int, typer.Argument(help="Number of the finding.")],
    outcome: Annotated[Literal["confirmed", "dismissed"], typer.Argument(help="What it is.")],
    by: ByOption,
    reason: Annotated[str, typer.Option(help="Why; name nobody in it.")],
    *,
    database: DatabaseOption = None,
) -> None:
    """Say what a finding is. Both contracts stand as they are: what follows is decided elsewhere."""
    from app.book import ground
    from app.book.decisions.people import find_user, require_role
    from app.db.engine import writing
    from app.db.tables.kinds import FindingStatus, UserRole

    with institution(database) as engine, writing(engine) as connection:
        who = find_user(connection, by)
        require_role(who, (UserRole.REVIEWER, UserRole.RISK, UserRole.ADMIN), "decides findings")
        ground.decide(connection, finding, FindingStatus(outcome), by_id=who.id, reason=reason, now=datetime.now(UTC))
    typer.echo(f"Finding {finding} is {outcome}.")


def _contract(row: Mapping[str, Any], which: str) -> str:
    facility, right = row[f"{which}_facility"], row[f"{which}_land_right_id"]
    return f"{f'facility {facility}' if facility else f'land right {right}'} (parcel {row[f'{which}_parcel_id']})"


def _pair(first: int, second: int, overlap_ha: float, share: float) -> str:
    return f"plots {first} and {second}: {overlap_ha:.2f} ha, {share:.0%} of the smaller"
