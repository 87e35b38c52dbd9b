"""A finished run as a book that any policy can be applied to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.jobs.limits import INPUTS_FILE
from app.jobs.publish import committed_run
from geo.errors import DataError, InputError
from geo.observations import LIMITS, PARCELS, SEASONS, read_table
from geo.parcel_columns import FACTS
from geo.parcels import ParcelBook, read_parcels
from geo.runrecord import RunRecord
from geo.season import Season, parse_season
from geo.status import Status
from scoring.inputs import INPUTS, recorded
from scoring.intake import STATED
from scoring.limits import limit_book
from scoring.pack_check import Asked
from scoring.pack_schema import Pack


@dataclass(frozen=True, slots=True)
class RunBook:
    """What a policy needs of a run.

    Attributes:
        run: folder.
        record: what the run rested on.
        season: of the run.
        parcels: parcels.parquet with the facts of the parcel file.
        seasons: seasons.parquet.
        decided: limits.parquet: what the run's own policy gave.
        facts: "recorded" in the run, "parcel file", or "none" where no facts of the farmers are known.
    """

    run: Path
    record: RunRecord
    season: Season
    parcels: pd.DataFrame
    seasons: pd.DataFrame
    decided: pd.DataFrame
    facts: str

    def under(self, pack: Pack) -> pd.DataFrame:
        """Limits of the book under a policy (geo.observations.LIMITS columns)."""
        return limit_book(self.parcels, self.seasons, pack, self.season)


def open_run(run: Path, parcels: Path | None = None, crs: str | None = None, id_column: str | None = None) -> RunBook:
    """A run's book.

    Args:
        run: folder of a finished run.
        parcels: the parcel file that the run read; needed for the facts (land right, certified area, district, debts,
            household capacity, approved amounts) of runs that did not keep them.
        crs: of a file that states none.
        id_column: of a file with an unusual one.

    Raises:
        DataError: the folder holds no whole run.
        InputError: the file is not the one that the run read.
    """
    record = committed_run(run)
    if record is None:
        raise DataError("RUN_MISSING", f"{run} holds no finished run.", "Name the --out folder of `acreline run`.")
    seen = read_table(run / "parcels.parquet", PARCELS)
    facts, whence = _recorded(run), "recorded"
    if parcels is not None:
        file = _same_file(parcels, crs, id_column, record)
        facts, whence = pd.DataFrame(file.frame[["parcel_id", *FACTS]]), "parcel file"
    return RunBook(
        run=run,
        record=record,
        season=parse_season(str(record.parameters["season"])),
        parcels=seen if facts is None else seen.merge(facts, on="parcel_id", how="left", validate="one_to_one"),
        seasons=read_table(run / "seasons.parquet", SEASONS),
        decided=read_table(run / "limits.parquet", LIMITS),
        facts="none" if facts is None else whence,
    )


def _recorded(run: Path) -> pd.DataFrame | None:
    """What people stated, as the run recorded it; None for an older run. Amounts are Int64."""
    if not (run / INPUTS_FILE).exists():
        return None
    stated = recorded(pq.read_table(run / INPUTS_FILE), INPUTS).select(["parcel_id", *STATED])
    whole = [field.name for field in stated.schema if pa.types.is_integer(field.type)]
    return pd.DataFrame(stated.to_pandas(integer_object_nulls=True).astype(dict.fromkeys(whole, "Int64")))


def _same_file(path: Path, crs: str | None, id_column: str | None, record: RunRecord) -> ParcelBook:
    book = read_parcels(path, crs=crs, id_column=id_column)
    if book.source_hash != record.inputs.get("parcels"):
        raise InputError("PARCELS_OTHER", f"{path} is not the parcel file that the run read.", "Name that file.")
    return book


def asked_of_run(book: RunBook, pack: Pack) -> Mapping[Asked, int]:
    """Parcels by crop, district and season of sowing that the policy will be asked a price for."""
    ok = book.parcels[book.parcels.status == Status.OK]
    districts = ok.district if "district" in ok.columns else pd.Series(None, index=ok.index, dtype=object)
    return Counter(
        _asked(crop, district, pack, sown)
        for crop, district, sown in zip(ok.crop, districts, ok.sos, strict=True)
        if isinstance(crop, str)
    )


def asked_of_file(book: ParcelBook) -> Mapping[Asked, int]:
    """Parcels by declared crop and district: before anything was seen."""
    frame = book.frame
    pairs = zip(frame.declared_crop, frame.district, strict=True)
    return Counter((crop, _text(district), None) for crop, district in pairs if isinstance(crop, str))


def _asked(crop: str, district: object, pack: Pack, sown: object) -> Asked:
    dated = pack.calendar is not None and pack.prices.seasons and sown is not None
    season = pack.calendar.season_of(sown) if dated else None  # type: ignore[union-attr, arg-type] # dated says so
    return crop, _text(district), season


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
