"""`acreline sites watch|show|stop|resume`: sites followed from bare ground to operation."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from app.cli.cubes import Json
from app.cli.growth_watch import KnownAt
from app.cli.institution import ByOption, DatabaseOption, institution, user_id
from app.cli.run import CloudMask, Clouds, Kind

if TYPE_CHECKING:
    from sqlalchemy import Engine

Site: TypeAlias = Annotated[str, typer.Argument(help="Id of the site.", metavar="ID")]


def watch(
    as_of: Annotated[str, typer.Option(help="Day; only what was known by its end (UTC) counts.", metavar="DATE")],
    catalog: Annotated[
        str,
        typer.Option(
            help="Where the scenes are: catalog.json, a folder of rasters or SAFE products, a preset or a STAC API's "
            "address.",
            metavar="SOURCE",
        ),
    ],
    *,
    radar: Annotated[
        str | None,
        typer.Option(help="Where Sentinel-1 scenes are, for wind and water; none by default.", metavar="SOURCE"),
    ] = None,
    radar_kind: Kind = None,
    runs: Annotated[
        Path | None, typer.Option(help="Folder of runs; ACRELINE_RUNS_DIR by default.", metavar="DIR")
    ] = None,
    site: Annotated[list[str] | None, typer.Option(help="Only this site; may be given again.", metavar="ID")] = None,
    past_days: Annotated[
        int, typer.Option(help="Days before works may begin that tell what was there before.", min=1)
    ] = 730,
    protect: Annotated[
        list[str] | None,
        typer.Option(help="Use of the legend that must not be built on; may be given again.", metavar="KEY"),
    ] = None,
    land_use: Annotated[
        Path | None, typer.Option(help="crop.tif of a run of the season before works began.", metavar="TIF")
    ] = None,
    rules: Annotated[str, typer.Option(help="Alert rules by id or file.", metavar="ID")] = "sites-1",
    rules_dir: Annotated[Path | None, typer.Option(help="Folder of the bank's own alert rules.", metavar="DIR")] = None,
    known_at: Annotated[
        KnownAt,
        typer.Option(help="When a scene counts as known: when the catalogue says, or days after it was taken."),
    ] = KnownAt.CATALOGUE,
    known_after: Annotated[int, typer.Option(help="Those days, with --known-at sensed.", min=0, max=60)] = 1,
    cloud_mask: Clouds = CloudMask.SCL,
    scheduler: Annotated[
        str | None, typer.Option(help="Existing Dask scheduler, tcp://host:8786.", metavar="ADDRESS")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Local worker processes; one per core by default.", min=1)] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Login of who asks; none for a timer.", metavar="LOGIN")
    ] = None,
    accept_withdrawals: Annotated[
        bool, typer.Option("--accept-withdrawals", help="End alerts that are not found again, however many they are.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is found; record nothing.")] = False,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Look at the sites of the book as of a day, judge them against their plans, and take what changed into the alerts.

    It can be killed at any moment; the same command goes on, and once it is through says that its watch stands. The
    next watch reads new scenes only. A day that is past on record is compared with the record. Loans and limits stay
    as they are.
    """
    from app.cli.run import day, masking_of
    from app.cli.site_watch_tables import print_sites_watch
    from app.jobs.failures import complain
    from app.jobs.progress import reporting
    from app.jobs.scenes import access_of
    from app.jobs.sitewatch.asking import SiteWatchRequest
    from app.jobs.sitewatch.job import watch_sites
    from app.settings import load_settings

    settings = load_settings()
    with reporting(quiet=quiet) as report, institution(database) as engine:
        request = SiteWatchRequest(
            catalog=catalog,
            runs=_runs(runs or settings.runs_dir),
            as_of=day(as_of, "--as-of"),
            radar=radar,
            radar_kind=None if radar_kind is None else radar_kind.value,
            past_days=past_days,
            sites=tuple(site or ()),
            scheduler=scheduler or settings.scheduler,
            workers=workers or settings.workers,
            memory_mib=settings.worker_memory_mib,
            masking=masking_of(cloud_mask),
            access=access_of(settings, report, leave_out_l1c=False),
            known_by="sensed" if known_at is KnownAt.SENSED else "catalogue",
            known_after=known_after,
            rules=rules,
            rules_dir=rules_dir,
            protect=frozenset(protect or ()),
            land_use=land_use,
            by=_number(engine, by),
            dry_run=dry_run,
            accept_withdrawals=accept_withdrawals,
        )
        summary = watch_sites(request, engine, report, lambda: datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False))
    else:
        print_sites_watch(Console(file=sys.stdout, soft_wrap=True), summary)
    complain([each.failure for each in summary.sites if each.failure is not None], "site", str(summary.folder))


def show(
    site: Site,
    *,
    as_of: Annotated[str | None, typer.Option(help="As the newest watch up to a day left it.", metavar="DATE")] = None,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """Print a site: its plan, progress by look, milestones, latest measures and open alerts."""
    from app.cli.days import past_day
    from app.cli.site_watch_tables import print_site
    from app.db.engine import reading
    from app.sites.showing import show_site

    with institution(database) as engine, reading(engine) as connection:
        by_day = past_day(as_of, "--as-of")
        found = show_site(connection, site, datetime.now(UTC), by_day)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        print_site(Console(file=sys.stdout, soft_wrap=True), found, by_day)


def stop(
    site: Site,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="Why; it stays for good: name nobody in it.", metavar="TEXT")],
    *,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """Watch a site no more, from now on: it is financed no longer. What was seen of it stays."""
    from app.book.decisions.people import find_user
    from app.db.engine import writing
    from app.sites.stopping import close_hint, stop_site
    from app.sites.stops import standing_stop, stop_facts

    with institution(database) as engine, writing(engine) as connection:
        stopped = stop_site(connection, site, find_user(connection, by), datetime.now(UTC), reason)
        known = standing_stop(connection, site)
    if as_json:
        beside = {} if known is None else known.as_dict()
        told = {"site_id": site, "already": stopped.already, "open_alerts": list(stopped.alerts), **beside}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    since = "" if known is None else stop_facts(known)
    typer.echo(f"Site {site} {f'was stopped already, {since}' if stopped.already else 'is watched no more'}.")
    if stopped.alerts:
        typer.echo(close_hint(stopped.alerts))


def resume(site: Site, by: ByOption, *, database: DatabaseOption = None, as_json: Json = False) -> None:
    """Watch a site again that was stopped."""
    from app.book.decisions.people import find_user
    from app.db.engine import writing
    from app.sites.stopping import resume_site

    with institution(database) as engine, writing(engine) as connection:
        stopped = resume_site(connection, site, find_user(connection, by), datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps({"site_id": site, "resumed": stopped}, ensure_ascii=False))
    else:
        typer.echo(f"Site {site} {'is watched again' if stopped else 'is watched: it is not stopped'}.")


def register(app: typer.Typer) -> None:
    """Add these commands to `acreline sites`."""
    for command in (watch, show, stop, resume):
        app.command()(command)


def _runs(folder: Path | None) -> Path:
    from geo.errors import InputError

    if folder is None:
        raise InputError("SITES_RUNS", "No folder of runs is named.", "Give --runs DIR, or set ACRELINE_RUNS_DIR.")
    if folder.exists() and not folder.is_dir():
        raise InputError("SITES_RUNS", f"{folder} is no folder.", "Name a folder of runs: --runs DIR.")
    return folder


def _number(engine: Engine, login: str | None) -> int | None:
    """Number of a login."""
    if login is None:
        return None
    with engine.connect() as connection:
        return user_id(connection, login)
