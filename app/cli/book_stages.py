"""`acreline book stages`: loans that fall due or are overdue, beside what was seen of their crop."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.cli.book import AsJson
from app.cli.growth_watch import CalendarOption, CalendarsOption, KnownAt
from app.cli.institution import DatabaseOption, institution
from app.cli.limits import Language
from app.cli.money import major_text

if TYPE_CHECKING:
    from datetime import date

    from app.alerts.loans.stages import LoanAtStage
    from app.jobs.watch.asking import KnownBy

_SHOWN = 20


def stages(
    *,
    as_of: Annotated[str | None, typer.Option(help="Local day; today by default.", metavar="DATE")] = None,
    policy: Annotated[str, typer.Option(help="Policy pack with [collection]; `acreline policy list` names them.")],
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    unit: Annotated[str | None, typer.Option(help="Code of a unit: its loans and those below it.")] = None,
    run: Annotated[
        Path | None, typer.Option(help="Run whose markers as of the day count beside the database.", metavar="DIR")
    ] = None,
    calendar: CalendarOption = None,
    calendars: CalendarsOption = None,
    known_at: Annotated[
        KnownAt, typer.Option(help="When a look of the run counts as known: as the catalogue says, or once taken.")
    ] = KnownAt.CATALOGUE,
    lang: Annotated[Language, typer.Option(help="Language of the lines.")] = Language.EN,
    database: DatabaseOption = None,
    as_json: AsJson = False,
) -> None:
    """Loans that fall due or are overdue, each with what was seen of its crop and which way stands open.

    It changes no loan and says of nobody why a loan was not paid.
    """
    from app.alerts.loans.stages import loan_stages
    from app.book.refresh.facts import moment_of
    from app.cli.run import day
    from app.jobs.field_signs import MarkRequest, run_marks
    from scoring.policy import open_pack

    pack = open_pack(policy, packs_dir=packs)
    now = datetime.now(UTC)
    on = pack.local_day(now) if as_of is None else day(as_of, "--as-of")
    known_by: KnownBy = "sensed" if known_at is KnownAt.SENSED else "catalogue"
    marks = None if run is None else MarkRequest(run, tuple(calendar or ()), calendars, known_by)
    markers = None if marks is None else run_marks(marks, on, now)
    with institution(database) as engine, engine.connect() as connection:
        found = loan_stages(connection, moment_of(on, pack, now), pack, unit=unit, markers=markers)
    if as_json:
        said = {"as_of": on.isoformat(), "policy": pack.id, "loans": [loan.as_dict() for loan in found]}
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        _print(found, on, lang.value)


def _print(found: list[LoanAtStage], on: date, language: str) -> None:
    console = Console(file=sys.stdout, soft_wrap=True)
    ways = Counter(str(loan.stage.path) for loan in found)
    overdue = sum(loan.stage.overdue for loan in found)
    told = ", ".join(f"{_word(way, language)} {count}" for way, count in ways.most_common())
    _say(console, _phrase("COUNTS", language, on=on, overdue=overdue, due=len(found) - overdue, ways=told or "-"))
    for loan in found[:_SHOWN]:
        _say(console, _headline(loan, language))
        _say(console, f"    {loan.text(language)}")
    if len(found) > _SHOWN:
        _say(console, _phrase("MORE", language, count=len(found) - _SHOWN))


def _headline(loan: LoanAtStage, language: str) -> str:
    stage = loan.stage
    owed = "-" if loan.outstanding_minor is None else major_text(loan.outstanding_minor, loan.currency)
    days = "-" if stage.days is None else stage.days
    code = "WHEN_OVERDUE" if stage.overdue else "WHEN_DUE"
    when = _phrase(code, language, days=days, told_on=loan.told_on, due_on=loan.due_on)
    plots = ", ".join(f"{_word(str(state), language)} {count}" for state, count in loan.crop.plots.items())
    crops = _phrase("PLOTS", language, plots=plots or "-")
    way = _word(str(stage.path), language)
    return f"{loan.account_number}  {loan.farmer_id or '-'}  {owed}  {when}  {crops}  [{way}]"


def _phrase(code: str, language: str, **facts: object) -> str:
    from scoring.wording.stages import LIST_WORDS

    text = LIST_WORDS[code]
    return (text.en if language == "en" else text.zh).format_map(facts)


def _word(key: str, language: str) -> str:
    from scoring.wording.stages import STATE_WORDS

    text = STATE_WORDS[key]
    return text.en if language == "en" else text.zh


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
