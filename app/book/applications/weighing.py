"""The limit of an application: what its plots and papers give under a policy, without a look at imagery.

A plot that a run has looked at in the season asked for counts as it was seen; all others count as planned, with what
earlier seasons showed (scoring.seasons.plan).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, and_, or_, select

from app.book.applications.drafting import plots_of
from app.book.applications.files import Filed
from app.book.refresh.facts import Moment, read_facts
from app.book.refresh.inputs import lay_over
from app.db.season_runs import of_crops
from app.db.tables import LandRight, ParcelGeometry, ParcelObservation, ParcelPeriod, Run, SeasonObservation
from geo.errors import InputError
from geo.observations import LIMITS, to_table
from geo.season import Season, parse_season
from geo.status import Status
from scoring.digests import input_digests
from scoring.inputs import Inputs, inputs_of
from scoring.limits import limit_table
from scoring.pack_schema import Pack
from scoring.replay import limit_bytes
from scoring.seasons.earlier import Earlier, earlier_season, join_seasons
from scoring.seasons.plan import planned_inputs
from scoring.seasons.progress import Seen

_NOTHING_EARLIER: Final = Earlier(
    pd.DataFrame(
        {
            **dict.fromkeys(("parcel_id", "geometry_version", "season_id", "crop"), pd.Series(dtype=object)),
            **dict.fromkeys(("decided", "cropped"), pd.Series(dtype=bool)),
            **dict.fromkeys(("cropped_area_ha", "area_error_ha"), pd.Series(dtype=float)),
        }
    ),
    pd.DataFrame({name: pd.Series(dtype=object) for name in ("parcel_id", "season_id", "crop")}),
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A limit and what it rests on.

    Attributes:
        farmer: row of geo.observations.LIMITS of the borrower.
        parcels: rows of its plots, in their order.
        inputs: of both.
        seen: runs that looked at a plot in the season, by plot.
        inputs_hash: SHA-256 of the hashes of the inputs, hexadecimal, as batches have it.
    """

    farmer: dict[str, Any]
    parcels: tuple[dict[str, Any], ...]
    inputs: Inputs
    seen: Mapping[str, str]
    inputs_hash: str

    @property
    def receipt(self) -> bytes:
        """The borrower's limit as canonical JSON; its SHA-256 is the receipt's hash."""
        return limit_bytes(self.farmer)

    @property
    def principal(self) -> list[str]:
        """Codes of the principal reasons."""
        return list(dict.fromkeys(line["code"] for line in json.loads(self.farmer["reasons"]) if line["principal"]))


@dataclass(frozen=True, slots=True)
class _Picked:
    """Plots as tables.

    Attributes:
        book: one row per parcel, as scoring.seasons.plan takes it, and planned_ha (NaN: the whole plot).
        plan: parcel_id, crop, season (None), main crops first.
    """

    book: pd.DataFrame
    plan: pd.DataFrame


def weigh(connection: Connection, filed: Filed, pack: Pack, moment: Moment) -> Weighed:
    """Work out the limit of an application as the database knew its facts at a moment.

    Raises:
        InputError: APPLICATION_LACKS: plots, season or the bank's number of the farmer are not there yet.
        DataError: a fact is in another currency than the policy's.
    """
    season = _season(filed)
    inputs, seen = application_inputs(connection, filed, pack, moment)
    intake = inputs.take_in(pack, season)
    rows = to_table(limit_table(intake, pack), LIMITS).to_pylist()
    digests = input_digests(intake)
    both = digests["parcels"][0].as_py() + digests["cycles"][0].as_py()
    return Weighed(
        farmer=rows[-1],
        parcels=tuple(rows[:-1]),
        inputs=inputs,
        seen=seen,
        inputs_hash=hashlib.sha256(both).hexdigest(),
    )


