"""Visits: one, a file of them, the list of a week, and what they tell of the alerts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from app.cli.institution import ByOption, DatabaseOption, institution
from geo.errors import InputError

if TYPE_CHECKING:
    from app.alerts.visits.seen import Recorded

_SEED_BYTES = 16

visits = typer.Typer(help="Visits from phones.", no_args_is_help=True)

_Photos: TypeAlias = Annotated[
    Path | None, typer.Option("--photos", help="Where photos are kept; ACRELINE_PHOTO_DIR by default.", metavar="DIR")
]
_Outcome: TypeAlias = Literal["confirmed", "partly", "not_confirmed", "other_cause", "not_reached"]


@visits.callback()
def _group() -> None:
    """Visits from phones."""


def visit(
    alert: Annotated[str | None, typer.Argument(help="Alert that it was about.", metavar="[NUMBER|KEY]")] = None,
    *,
    by: ByOption,
    second: Annotated[str, typer.Option("--with", help="Login of the second officer.", metavar="LOGIN")],
    at: Annotated[str, typer.Option(help="When, with its zone: 2026-07-01T09:30Z.", metavar="TIME")],
    outcome: Annotated[_Outcome, typer.Option(help="What both found.")],
    parcel: Annotated[str | None, typer.Option(help="Parcel, where no alert is named.", metavar="ID")] = None,
    lon: Annotated[float | None, typer.Option(help="Longitude of the position, degrees.")] = None,
    lat: Annotated[float | None, typer.Option(help="Latitude of the position, degrees.")] = None,
    accuracy_m: Annotated[float | None, typer.Option(help="Error of the position, metres.")] = None,
    cause_found: Annotated[str | None, typer.Option(help="Key of what was there: hail.", metavar="KEY")] = None,
    loss_share: Annotated[float | None, typer.Option(help="Estimate of the loss, 0 to 1.")] = None,
    note: Annotated[str, typer.Option(help="In words; they stay for good: name nobody.")] = "",
    photo: Annotated[Path | None, typer.Option(help="JPEG or PNG.", metavar="FILE")] = None,
    photos: _Photos = None,
    database: DatabaseOption = None,
) -> None:
    """Record what two officers found on a parcel. No loan is changed."""
    from app.alerts.visits.phone_file import number_of
    from app.alerts.visits.photos import keep, read_photo
    from app.alerts.visits.seen import Seen, record_visit
    from app.db.engine import writing
    from app.db.tables.alert_kinds import VisitOutcome

    picture = None if photo is None else read_photo(photo)
    folder = None if picture is None else _folder(photos)
    with institution(database) as engine, writing(engine) as connection:
        seen = Seen(
            parcel_id=parcel,
            alert_id=None if alert is None else number_of(connection, alert),
            officers=(by, second),
            captured_at=_instant(at),
            outcome=VisitOutcome(outcome),
            longitude=lon,
            latitude=lat,
            accuracy_m=accuracy_m,
            cause_found=cause_found,
            loss_share=loss_share,
            note=note,
        )
        done = record_visit(connection, seen, picture, datetime.now(UTC))
        if picture is not None and folder is not None:
            keep(folder, picture)
    typer.echo(_said(done))


@visits.command(name="import")
def import_visits(
    file: Annotated[Path, typer.Argument(help="JSON Lines; docs/alerts.md names the keys.", metavar="FILE")],
    by: ByOption,
    *,
    photos: _Photos = None,
    database: DatabaseOption = None,
) -> None:
    """Take in visits from phones, all or none; the same visit again changes nothing."""
    from app.alerts.visits.phone_file import at_line, read_visits, seen_of
    from app.alerts.visits.photos import keep
    from app.alerts.visits.seen import record_visit
    from app.alerts.worklist.workflow import WORKING
    from app.book.decisions.people import find_user, require_role
    from app.db.engine import writing

    lines = read_visits(file)
    folder = _folder(photos) if any(line.photo is not None for line in lines) else None
    done: list[Recorded] = []
    with institution(database) as engine, writing(engine) as connection:
        require_role(find_user(connection, by), WORKING, "imports visits")
        for line in lines:
            try:
                done.append(record_visit(connection, seen_of(connection, line), line.photo, datetime.now(UTC)))
            except InputError as error:
                raise at_line(file, line.number, error) from error
        for line in lines:
            if line.photo is not None and folder is not None:
                keep(folder, line.photo)
    for each in done:
        if each.far or _photo_elsewhere(each):
            typer.echo(_said(each))
    new = sum(each.new for each in done)
    typer.echo(f"{new} visits recorded, {len(done) - new} were there already.")


def week(
    *,
    unit: Annotated[str, typer.Option(help="Code of the unit.", metavar="CODE")],
    iso_week: Annotated[str, typer.Option("--week", help="2026-W48.", metavar="WEEK")],
    capacity: Annotated[int | None, typer.Option("--visits", help="For how many there is time.", min=1)] = None,
    by: Annotated[str | None, typer.Option("--by", help="Login of who draws the list.", metavar="LOGIN")] = None,
    as_of: Annotated[str | None, typer.Option(help="Day of alerts and loans; today.", metavar="DATE")] = None,
    by_chance: Annotated[float, typer.Option("--by-chance", help="Part drawn by chance.", min=0, max=1)] = 0.1,
    seed: Annotated[str | None, typer.Option(help="What chance rests on; random by default.")] = None,
    sheets: Annotated[bool, typer.Option("--print", help="A plain sheet for each parcel.")] = False,
    rules_dir: Annotated[Path | None, typer.Option(help="Folder of the bank's own alert rules.")] = None,
    lang: Annotated[Literal["en", "zh"], typer.Option("--lang", help="Language of the words.")] = "en",
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each visit.")] = False,
) -> None:
    """Print a unit's visits of a week; the first time they are drawn, a tenth of them by chance."""
    from app.alerts.visits.weeks import Draw, draw_list, list_of, monday_of
    from app.alerts.worklist.candidates import RulesAtHand
    from app.book.decisions.people import find_user
    from app.cli.run import day
    from app.cli.visit_sheets import print_list
    from app.db.engine import writing

    monday, rules, now = monday_of(iso_week), RulesAtHand(rules_dir), datetime.now(UTC)
    with institution(database) as engine, writing(engine) as connection:
        known = list_of(connection, monday, unit)
        if known is None:
            if by is None or capacity is None:
                raise InputError(
                    "WEEK_NOT_DRAWN", f"No list of {unit} is drawn for {iso_week}.", "Give --visits N and --by LOGIN."
                )
            on = now.date() if as_of is None else day(as_of, "--as-of")
            draw = Draw(monday, unit, capacity, on, seed or token_hex(_SEED_BYTES), by_chance)
            draw_list(connection, draw, find_user(connection, by), now, rules)
            known = list_of(connection, monday, unit)
        elif capacity not in (None, known["capacity"]):
            raise InputError(
                "WEEK_DRAWN",
                f"The list of {unit} for {iso_week} was drawn with {known['capacity']} visits.",
                "It stays as it is: leave --visits out.",
            )
        if known is not None:
            print_list(connection, known, rules, lang, sheets=sheets, as_json=as_json)


