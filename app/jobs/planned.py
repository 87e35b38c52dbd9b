"""Limits before the season from a plan file and finished runs, and what may be drawn of them in the season."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeAlias

import pandas as pd
import pyarrow.parquet as pq

from app.jobs.limits import INPUTS_FILE, record_limits
from app.jobs.policybook import RunBook, open_run
from app.jobs.publish import write_json
from app.jobs.replay import read_record
from app.jobs.tabular import read_cells
from geo.errors import InputError
from geo.files import sha256_of
from geo.legend import load_legend
from geo.observations import LIMITS, read_table
from geo.parcel_columns import Notes, attribute_columns
from geo.parcels import ParcelBook, read_parcels
from geo.season import Season, parse_season
from geo.status import Status
from scoring.inputs import INPUTS, recorded
from scoring.intake import STATED
from scoring.pack_schema import Pack
from scoring.replay import Record
from scoring.seasons.earlier import Earlier, Feeds, earlier_season, feeds, join_seasons
from scoring.seasons.field_signs import FieldSigns
from scoring.seasons.plan import planned_inputs
from scoring.seasons.progress import Seen
from scoring.seasons.tranches import draw_tranches

#: What a folder of limits before the season rests on.
PLAN_RECORD: Final = "limit_plan.json"

_CROP_NAMES: Final = ("crop", "planned_crop", "declared_crop")


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as somebody handed it in.

    Attributes:
        rows: columns of scoring.seasons.plan.PLAN.
        facts: parcel_id and what the file states of each parcel (farmer_id, scoring.intake.STATED where it has them);
            one row per parcel.
        sha256: of the file.
    """

    rows: pd.DataFrame
    facts: pd.DataFrame
    sha256: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of a plan.

    Attributes:
        limits: geo.observations.LIMITS.
        parcels: number of parcels.
        planned: how many of them have a plan.
        evidence: what the earlier seasons gave.
    """

    limits: pd.DataFrame
    parcels: int
    planned: int
    evidence: Feeds

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON; the total is in the smallest unit of the currency."""
        own = self.limits[self.limits.subject_kind == "parcel"]
        return {
            "parcels": self.parcels,
            "with_plan": self.planned,
            "with_amount": int(own.amount_minor.notna().sum()),
            "needs_visit": int(own.needs_visit.sum()),
            "total_minor": int(own.amount_minor.fillna(0).sum()),
            "evidence": asdict(self.evidence),
        }


def read_plan(path: Path) -> PlanFile:
    """Read a plan: CSV or Parquet with parcel_id, crop (any name of the legend) and, where it matters, season.

    A parcel with several crops has a row for each, its main crop first. Columns of facts, named as in a parcel file,
    override what the runs recorded.

    Raises:
        InputError: the file cannot be read, a column is missing, or a crop or fact is not understood (row named).
    """
    cells = read_cells(path)
    named = {str(name).lower(): str(name) for name in cells.columns}
    crop = next((named[name] for name in _CROP_NAMES if name in named), None)
    if "parcel_id" not in named or crop is None:
        raise InputError("PLAN_COLUMN", f"{path} lacks the column parcel_id or crop.", "See docs/policy.md for a plan.")
    rows = pd.DataFrame({"parcel_id": cells[named["parcel_id"]], "crop": cells[crop].map(_crop_key)}, dtype=object)
    for what, wrong in (("parcel_id", rows.parcel_id.isna()), ("crop", rows.crop.isna())):
        if wrong.any():
            place = int(wrong.to_numpy().argmax())
            said = f"{path}: the {what} of row {place + 1} is {cells[named.get(what, crop)].iloc[place]!r}."
            raise InputError("PLAN_ROW", said, "Give a parcel's id and a crop of the legend in every row.")
    rows["season"] = cells[named["season"]] if "season" in named else None
    return PlanFile(rows, _facts(cells.drop(columns=crop), rows.parcel_id, path), sha256_of(path))


