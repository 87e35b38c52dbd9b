"""What stands beside an alert of the database, under the policy named or that of the run it was seen in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, select

from app.alerts.as_of import standing_on
from app.alerts.loans.context import LoanContext, loan_context
from app.alerts.loans.lines import context_lines
from app.db.tables import Alert, AlertEvent, Run
from geo.errors import InputError
from scoring.lending.claim_notice import Loss
from scoring.pack_schema import Pack
from scoring.policy import open_pack
from scoring.wording.relief import sentence


@dataclass(frozen=True, slots=True)
class Policies:
    """Which policy is asked.

    Attributes:
        name: id of a pack; None: that of the run in which the alert was seen.
        folder: of the bank's own packs.
    """

    name: str | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside an alert.

    Attributes:
        policy: id of the pack that was asked; None where none is named.
        context: under that pack; None where it is not at hand.
    """

    policy: str | None
    context: LoanContext | None

    def lines(self, language: str) -> list[str]:
        """Lines in "en" or "zh"."""
        if self.context is None:
            return [sentence("POLICY_NOT_AT_HAND", language, policy=self.policy or "-")]
        return context_lines(self.context, language)

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON; null where no pack is at hand."""
        return {"policy": self.policy, **({} if self.context is None else self.context.as_dict())}


def beside_alert(connection: Connection, number: int, day: date, policies: Policies) -> Beside:
    """What stands beside an alert, as of a local day.

    Args:
        connection: database; it is read only.
        number: of the alert.
        day: as of which it is told.
        policies: which pack speaks.

    Raises:
        InputError: a pack that was named cannot be used.
    """
    row = connection.execute(select(Alert.__table__).where(Alert.id == number)).mappings().one()
    name = policies.name or connection.scalar(select(Run.policy_id).where(Run.run_id == row["run_id"]))
    pack = _pack(name, policies)
    if pack is None:
        return Beside(name, None)
    stands = standing_on(connection, [row], day)[number]
    before = _not_before(connection, number, day)
    loss = Loss(row["cause"], known_on=row["opened_on"], seen_on=row["event_on"], not_before=before)
    scope = str(stands.scope)
    return Beside(
        pack.id,
        loan_context(connection, row["parcel_id"], loss, pack, day, scope=scope, severity=stands.severity),
    )


def _pack(name: str | None, policies: Policies) -> Pack | None:
    """The pack; that of a run may not be at hand, and then nothing is said in its name."""
    if name is None:
        return None
    try:
        return open_pack(name, packs_dir=policies.folder)
    except InputError:
        if policies.name is not None:
            raise
        return None


def _not_before(connection: Connection, number: int, day: date) -> date | None:
    """Last day on which the cause was surely not there, as the first line of the history says."""
    said = connection.scalars(
        select(AlertEvent.evidence)
        .where(AlertEvent.alert_id == number, AlertEvent.watch_id.is_not(None), AlertEvent.happened_on <= day)
        .order_by(AlertEvent.happened_on, AlertEvent.id)
    ).first()
    text = None if said is None else said.get("event_from")
    return None if text is None else date.fromisoformat(text)
