from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError

from app.alerts.visits.outcomes import outcomes
from app.alerts.worklist import workflow
from app.book.decisions.people import find_user
from app.db.base import Base
from app.db.tables import Alert, AlertEvent, ContractPlot, Party, PersonalData, Role
from app.db.tables.kinds import UserRole
from geo.errors import InputError
from tests.app.alerts.desk import EARLY, LINES, LOSS, SINCE, Desk

#: All that alerts may touch: everything else is a loan, a limit, a person or an observation.
_OWN = {"alert", "alert_event", "visit", "visit_list", "visit_task"}


def rest_of(engine: Engine) -> str:
    """Hash of all tables that alerts have no business in."""
    digest = sha256()
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in _OWN:
                rows = sorted(str(tuple(row)) for row in connection.execute(select(table)))
                digest.update("\n".join([table.name, *rows]).encode())
    return digest.hexdigest()


def test_people_work_on_an_alert_from_first_sight_to_its_end(desk: Desk) -> None:
    desk.do(workflow.acknowledge, "olga", said="will look on Friday")
    assert desk.status() == "acknowledged"
    desk.do(workflow.note, "otto", said="the road is flooded")
    desk.visit("confirmed")
    assert desk.status() == "visited"
    desk.do(workflow.close, "olga", said="insurer told")
    desk.do(workflow.reopen, "rob", said="the insurer asks again")
    assert desk.status() == "open"
    assert desk.said() == [
        ("acknowledged", "will look on Friday"),
        ("noted", "the road is flooded"),
        ("visited", None),
        ("closed", "insurer told"),
        ("reopened", "the insurer asks again"),
    ]


def test_nothing_that_people_do_with_alerts_changes_a_loan_a_limit_or_a_proposal(desk: Desk) -> None:
    before = rest_of(desk.engine)
    desk.do(workflow.acknowledge, "olga")
    desk.visit("confirmed", loss_share=1.0)
    desk.do(workflow.close, "rob", said="done")
    desk.do(workflow.reopen, "rob", said="again")
    desk.visit("not_confirmed", parcel="p001")
    desk.do(workflow.call_false, "olga", parcel="p001", said="a cloud")
    with desk.acting("rob") as (connection, act):
        workflow.assign(connection, [desk.number("p002")], find_user(connection, "berta"), act)
    with desk.engine.connect() as connection:
        outcomes(connection)
    assert rest_of(desk.engine) == before


def test_many_are_done_at_once_or_none(desk: Desk) -> None:
    first, second, other = (desk.number(parcel) for parcel in ("p000", "p001", "p002"))
    with pytest.raises(InputError, match="p002"), desk.acting("olga") as (connection, act):
        workflow.acknowledge(connection, [first, second, other], act)
    assert desk.status("p000") == "open"
    with pytest.raises(InputError, match="There is no alert 999"), desk.acting("olga") as (connection, act):
        workflow.acknowledge(connection, [first, 999], act)
    with desk.acting("olga") as (connection, act):
        done = workflow.acknowledge(connection, [second, first, first], act)
        again = workflow.acknowledge(connection, [first, second], act)
    both = tuple(sorted((first, second)))
    assert (done.changed, done.already) == (both, ())
    assert (again.changed, again.already) == ((), both)
    assert len(desk.said("p000")) == 1


def test_people_touch_parcels_of_their_unit_and_below_and_administrators_none(desk: Desk) -> None:
    for login, parcel in (("olga", "p000"), ("olga", "p004"), ("berta", "p002"), ("rob", "p002")):
        desk.do(workflow.acknowledge, login, parcel)
    for login, parcel in (("olga", "p002"), ("berta", "p000"), ("ada", "p004")):
        with pytest.raises(InputError, match=r"belongs to another|has the role"):
            desk.do(workflow.acknowledge, login, parcel)


def test_the_unit_of_a_borrower_counts_where_the_parcel_has_none(desk: Desk) -> None:
    desk.watch("06-12", *LINES, ("p003", LOSS, "06-12", "06-12", "opened", "watch"))
    with pytest.raises(InputError, match="belongs to another"):
        desk.do(workflow.acknowledge, "olga", "p003")
    desk.do(workflow.acknowledge, "berta", "p003")


def test_an_officer_closes_only_what_is_settled(desk: Desk) -> None:
    with pytest.raises(InputError, match="nobody was there"):
        desk.do(workflow.close, "olga", said="I think it is fine")
    desk.do(workflow.close, "olga", "p004", said="for information only")  # a level that asks for nothing
    desk.watch("06-12", *LINES, ("p000", LOSS, "06-01", "06-12", "ended", "none"))
    desk.do(workflow.close, "olga", said="no longer seen")
    desk.do(workflow.close, "rita", "p001", said="relief was granted to the village")


