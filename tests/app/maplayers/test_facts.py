"""Bytes of facts, and what makes them old."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert, select, update

from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import Alert, Decision, DecisionParcel, Proposal, ProposalParcel
from app.maplayers.facts import NEW_LIMIT, SAME_LIMIT, UNKNOWN, Fact, column_of, stamp_of, values_of
from app.maplayers.parcelset import parcels_within
from geo.legend import load_legend
from geo.status import Status
from tests.app.db.made_up import made_up_run
from tests.app.maplayers.bank import HASH, NOW, UNITS, alert, build_bank, watch


def column(engine: Engine, fact: Fact) -> list[int]:
    with engine.connect() as connection:
        parcels = parcels_within(connection, list(UNITS.values()))
        values: list[int] = column_of(connection, parcels, fact).tolist()
    return values


def stamp(engine: Engine, fact: Fact) -> tuple[object, ...]:
    with engine.connect() as connection:
        return stamp_of(connection, fact)


def test_what_a_run_saw(engine: Engine) -> None:
    build_bank(engine)
    wheat = load_legend()["wheat"].value
    names = {name: value for value, name in values_of(Fact.STATUS).items()}
    assert column(engine, Fact.CROP) == [wheat] * 5 + [UNKNOWN]
    assert column(engine, Fact.STATUS) == [names[Status.OK]] * 5 + [names[Status.INVALID_GEOMETRY]]
    assert column(engine, Fact.VIGOUR) == [62] * 5 + [UNKNOWN]
    assert values_of(Fact.CROP)[wheat] == "wheat"


def test_the_newest_run_counts_even_where_it_knows_less(engine: Engine) -> None:
    build_bank(engine)
    before = stamp(engine, Fact.VIGOUR)
    later = made_up_run("run-2", day=2, n=4)
    later.parcels.loc[0, "vigour_pct"] = 11.4
    load_run(engine, *later.tables, now=NOW)
    assert column(engine, Fact.VIGOUR) == [11, 62, 62, UNKNOWN, 62, UNKNOWN]
    assert stamp(engine, Fact.VIGOUR) != before


def test_the_highest_live_alert_counts(engine: Engine) -> None:
    build_bank(engine)
    assert column(engine, Fact.ALERT) == [UNKNOWN] * 6
    with writing(engine) as connection:
        watch(connection)
        alert(connection, "p000", "action", "flood")
        alert(connection, "p000", "watch", "hail")
        alert(connection, "p001", "warning", ended=True)
        alert(connection, "p002", "info")
    assert column(engine, Fact.ALERT) == [4, 0, 1, 0, 0, 0]
    before = stamp(engine, Fact.ALERT)
    with writing(engine) as connection:
        alert(connection, "p003", "info")
        connection.execute(update(Alert).where(Alert.parcel_id == "p000").values(status="closed", closed_at=NOW))
    assert column(engine, Fact.ALERT) == [0, 0, 1, 1, 0, 0]
    assert stamp(engine, Fact.ALERT) != before


@pytest.mark.parametrize(
    ("after", "expected"), [(100_000, SAME_LIMIT), (40_000, 40), (None, 0), (0, 0), (900_000, 200), (149_600, 150)]
)
def test_a_change_of_limit_is_told_against_what_was_decided(
    engine: Engine, decided: Callable[[Engine], None], after: int | None, expected: int
) -> None:
    _propose(engine, decided, {"p000": after, "p001": 5})
    assert column(engine, Fact.LIMIT) == [expected, NEW_LIMIT, *[UNKNOWN] * 4]


def _propose(engine: Engine, decided: Callable[[Engine], None], amounts: dict[str, int | None]) -> None:
    load_run(engine, *made_up_run("run-1").tables, now=NOW)
    decided(engine)  # 100,000 on p000
    hashes = {"policy_hash": HASH, "inputs_hash": HASH, "receipt_hash": HASH}
    said = {"currency": "CNY", "needs_visit": False, "policy_id": "p", "reasons": [], "status": "open"}
    with writing(engine) as connection:
        decision, application, subject = connection.execute(
            select(Decision.id, Decision.application_id, Decision.credit_subject_id)
        ).one()
        about = {"application_id": application, "credit_subject_id": subject, "recorded_at": NOW}
        part = {"decision_id": decision, "parcel_id": "p000", "amount_minor": 100_000, "currency": "CNY"}
        connection.execute(insert(DecisionParcel), [part])
        proposal = connection.execute(
            insert(Proposal).values(about | said | hashes).returning(Proposal.id)
        ).scalar_one()
        parts = [{"parcel_id": name, "amount_minor": amount} for name, amount in amounts.items()]
        connection.execute(
            insert(ProposalParcel), [{**each, "proposal_id": proposal, "currency": "CNY"} for each in parts]
        )
