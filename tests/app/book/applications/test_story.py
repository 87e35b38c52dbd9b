"""From the farmer to the draw-down, by people who each do their part."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import select

from app.book.applications import drawing, reviewing
from app.book.applications.files import events_of
from app.book.applications.lacking import Lack, lacks_of
from app.book.applications.stages import Stage
from app.book.decisions import by_people
from app.db.tables import ContractPlot, CropCycle, Drawdown, Facility, Proposal, ProposalParcel, Sublimit
from geo.errors import InputError
from tests.app.book.applications.made_up import Desk


def test_an_application_goes_from_the_farmer_to_the_money(desk: Desk) -> None:
    number = desk.bring_to(Stage.GRANTED)
    assert number == "001-2026-00001"
    filed = desk.filed(number)
    with desk.bank.engine.connect() as connection:
        line = connection.execute(select(Facility).where(Facility.id == filed.facility_id)).mappings().one()
        part = connection.execute(select(Sublimit).where(Sublimit.facility_id == filed.facility_id)).mappings().one()
        plots = connection.scalars(select(ContractPlot.parcel_id).order_by(ContractPlot.parcel_id)).all()
        crops = connection.scalars(select(CropCycle.crop)).all()
        parts = connection.scalars(select(ProposalParcel.amount_minor)).all()
        kinds = [str(event.kind) for event in events_of(connection, filed.id)]
    assert (line["limit_minor"], part["limit_minor"], sum(parts)) == (150_000, 150_000, 150_000)
    assert plots == ["p000", "p001"]
    assert crops == ["wheat", "wheat"]
    assert kinds[0] == "created"
    assert kinds[-4:] == ["taken_up", "proposed", "decided", "granted"]
    # The pack's tranches: 40 % stand by the plan, nothing more before anything was seen.
    room = desk.room(number)
    assert (room.limit_minor, room.drawable_minor, room.left_minor) == (150_000, 60_000, 60_000)
    assert [tranche.state for tranche in room.parts] == ["confirmed", "not_yet", "not_yet"]
    draw = desk.act(drawing.ask_to_draw, number, "olga", 60_000, desk.bank.pack)
    assert desk.room(number).left_minor == 0
    desk.act(drawing.approve_draw, number, "rob", draw, desk.bank.pack)
    with desk.bank.engine.connect() as connection:
        row = connection.execute(select(Drawdown)).mappings().one()
    assert (str(row["status"]), row["proposed_by_id"]) == ("approved", desk.bank.people["olga"].id)


def test_a_proposal_rests_on_a_receipt_that_is_kept(desk: Desk) -> None:
    number = desk.bring_to(Stage.PROPOSED, amount="99999999")
    with desk.bank.engine.connect() as connection:
        made = connection.execute(select(Proposal)).mappings().one()
    receipt = desk.store.read(made["receipt_hash"])
    assert hashlib.sha256(receipt).hexdigest() == made["receipt_hash"]
    said = json.loads(receipt)
    assert (said["subject_id"], said["amount_minor"]) == ("F-1", made["amount_minor"])
    assert sum(line["effect_minor"] for line in said["reasons"]) == made["amount_minor"]
    assert "ASKED_FOR_LESS" not in made["reasons"]
    assert made["made_by_id"] == desk.bank.people["ben"].id
    assert desk.filed(number).stage is Stage.PROPOSED


def test_an_unfinished_draft_says_all_that_it_lacks(desk: Desk) -> None:
    number = desk.begin()
    with desk.bank.engine.connect() as connection:
        lacks = lacks_of(connection, desk.filed(number), desk.bank.pack, desk.bank.pack.local_day(desk.now))
    assert set(lacks) == set(Lack) - {Lack.FARMER_NUMBER, Lack.LAND_RIGHTS}
    with pytest.raises(InputError, match="lacks: processing consent, bureau consent") as caught:
        desk.act(reviewing.submit, number, "olga", desk.bank.pack)
    assert caught.value.code == "APPLICATION_LACKS"
    assert desk.filed(number).stage is Stage.DRAFT


def test_a_returned_proposal_makes_a_draft_again_and_a_refused_one_ends_it(desk: Desk) -> None:
    number = desk.bring_to(Stage.PROPOSED)
    desk.decide(number, "rob", lambda c, p, s: by_people.send_back(c, p, "plan of the second plot", s))
    assert desk.filed(number).stage is Stage.DRAFT
    desk.act(reviewing.submit, number, "olga", desk.bank.pack)
    desk.act(reviewing.take_up, number, "ben")
    desk.propose(number)
    desk.decide(number, "rob", lambda c, p, s: by_people.refuse(c, p, "lease ends", s))
    assert desk.filed(number).stage is Stage.REFUSED


def test_who_prepared_it_decides_nothing_about_it(desk: Desk) -> None:
    number = desk.bring_to(Stage.PROPOSED)
    for login in ("olga", "ben"):
        with pytest.raises(InputError) as caught:
            desk.decide(number, login)
        assert caught.value.code == "MAKER_IS_CHECKER"


def test_a_note_names_nobody(desk: Desk) -> None:
    number = desk.bring_to(Stage.IN_REVIEW)
    with pytest.raises(InputError) as caught:
        desk.act(reviewing.hand_back, number, "ben", "王小明 did not sign")
    assert caught.value.code == "NOTE_NAMES"
    desk.act(reviewing.hand_back, number, "ben", "the lease is not signed")
    assert desk.filed(number).stage is Stage.DRAFT