def test_a_false_alarm_needs_a_visit_or_two_persons(desk: Desk) -> None:
    with pytest.raises(InputError, match="two persons"):
        desk.do(workflow.call_false, "olga", said="looks like a cloud")
    with pytest.raises(InputError, match="two persons"):
        desk.do(workflow.call_false, "rob", said="looks like a cloud")
    desk.do(workflow.acknowledge, "rob")
    with pytest.raises(InputError, match="two persons"):
        desk.do(workflow.call_false, "rob", said="looks like a cloud")
    desk.do(workflow.call_false, "rita", said="a cloud")
    assert desk.status() == "false_alarm"
    with pytest.raises(InputError, match="two persons"):
        desk.do(workflow.call_false, "olga", "p001", said="fine")
    desk.visit("not_confirmed", parcel="p001")
    desk.do(workflow.call_false, "olga", "p001", said="the stand is whole")


def test_what_two_officers_confirmed_is_not_false(desk: Desk) -> None:
    desk.visit("partly")
    for login in ("olga", "rita"):
        with pytest.raises(InputError, match="confirmed by two officers"):
            desk.do(workflow.call_false, login, said="no")


def test_a_reason_is_needed_and_closed_alerts_stay_as_they_are(desk: Desk) -> None:
    for act in (workflow.close, workflow.call_false, workflow.reopen, workflow.note):
        with pytest.raises(InputError, match="No reason"):
            desk.do(act, "rob", said="  ")
    desk.do(workflow.close, "rob", said="done")
    assert desk.do(workflow.close, "rob", said="done").already == (desk.number("p000"),)
    for act in (workflow.acknowledge, workflow.call_false):
        with pytest.raises(InputError, match="reopen"):
            desk.do(act, "rob", said="x")


def test_alerts_are_given_to_somebody_in_reach(desk: Desk) -> None:
    number = desk.number("p000")
    with desk.acting("rob", said="please look") as (connection, act):
        for login, why in (("berta", "belongs to another"), ("ada", "has the role")):
            with pytest.raises(InputError, match=why):
                workflow.assign(connection, [number], find_user(connection, login), act)
        otto = find_user(connection, "otto")
        assert workflow.assign(connection, [number], otto, act).changed == (number,)
        assert workflow.assign(connection, [number], otto, act).already == (number,)
    with desk.engine.connect() as connection:
        assert connection.scalars(select(Alert.assigned_to_id).where(Alert.id == number)).one() == otto.id
        evidence = connection.scalars(select(AlertEvent.evidence).where(AlertEvent.kind == "assigned")).one()
    assert evidence == {"to": "otto"}


def test_notes_hold_no_names_and_no_long_numbers(desk: Desk) -> None:
    with desk.engine.connect() as connection:
        facility = connection.scalars(select(ContractPlot.facility_id).where(ContractPlot.parcel_id == "p000")).one()
        first = connection.scalars(select(Party.id)).one()
    (second,) = desk.add(Party(kind="person", farmer_id="7", **SINCE))
    with desk.engine.begin() as connection:
        rows = [{"party_id": first, "name": "Zhang San"}, {"party_id": second, "name": "张三"}]
        connection.execute(insert(PersonalData), [row | {"recorded_at": EARLY} for row in rows])
    desk.add(*(Role(party_id=each, facility_id=facility, kind="borrower", **SINCE) for each in (first, second)))
    for words in ("call 13800000000", "account 622848001234", "Zhang San was there", "F900 said so", "张三在场"):
        with pytest.raises(InputError, match="without names") as refused:
            desk.do(workflow.note, "rob", said=words)
        assert "Zhang" not in str(refused.value)
    desk.do(workflow.note, "rob", said="seen on 2019-06-18: 7 of 10 rows are lodged")


def test_history_never_changes(desk: Desk) -> None:
    desk.do(workflow.acknowledge, "olga")
    for statement in ("UPDATE alert_event SET note = 'x'", "DELETE FROM alert_event"):
        with pytest.raises(DBAPIError, match="never change"), desk.engine.begin() as connection:
            connection.execute(text(statement))


def test_roles_that_work_are_named_once() -> None:
    assert set(UserRole) - set(workflow.WORKING) == {UserRole.ADMIN}
