"""`acreline limits plan|tranches|next`: before the season, what may be drawn in it, and what a look would change."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from app.cli.growth_watch import CalendarOption, CalendarsOption, KnownAt
from app.cli.limits import Language
from app.cli.money import major_text
from app.cli.which_limit import BookOption, Database, DecisionOption, ProposalOption, Question, RunOption

if TYPE_CHECKING:
    import pandas as pd

    from app.jobs.planned import Planned
    from app.jobs.watch.asking import KnownBy
    from scoring.next_look.outlook import Outlook
    from scoring.pack_schema import Pack

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Lang: TypeAlias = Annotated[Language, typer.Option(help="Language of the lines.")]


def plan(
    plan: Annotated[Path, typer.Option(help="CSV or Parquet with parcel_id, crop and, where it matters, season.")],
    run: Annotated[list[Path], typer.Option(help="Folder of a finished run of an earlier season; may be repeated.")],
    season_start: Annotated[str, typer.Option(help="First day of the coming season, 2026-10-01.", metavar="DATE")],
    season_end: Annotated[str, typer.Option(help="Last day of the coming season, 2027-09-30.", metavar="DATE")],
    policy: Annotated[str, typer.Option(help="Policy pack; `acreline policy list` names them.")],
    out: Annotated[Path, typer.Option(help="New folder for the limits and what they rest on.")],
    *,
    parcels: Annotated[
        Path | None, typer.Option(help="Parcel file of the coming season; the parcels of the latest run without it.")
    ] = None,
    parcels_crs: Annotated[
        str | None, typer.Option(help="CRS of the parcel file where it states none, EPSG:4490.", metavar="CRS")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="Column with the parcels' ids.", metavar="NAME")] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    as_json: AsJson = False,
) -> None:
    """Limits before the season: the planned crop on what earlier seasons showed, the land right and the papers.

    The folder takes `limits explain`, `limits replay`, `limits next` and `limits tranches`.
    """
    from app.cli.run import day
    from app.jobs.planned import open_outlines, plan_limits, read_plan
    from app.jobs.policybook import open_run
    from geo.season import Season
    from scoring.policy import open_pack

    pack = open_pack(policy, packs_dir=packs)
    season = Season(day(season_start, "--season-start"), day(season_end, "--season-end"))
    outlines = None if parcels is None else open_outlines(parcels, parcels_crs, id_column)
    found = plan_limits(read_plan(plan), [open_run(each) for each in run], pack, season, out, outlines)
    today = pack.local_day(datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(found.as_dict() | {"in_force": pack.in_force(today)}, ensure_ascii=False))
        return
    _print_planned(found, pack, out)
    if not pack.in_force(today):
        typer.echo(f"The policy {pack.id} is not in force on {today}: no decision can rest on it today.")


def tranches(
    run: Annotated[Path, typer.Option(help="Folder of `acreline limits plan`.")],
    on: Annotated[str, typer.Option("--on", help="Day as of which it is asked.", metavar="DATE")],
    subjects: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Parcels or farmers.")] = None,
    *,
    seen: Annotated[Path | None, typer.Option(help="Run that observed the season until that day.")] = None,
    looks: Annotated[
        Path | None,
        typer.Option(help="Run whose looks known by that day tell ploughed ground, stand and canopy; that of --seen."),
    ] = None,
    watch: Annotated[
        Path | None, typer.Option(help="Folder of `acreline growth watch`, whose own action alerts ask for a person.")
    ] = None,
    calendar: CalendarOption = None,
    calendars: CalendarsOption = None,
    known_at: Annotated[
        KnownAt, typer.Option(help="When a look of the run counts as known: as the catalogue says, or once taken.")
    ] = KnownAt.CATALOGUE,
    out: Annotated[Path | None, typer.Option(help="Parquet file for all rows.")] = None,
    lang: Lang = Language.EN,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """What may be drawn of the limits of a plan: each tranche, what confirms it, or what is missing.

    Without ids the sums of the book are printed. What is not confirmed is not yet to be drawn; the amount stands. An
    open alert of level action on a parcel alone asks for a person and freezes nothing: those of --watch, else of the
    database.
    """
    import pandas as pd

    from app.cli.gate import signs_for
    from app.cli.run import day
    from app.jobs.field_signs import MarkRequest
    from app.jobs.planned import drawn
    from geo.observations import write_table
    from scoring.seasons.tranches import TRANCHES

    known_by: KnownBy = "sensed" if known_at is KnownAt.SENSED else "catalogue"
    looked = looks or seen
    marks = None if looked is None else MarkRequest(looked, tuple(calendar or ()), calendars, known_by)
    asked = day(on, "--on")
    table, record = drawn(run, seen, asked, signs_for(asked, marks, watch, database))
    if out is not None:
        write_table(table, TRANCHES, out)
    rows = _of_subjects(table, subjects or [])
    if as_json:
        for row in rows.to_dict("records"):
            plain = {str(name): None if cell is pd.NA else cell for name, cell in row.items()}
            said = plain | {"reasons": json.loads(str(plain["reasons"]))}
            typer.echo(json.dumps(said, ensure_ascii=False, default=str))
    elif subjects:
        _print_rows(rows, lang.value)
    else:
        _print_sums(table, record.pack, lang.value)


def next_look(
    subjects: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Parcels or farmers.")] = None,
    *,
    run: RunOption = None,
    book: BookOption = None,
    proposal: ProposalOption = None,
    decision: DecisionOption = None,
    database: Database = None,
    lang: Lang = Language.EN,
    as_json: AsJson = False,
) -> None:
    """What one more clear image, a visit or a paper would change of a limit, and by how much."""
    from app.cli.which_limit import by_folder, places_of
    from app.jobs.next_look import next_looks

    places = places_of(subjects or [], Question(run, book, proposal, decision, database))
    for folder, named in by_folder(places).items():
        found, pack = next_looks(folder, named)
        for outlook in found:
            _print_outlook(outlook, pack, lang, as_json=as_json)


def _print_outlook(outlook: Outlook, pack: Pack, lang: Language, *, as_json: bool) -> None:
    from scoring.next_look.lines import outlook_lines

    if as_json:
        lines = {each.value: outlook_lines(outlook, pack, each.value) for each in Language}
        said = outlook.to_dict() | {"currency": pack.currency.code, "lines": lines}
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    for place, line in enumerate(outlook_lines(outlook, pack, lang.value)):
        typer.echo(f"{'  ' if place else ''}{line}")


def _print_planned(found: Planned, pack: Pack, out: Path) -> None:
    said, evidence, code = found.as_dict(), found.evidence, pack.currency.code
    total = major_text(int(found.limits.amount_minor[found.limits.subject_kind == "parcel"].fillna(0).sum()), code)
    typer.echo(
        f"{said['with_plan']} of {said['parcels']} parcels have a plan, {said['with_amount']} an amount: {total}."
    )
    typer.echo(f"{said['needs_visit']} parcels need a visit.")
    typer.echo(f"Earlier seasons: {', '.join(evidence.seasons)}.")
    typer.echo(
        f"A crop was seen on {evidence.with_area} parcels; {evidence.never_cropped} were decided and showed none."
    )
    typer.echo(f"Limits and what they rest on: {out}")


def _of_subjects(table: pd.DataFrame, subjects: list[str]) -> pd.DataFrame:
    from geo.errors import InputError

    unknown = sorted(set(subjects) - set(table.subject_id))
    if unknown:
        raise InputError("UNKNOWN_SUBJECT", f"The run has no parcel or farmer {unknown[0]!r}.", "Check the id.")
    rows = table[table.subject_id.isin(subjects)] if subjects else table
    return rows.sort_values(["subject_kind", "subject_id"], kind="stable")


def _print_rows(rows: pd.DataFrame, language: str) -> None:
    console = Console(file=sys.stdout, soft_wrap=True)
    for (_, subject), part in rows.groupby(["subject_kind", "subject_id"], sort=False):
        console.print(str(subject), style="bold", highlight=False, markup=False)
        for row in part.itertuples():
            figures = _figures(row.drawable_minor, row.amount_minor, str(row.currency))
            console.print(f"  {figures}  {row.tranche}: {row.state}", highlight=False, markup=False)
            for line in json.loads(str(row.reasons)):
                console.print(f"      {line[language]}", highlight=False, markup=False)


def _print_sums(table: pd.DataFrame, pack: Pack, language: str) -> None:
    own = table[table.subject_kind == "parcel"]
    for tranche in pack.tranches:
        rows = own[own.tranche == tranche.key]
        due, drawable = (int(rows[name].fillna(0).sum()) for name in ("amount_minor", "drawable_minor"))
        title = tranche.title.en if language == "en" else tranche.title.zh
        states = ", ".join(f"{count} {state}" for state, count in rows.state.value_counts(sort=False).items())
        typer.echo(f"{_figures(drawable, due, pack.currency.code)}  {tranche.key} ({title}): {states}")


def _figures(drawable: object, due: object, currency: str) -> str:
    import pandas as pd

    if pd.isna(due):  # type: ignore[call-overload] # a cell of a table
        return "-"
    return f"{major_text(int(str(drawable)), currency)} of {major_text(int(str(due)), currency)}"