def precision(
    *,
    first: Annotated[str | None, typer.Option("--from", help="First day of the visits.", metavar="DATE")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day of the visits.", metavar="DATE")] = None,
    unit: Annotated[str | None, typer.Option(help="Of this unit, those below it, and none.", metavar="CODE")] = None,
    top: Annotated[int | None, typer.Option(help="Only ranks up to this one of each list.", min=1)] = None,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Print how many visits confirmed the alerts, and what visits by chance found where no alert was."""
    from dataclasses import asdict

    from app.alerts.visits.outcomes import outcomes
    from app.cli.run import day
    from app.cli.visit_sheets import print_precision
    from scoring.alerts.outcomes import misses
    from scoring.alerts.outcomes import precision as measured

    since, until = (None if text is None else day(text, name) for text, name in ((first, "--from"), (last, "--to")))
    with institution(database) as engine, engine.connect() as connection:
        table = outcomes(connection, first=since, last=until, unit=unit)
    confirmed, missed = measured(table, top), misses(table)
    if as_json:
        said = {"visits": table.num_rows, "precision": [asdict(row) for row in confirmed], "misses": asdict(missed)}
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        print_precision(confirmed, missed, table.num_rows, top)


def priors(
    *,
    rules: Annotated[str, typer.Option(help="Alert rules by id or file.", metavar="ID")] = "growth-1",
    rules_dir: Annotated[Path | None, typer.Option(help="Folder of the bank's own rules.", metavar="DIR")] = None,
    weight: Annotated[float, typer.Option(help="Visits that a prior of the rules counts for.", min=0.1)] = 20.0,
    unit: Annotated[str | None, typer.Option(help="Of this unit, those below it, and none.", metavar="CODE")] = None,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Print the priors of alert rules as visits bear them out, for a person to put into the next version."""
    from dataclasses import asdict

    from app.alerts.visits.outcomes import outcomes
    from app.cli.visit_sheets import print_priors
    from scoring.alerts.outcomes import measured_priors
    from scoring.alerts.rules import load_rules

    loaded = load_rules(rules, rules_dir)
    with institution(database) as engine, engine.connect() as connection:
        found = measured_priors(outcomes(connection, unit=unit), loaded, weight)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found if row.visits], ensure_ascii=False))
    else:
        print_priors(found, loaded)


def _said(done: Recorded) -> str:
    where = "no position" if done.distance_m is None else f"{done.distance_m:.0f} m from the outline"
    far = ", FAR from the parcel" if done.far else ""
    photo = f", the photo was taken {done.photo_m:.0f} m away" if _photo_elsewhere(done) else ""
    again = "" if done.new else " was there already"
    return f"Visit {done.number} to parcel {done.parcel_id}{again}: {where}{far}{photo}."


def _photo_elsewhere(done: Recorded) -> bool:
    from app.alerts.visits.seen import FAR_M

    return done.photo_m is not None and done.photo_m > FAR_M


def _folder(named: Path | None) -> Path:
    from app.settings import load_settings

    folder = named or load_settings().photo_dir
    if folder is None:
        raise InputError(
            "PHOTO_FOLDER", "No folder of photos is named.", "Give --photos DIR, or set ACRELINE_PHOTO_DIR."
        )
    return folder


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError("VISIT_TIME", f"--at {text!r} is no instant.", "Write it as 2026-07-01T09:30Z.") from error
    if at.tzinfo is None:
        raise InputError("VISIT_TIME", f"--at {text!r} has no time zone.", "Write it as 2026-07-01T09:30Z or +08:00.")
    return at
