"""What a run came to, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from app.jobs.stages import Stage
from geo.observations import LIMITS, PARCELS, read_table
from geo.runrecord import Failure, RunRecord


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Outcome of one run.

    Attributes:
        run_id: the run.
        out: run folder.
        season_id: "2018-10-01/2019-10-31".
        policy_id: policy pack.
        policy_in_force: whether it held on the day of the run.
        simulated: whether the imagery is simulated.
        unchanged: nothing had to be done: the folder held this very run.
        made: stages done now.
        kept: stages kept from an earlier run.
        scenes: acquisitions read, radar among them.
        radar: what became of radar: how many scenes were read, or why none (`app.jobs.radar.RadarScenes`).
        parcels: rows of parcels.parquet.
        statuses: parcels by status.
        crops: parcels by best guess.
        limits: parcels with an amount.
        no_price: parcels whose crop the policy cannot price.
        total_minor: sum of the parcels' amounts, smallest unit.
        currency: of the amounts.
        repairs: remarks on the parcel file.
        failures: tiles whose imagery failed; their parcels are not decided.
        seconds: wall time.
    """

    run_id: str
    out: str
    season_id: str
    policy_id: str
    policy_in_force: bool
    simulated: bool
    unchanged: bool
    made: tuple[str, ...]
    kept: tuple[str, ...]
    scenes: int
    radar: dict[str, object]
    parcels: int
    statuses: dict[str, int]
    crops: dict[str, int]
    limits: int
    no_price: int
    total_minor: int
    currency: str
    repairs: int
    failures: tuple[Failure, ...]
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def summarise(
    out: Path, record: RunRecord, log: Sequence[Stage], repairs: int, seconds: float, *, unchanged: bool
) -> RunSummary:
    """Summary of the run that a folder holds."""
    parcels = read_table(out / "parcels.parquet", PARCELS)
    limits = read_table(out / "limits.parquet", LIMITS)
    own = limits[limits.subject_kind == "parcel"]
    return RunSummary(
        run_id=record.run_id,
        out=str(out),
        season_id=str(record.parameters["season"]),
        policy_id=record.policy_id or "",
        policy_in_force=bool(record.parameters.get("policy_in_force", True)),
        simulated=record.simulated,
        unchanged=unchanged,
        made=tuple(stage.name for stage in log if not stage.reused),
        kept=tuple(stage.name for stage in log if stage.reused),
        scenes=len(record.scenes),
        radar=dict(record.parameters.get("radar", {})),
        parcels=len(parcels),
        statuses=_counts(parcels.status.tolist()),
        crops=_counts(parcels.crop.dropna().tolist()),
        limits=int(own.amount_minor.notna().sum()),
        no_price=int(own.reasons.str.contains('"NO_PRICE', regex=False).sum()),
        total_minor=int(own.amount_minor.dropna().sum()),
        currency=str(own.currency.iloc[0]) if len(own) else "",
        repairs=repairs,
        failures=tuple(record.failures),
        seconds=round(seconds, 1),
    )


def _counts(values: Sequence[str]) -> dict[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}