def application_inputs(
    connection: Connection, filed: Filed, pack: Pack, moment: Moment
) -> tuple[Inputs, Mapping[str, str]]:
    """Inputs of an application's limit, and the run that looked at each plot in the season, where one did."""
    season = _season(filed)
    picked = _picked(connection, filed, moment)
    ids = picked.book.parcel_id.tolist()
    found = observed(connection, ids, moment)
    earlier = _earlier(found, season)
    inputs = planned_inputs(picked.book, picked.plan, earlier, pack, season)
    now = _of_season(found, season, picked.book)
    inputs = _as_seen(inputs, picked, now, pack, season)
    inputs = _no_more_than_planned(inputs, picked.book)
    inputs = lay_over(inputs, read_facts(connection, moment, pack, only=filed.farmer_id))
    return inputs, {} if now is None else dict(zip(now.parcels.parcel_id, now.parcels.run_id, strict=True))


def observed(connection: Connection, parcels: Sequence[str], moment: Moment) -> Seen:
    """Rows of all runs on some parcels, with run_id, made_at and season_id; of each season the newest run's."""
    known = and_(Run.recorded_at <= moment.at, of_crops())
    one, many = ParcelObservation, SeasonObservation
    wanted = select(one.__table__, Run.season_id, Run.created_at.label("made_at")).join(Run, Run.run_id == one.run_id)
    own = _frame(connection, wanted.where(one.parcel_id.in_(parcels), known).order_by(Run.created_at, Run.run_id))
    own = own.drop_duplicates(["parcel_id", "season_id"], keep="last").reset_index(drop=True)
    cycles = _frame(
        connection,
        select(many.__table__, Run.season_id)
        .join(Run, Run.run_id == many.run_id)
        .where(many.parcel_id.in_(parcels), known)
        .order_by(many.parcel_id, many.cycle),
    )
    cycles = cycles.merge(own[["run_id", "parcel_id"]], on=["run_id", "parcel_id"])
    return Seen(own, cycles)


def _frame(connection: Connection, wanted: Any) -> pd.DataFrame:
    found = connection.execute(wanted)
    return pd.DataFrame.from_records([tuple(row) for row in found], columns=list(found.keys()))


def _season(filed: Filed) -> Season:
    for missing, what in ((filed.season_id is None, "season"), (filed.farmer_id is None, "number of the farmer")):
        if missing:
            raise _lacks(what)
    return parse_season(filed.season_id or "")


def _lacks(what: str) -> InputError:
    said = f"The application has no {what} yet, which its limit rests on."
    return InputError("APPLICATION_LACKS", said, "Fill in that step first.")


def _picked(connection: Connection, filed: Filed, moment: Moment) -> _Picked:
    plots = plots_of(connection, filed.id)
    if not plots:
        raise _lacks("plot")
    frame = pd.DataFrame.from_records([row._asdict() for row in plots])  # type: ignore[attr-defined]
    frame = frame.sort_values(["cycle", "id"], kind="stable")
    plan = frame[["parcel_id", "crop"]].assign(season=pd.Series(None, index=frame.index, dtype=object))
    first = frame.drop_duplicates("parcel_id").sort_values("id").reset_index(drop=True)
    planned = frame.groupby("parcel_id").area_ha.max().astype(float)
    book = first[["parcel_id", "land_right_id"]].merge(_outlines(connection, first.parcel_id.tolist(), moment))
    missing = set(first.parcel_id) - set(book.parcel_id)
    if missing:
        said = f"The parcel {min(missing)!r} has no outline."
        raise InputError("PARCEL_NO_OUTLINE", said, "Draw it, or leave it out.")
    rights = _rights(connection, book.land_right_id)
    return _Picked(
        book.assign(
            farmer_id=filed.farmer_id,
            planned_ha=book.parcel_id.map(planned),
            land_right=pd.Series([rights[0].get(each) for each in book.land_right_id], dtype=object),
            certified_area_ha=pd.Series([rights[1].get(each) for each in book.land_right_id], dtype="Float64"),
        ),
        plan.reset_index(drop=True),
    )