def plan_limits(
    plan: PlanFile, books: Sequence[RunBook], pack: Pack, season: Season, out: Path, outlines: ParcelBook | None = None
) -> Planned:
    """Work the limits of a coming season out and write them as a run does, so that they can be explained and replayed.

    Args:
        plan: the plan.
        books: finished runs of earlier seasons.
        pack: the policy.
        season: the coming season.
        out: new folder.
        outlines: the coming season's parcels; without it those of the latest run.

    Raises:
        InputError: the folder is not empty, or the plan does not fit the parcels.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError("PLAN_OUT", f"{out} is not empty.", "Name a new folder.")
    earlier = join_seasons([_earlier(book) for book in books])
    latest = max(books, key=lambda book: book.season)
    parcels = _with_facts(_of_run(latest) if outlines is None else pd.DataFrame(outlines.frame), plan.facts)
    inputs = planned_inputs(parcels, plan.rows, earlier, pack, season)
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    record_limits(part, inputs, pack, season)
    limits = read_table(part / "limits.parquet", LIMITS)
    found = Planned(limits, len(parcels), plan.rows.parcel_id.nunique(), feeds(earlier))
    rests_on = {"plan": plan.sha256, "parcels": None if outlines is None else outlines.source_hash}
    runs = [{"run_id": book.record.run_id, "season": book.season.id} for book in books]
    policy = {"id": pack.id, "version": pack.version, "content_hash": pack.content_hash}
    made = {"code_version": version("acreline"), "simulated": any(book.record.simulated for book in books)}
    said = {"season": season.id, "policy": policy, "inputs": rests_on, "runs": runs, **made, **found.as_dict()}
    write_json(part / PLAN_RECORD, said)
    if out.exists():
        out.rmdir()
    part.rename(out)
    return found


#: Works out what growth monitoring tells beside the observations, for a season and the limits planned for it.
SignsOf: TypeAlias = Callable[[Season, Record], FieldSigns | None]


def drawn(folder: Path, seen: Path | None, day: date, signs_of: SignsOf | None = None) -> tuple[pd.DataFrame, Record]:
    """Tranches of the limits in a folder as of a day, and what the limits were recorded with.

    Args:
        folder: of `plan_limits`.
        seen: folder of a run that observed the season until the day; None where there is none yet.
        day: local day.
        signs_of: what growth monitoring tells beside, of the season and the limits planned.

    Raises:
        DataError: the folder or the run is not whole.
        InputError: the policy has no tranches, or the run is of another time.
    """
    record = read_record(folder)
    season = parse_season(record.inputs.parcels["season_id"][0].as_py())
    run = None if seen is None else open_run(seen)
    observed = None if run is None else Seen(run.parcels, run.seasons)
    signs = None if signs_of is None else signs_of(season, record)
    table = draw_tranches(record.limits.to_pandas(), record.inputs, observed, record.pack, season, day, signs)
    return table, record


def open_outlines(path: Path, crs: str | None, id_column: str | None) -> ParcelBook:
    """Parcels of the coming season from a parcel file."""
    return read_parcels(path, crs=crs, id_column=id_column)


def _crop_key(text: str | None) -> str | None:
    crop = None if text is None else load_legend().find(text)
    return None if crop is None else crop.key


def _facts(cells: pd.DataFrame, ids: pd.Series[str], path: Path) -> pd.DataFrame:
    notes = Notes()
    facts = attribute_columns(cells, notes).drop(columns="declared_crop")
    for row, (what, *_) in notes.by_row.items():
        said = f"{path}: in row {row + 1} {what.removesuffix(' and was left out')}."
        raise InputError("PLAN_ROW", said, "Correct the cell, or leave it empty.")
    stated = facts[[name for name in facts.columns if facts[name].notna().any()]]
    return stated.groupby(ids.to_numpy(), sort=False).first().rename_axis("parcel_id").reset_index()


def _earlier(book: RunBook) -> Earlier:
    parcels = book.parcels
    if (book.run / INPUTS_FILE).exists():
        inputs = recorded(pq.read_table(book.run / INPUTS_FILE), INPUTS).select(["parcel_id", "area_error_ha"])
        parcels = parcels.merge(inputs.to_pandas(), on="parcel_id", how="left", validate="one_to_one")
    return earlier_season(parcels, book.seasons)


def _of_run(book: RunBook) -> pd.DataFrame:
    """Parcels of a run with what people stated of them."""
    known = [
        name for name in ("parcel_id", "geometry_version", "farmer_id", "area_ha", *STATED) if name in book.parcels
    ]
    return book.parcels[known].assign(valid=book.parcels.status != str(Status.INVALID_GEOMETRY))


def _with_facts(parcels: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The parcels with facts that the plan states; a parcel of which it states none keeps its own."""
    said = facts.set_index("parcel_id").reindex(parcels.parcel_id)
    columns = {}
    for name in said.columns:
        new = said[name].set_axis(parcels.index)
        columns[name] = new if name not in parcels else new.where(new.notna(), parcels[name].astype(new.dtype))
    return parcels.assign(**columns)
