from __future__ import annotations

import pytest
from sqlalchemy import select

from app.api.access.scope import Scope, require_parcels, scope_of, scope_of_unit
from app.api.access.sessions import Signed
from app.api.access.viewing import note_views
from app.db.tables import Parcel, Party, PersonalView
from geo.errors import InputError
from tests.app.api.access.service import NOW, PEOPLE, Service

#: Units whose rows each person sees: parcels of no unit are anybody's, parties of none are the top unit's.
SEEN = {
    "ada": {"001", "010", "011", "020"},
    "rita": {"001", "010", "011", "020"},
    "rob": {"010", "011"},
    "olga": {"010", "011"},
    "otto": {"011"},
    "susi": {"020"},
}


def _views(service: Service) -> list[tuple[object, ...]]:
    columns = (PersonalView.party_id, PersonalView.viewed_by_id, PersonalView.what, PersonalView.viewed_at)
    with service.access.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(PersonalView.id))]


def test_people_see_their_unit_and_those_below(service: Service) -> None:
    names = {number: code for code, number in service.parties.items()}
    with service.access.engine.connect() as connection:
        for login, units in SEEN.items():
            scope = scope_of(connection, service.people[login])
            parcels = set(connection.scalars(select(Parcel.parcel_id).where(scope.parcels())))
            parties = {names[number] for number in connection.scalars(select(Party.id).where(scope.parties()))}
            assert parcels == {f"p-{unit}" for unit in units} | {"p-None"}, login
            assert parties == (units | {None} if "001" in units else units), login


def test_a_page_narrows_to_a_unit_below_and_to_no_other(service: Service) -> None:
    with service.access.engine.connect() as connection:
        rita, olga = service.people["rita"], service.people["olga"]
        whole, north = scope_of(connection, rita), scope_of_unit(connection, rita, "010")
        assert whole.covers(north)
        assert not north.covers(whole)
        assert north == scope_of(connection, olga)
        assert scope_of_unit(connection, rita, "001") == whole
        said = []
        for code in ("020", "001", "nowhere"):
            with pytest.raises(InputError) as caught:
                scope_of_unit(connection, olga, code)
            said.append(str(caught.value).replace(code, "?"))
        assert len(set(said)) == 1, "a unit elsewhere and one that is not there are one"


def test_parcels_of_others_are_not_there(service: Service) -> None:
    with service.access.engine.connect() as connection:
        scope = scope_of(connection, service.people["olga"])
        require_parcels(connection, scope, ["p-010", "p-011", "p-None"])
        for parcel in ("p-020", "p-999"):
            with pytest.raises(InputError) as caught:
                require_parcels(connection, scope, ["p-010", parcel])
            assert (caught.value.code, caught.value.message) == ("PARCEL_UNKNOWN", f"There is no parcel {parcel!r}.")


def test_a_scope_of_no_unit_sees_nothing(service: Service) -> None:
    with service.access.engine.connect() as connection:
        assert connection.scalars(select(Party.id).where(Scope((), whole=False).parties())).all() == []


def test_a_look_at_a_farmer_is_written_down_and_a_refused_one_is_none(service: Service) -> None:
    seen = {login: service.signed_in(login) for login in ("olga", "susi", "rita", "ada")}
    north, nowhere = service.parties["010"], service.parties[None]
    answer = seen["olga"].get(f"/api/v1/parties/{north}/contact")
    assert answer.json()["name"] == "Farmer of 010"
    assert answer.headers["cache-control"] == "no-store"
    assert _views(service) == [(north, service.people["olga"].id, "name and contact", NOW)]
    refused = [
        (seen["susi"], north),
        (seen["olga"], nowhere),
        (seen["olga"], 10**9),
        (seen["olga"], service.parties["020"]),
    ]
    for browser, party in refused:
        answer = browser.get(f"/api/v1/parties/{party}/contact")
        assert answer.status_code == 404
        assert answer.json()["message"] == f"There is no party {party}."
    assert seen["ada"].get(f"/api/v1/parties/{north}/contact").status_code == 403
    assert len(_views(service)) == 1
    assert seen["rita"].get(f"/api/v1/parties/{nowhere}/contact").status_code == 200
    assert len(_views(service)) == 2


@pytest.mark.parametrize("party", ["0", "-1", "x", "1e3", str(2**63), "1%2F..", "9" * 400])
def test_an_impossible_number_is_refused(small_service: Service, party: str) -> None:
    assert small_service.signed_in("olga").get(f"/api/v1/parties/{party}/contact").status_code in {404, 422}


def test_a_list_is_written_down_whole_or_not_at_all(service: Service) -> None:
    person = service.people["olga"]
    signed = Signed(1, "", person, "Unit 010", "zh", NOW, NOW)
    mine = [service.parties["010"], service.parties["011"]]
    note_views(service.access, signed, [*mine, mine[0]], "name", "list")
    assert [row[0] for row in _views(service)] == sorted(mine)
    with pytest.raises(InputError):
        note_views(service.access, signed, [*mine, service.parties["020"]], "name", "list")
    note_views(service.access, signed, [], "name", "list")
    assert len(_views(service)) == 2
    assert set(SEEN) == set(PEOPLE)
