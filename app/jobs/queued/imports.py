"""Files of parcels: read and looked at, then registered, all rows or none."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
from sqlalchemy import Connection, select

from app.api.access.scope import Scope, scope_of
from app.book.decisions.people import Person, find_user
from app.book.drawn.following import ask_for_outlines, ask_for_season
from app.book.drawn.outlines import Outline
from app.book.drawn.overlaps import Overlap, Seen, overlaps_of
from app.book.drawn.registering import Given, Giver, register, taken
from app.db.engine import writing
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import Parcel, User
from app.db.tables.office_kinds import OutlineMethod
from app.jobs.queued.parcelfiles.apart import read_apart
from app.jobs.queued.parcelfiles.preview import preview_of, registered
from app.jobs.queued.parcelfiles.reading import ROWS_FILE, Asked
from app.jobs.queued.shop import Shop
from app.queue.claiming import Claim
from app.queue.working import Progress
from geo.errors import InputError

_LOOKED_AT: Final = 50


def check_file(shop: Shop, held: Claim, progress: Progress) -> Mapping[str, Any]:
    """Read an upload and say what importing it would do.

    asked: source (hash), kind, datum, crs, id_column, unit. The answer: rows, usable, overlapping, and the hashes of
    the preview and of the rows.
    """
    asked = held.asked
    progress.tell("Reading")
    content = shop.files.read(asked["source"])
    what = Asked(asked["kind"], asked["datum"], asked["crs"], asked["id_column"])
    with TemporaryDirectory(prefix="acreline-import-") as folder:
        told = read_apart(content, what, Path(folder))
        table = (Path(folder) / ROWS_FILE).read_bytes()
    rows = gpd.read_parquet(io.BytesIO(table))
    overlaps, known = _against_the_book(shop, held, rows, progress)
    preview = preview_of(rows, told, overlaps, known)
    said = json.dumps(preview, ensure_ascii=False, allow_nan=False).encode()
    counts = {name: preview[name] for name in ("rows", "usable", "overlapping")}
    return {**counts, "preview": shop.files.keep(said), "table": shop.files.keep(table)}


def import_file(shop: Shop, held: Claim, progress: Progress) -> Mapping[str, Any]:
    """Register the rows of an import that was looked at and confirmed.

    asked: table and source (hashes), unit. The answer: parcels that are new, redrawn and already there, and the number
    of the job that looks at them.
    """
    progress.tell("Registering")
    asked = held.asked
    rows = registered(gpd.read_parquet(io.BytesIO(shop.files.read(asked["table"]))))
    now = shop.clock()
    with writing(shop.engine) as connection:
        person = _person(connection, held)
        giver = Giver.of(connection, person.id, asked["unit"])
        known = _known(connection, scope_of(connection, person), _numbers(rows))
        told = register(connection, [_given(row, known, asked["source"]) for row in rows.itertuples()], giver, now)
        job = ask_for_season(connection, giver, now)
        if shop.folders.layers is not None:
            ask_for_outlines(connection, giver, now)
    there = sum(each.already_there for each in told)
    redrawn = sum(each.redrawn for each in told)
    return {"parcels": len(told) - there - redrawn, "redrawn": redrawn, "already_there": there, "job": job}


def _against_the_book(
    shop: Shop, held: Claim, rows: gpd.GeoDataFrame, progress: Progress
) -> tuple[Mapping[int, Sequence[Overlap]], set[str]]:
    found: dict[int, Sequence[Overlap]] = {}
    kept = registered(rows)
    with shop.engine.connect() as connection:
        scope = scope_of(connection, _person(connection, held))
        known, today = _known(connection, scope, _numbers(kept)), shop.clock().date()
    for start in range(0, len(kept), _LOOKED_AT):
        progress.tell("Comparing", start, len(kept))
        with shop.engine.connect() as connection:
            for row in kept.iloc[start : start + _LOOKED_AT].itertuples():
                besides = [row.parcel_id] if row.parcel_id in known else []
                seen = Seen(scope.parcels(), scope.parties())
                over = overlaps_of(connection, row.geometry, seen, today, besides)
                if over:
                    found[int(row.Index)] = over
    return found, known


def _known(connection: Connection, scope: Scope, numbers: Sequence[str]) -> set[str]:
    """Numbers of a file that are parcels in the scope; InputError where another branch has one."""
    known: set[str] = set()
    for chunk in chunked(numbers):
        among = Parcel.parcel_id.in_(listed(connection, chunk))
        mine = set(connection.scalars(select(Parcel.parcel_id).where(among, scope.parcels())))
        others = sorted(set(connection.scalars(select(Parcel.parcel_id).where(among))) - mine)
        if others:
            raise taken(others[0])
        known |= mine
    return known


def _numbers(rows: gpd.GeoDataFrame) -> list[str]:
    return [each for each in rows.parcel_id if each is not None]


def _given(row: Any, known: set[str], source_hash: str) -> Given:
    number = row.parcel_id
    return Given(
        outline=Outline(row.geometry, row.geometry_version, float(row.area_ha), tuple(row.repairs)),
        method=OutlineMethod.IMPORTED,
        parcel_id=None if number in known else number,
        redraws=number if number in known else None,
        source_hash=source_hash,
    )


def _person(connection: Connection, held: Claim) -> Person:
    """Who asked, with the unit that they have now; InputError where they left."""
    login = connection.scalar(select(User.login).where(User.id == held.asked_by_id))
    if login is None:
        raise InputError("UNKNOWN_USER", "Nobody asked for this import.", "Upload the file again.")
    return find_user(connection, login)