def _outlines(connection: Connection, parcels: Sequence[str], moment: Moment) -> pd.DataFrame:
    """parcel_id, geometry_version, area_ha (hectares) and valid of the outlines at a moment."""
    at = moment.at
    period = and_(ParcelPeriod.valid_from <= at, or_(ParcelPeriod.valid_to.is_(None), ParcelPeriod.valid_to > at))
    shape = ParcelGeometry
    same = and_(shape.parcel_id == ParcelPeriod.parcel_id, shape.geometry_version == ParcelPeriod.geometry_version)
    wanted = (
        select(shape.parcel_id, shape.geometry_version, shape.area_ha, shape.minx.is_not(None).label("valid"))
        .join(ParcelPeriod, same)
        .where(period, shape.parcel_id.in_(parcels))
    )
    return _frame(connection, wanted).astype({"valid": "bool", "area_ha": "float64"})


def _rights(connection: Connection, numbers: pd.Series[Any]) -> tuple[dict[int, str], dict[int, float]]:
    """Basis and certified area (hectares) of land rights; a paper of several plots states no area of one of them."""
    wanted = [int(each) for each in numbers.dropna()]
    found = connection.execute(
        select(LandRight.id, LandRight.basis, LandRight.certified_area_ha).where(LandRight.id.in_(wanted))
    ).all()
    alone = {row.id: row.certified_area_ha for row in found if wanted.count(row.id) == 1}
    areas = {number: area for number, area in alone.items() if area is not None}
    return {row.id: str(row.basis) for row in found}, areas


def _earlier(found: Seen, season: Season) -> Earlier:
    before = [name for name in found.parcels.season_id.unique() if parse_season(name).start < season.start]
    if not before:
        return _NOTHING_EARLIER
    return join_seasons(
        [earlier_season(found.parcels[found.parcels.season_id == name].reset_index(drop=True), found.seasons)
         for name in before]
    )  # fmt: skip


def _of_season(found: Seen, season: Season, book: pd.DataFrame) -> Seen | None:
    """What was seen of the season on the very outlines of the book; None where nothing was."""
    own = found.parcels[found.parcels.season_id == season.id].merge(book[["parcel_id", "geometry_version"]])
    if own.empty:
        return None
    cycles = found.seasons[(found.seasons.season_id == season.id) & found.seasons.parcel_id.isin(own.parcel_id)]
    return Seen(own, cycles.reset_index(drop=True))


def _as_seen(inputs: Inputs, picked: _Picked, now: Seen | None, pack: Pack, season: Season) -> Inputs:
    """The inputs with the rows of plots that were told in the season; what imagery could not tell stays a plan."""
    told = None if now is None else now.parcels[now.parcels.status == str(Status.OK)]
    if now is None or told is None or told.empty:
        return inputs
    stated = picked.book.set_index("parcel_id")[["land_right", "certified_area_ha"]]
    main = picked.plan.drop_duplicates("parcel_id").set_index("parcel_id").crop
    own = told.assign(declared_crop=told.parcel_id.map(main), farmer_id=picked.book.farmer_id.iloc[0])
    own = own.join(stated, on="parcel_id")
    seen = inputs_of(own, now.seasons[now.seasons.parcel_id.isin(own.parcel_id)], pack, season)
    ids = pa.array(own.parcel_id.tolist(), pa.string())
    return Inputs(_replaced(inputs.parcels, seen.parcels, ids), _replaced(inputs.cycles, seen.cycles, ids))


def _replaced(table: pa.Table, other: pa.Table, ids: pa.Array) -> pa.Table:
    kept = table.filter(pc.invert(pc.is_in(table["parcel_id"].cast(pa.string()), value_set=ids)))
    return pa.concat_tables([kept, other.cast(table.schema)]).combine_chunks()


def _no_more_than_planned(inputs: Inputs, book: pd.DataFrame) -> Inputs:
    """A plan for a part of a plot counts that part, whatever was seen on the whole."""
    most = inputs.parcels["parcel_id"].cast(pa.string()).to_pandas().map(book.set_index("parcel_id").planned_ha)
    area = inputs.parcels["cropped_area_ha"].to_pandas().astype(float)
    less = pa.Array.from_pandas(area.where(~(most < area), most), type=pa.float64())
    place = inputs.parcels.schema.get_field_index("cropped_area_ha")
    return Inputs(inputs.parcels.set_column(place, inputs.parcels.schema.field(place), less), inputs.cycles)
