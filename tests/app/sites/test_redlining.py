"""Red lines: written once, the latest day holds whatever order days come in, and the past can be read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from sqlalchemy import Engine, func, select

from app.book.decisions.people import Person
from app.db.engine import writing
from app.db.tables import RedLine
from app.db.tables.site_kinds import RedLineKind
from app.sites.redlines import HeldLine, red_lines_at, touching
from app.sites.redlining import GivenLine, Layer, TakenLines, take_red_lines, withdraw
from geo.errors import InputError
from tests.app.book.made_up_book import open_bank

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
LAYER = Layer(RedLineKind.FARMLAND, "land office", date(2026, 1, 1))
WEST = GivenLine(1, "f-1", "Plot one", shapely.box(103.50, 36.0, 103.51, 36.01))
EAST = GivenLine(2, "f-2", None, shapely.box(103.52, 36.0, 103.53, 36.01))


@pytest.fixture
def people(engine: Engine) -> dict[str, Person]:
    return open_bank(engine).people


def take(engine: Engine, by: Person, *lines: GivenLine, layer: Layer = LAYER, now: datetime = NOW) -> TakenLines:
    with writing(engine) as connection:
        return take_red_lines(connection, lines, layer, by, now)


def held(engine: Engine, at: datetime = LATER) -> list[HeldLine]:
    with engine.connect() as connection:
        return red_lines_at(connection, at)


def rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalars(select(func.count()).select_from(RedLine)).one()


def test_the_same_lines_again_write_nothing(engine: Engine, people: dict[str, Person]) -> None:
    assert take(engine, people["rita"], WEST, EAST).new == ("f-1", "f-2")
    again = replace(WEST, shape=shapely.reverse(WEST.shape))  # another program begins and turns elsewhere
    assert take(engine, people["rita"], again, EAST, now=LATER) == TakenLines((), (), (), ("f-1", "f-2"))
    assert rows(engine) == 2
    one, other = held(engine)
    assert (one.external_id, one.name, one.layer) == ("f-1", "Plot one", "land office: farmland")
    assert one.shape.equals(WEST.shape)
    assert other.area_ha == pytest.approx(100.0, rel=0.01)  # 0.01 x 0.01 degrees at 36 degrees north
    assert held(engine, NOW - timedelta(seconds=1)) == []


def test_a_later_day_holds_whatever_order_days_come_in(engine: Engine, people: dict[str, Person]) -> None:
    newest, oldest = replace(LAYER, as_of=date(2026, 2, 1)), replace(LAYER, as_of=date(2025, 6, 1))
    wider = replace(WEST, shape=shapely.box(103.50, 36.0, 103.515, 36.01))
    take(engine, people["rita"], WEST)
    assert take(engine, people["rita"], wider, layer=newest, now=LATER).newer == ("f-1",)
    assert take(engine, people["rita"], EAST, replace(WEST, shape=EAST.shape), layer=oldest, now=LATER).older == (
        "f-1",
    )
    assert [line.as_of for line in held(engine, NOW)] == [LAYER.as_of]  # as it was known then
    now_held = {line.external_id: line for line in held(engine, LATER)}
    assert now_held["f-1"].shape.equals(wider.shape)
    assert now_held["f-2"].as_of == oldest.as_of


def test_what_was_taken_back_or_has_expired_holds_no_more(engine: Engine, people: dict[str, Person]) -> None:
    take(engine, people["rita"], replace(WEST, shape=EAST.shape), layer=replace(LAYER, as_of=date(2025, 6, 1)))
    take(engine, people["rita"], WEST)
    take(engine, people["rita"], EAST, layer=replace(LAYER, expires_on=date(2026, 3, 15)))
    with writing(engine) as connection:
        assert withdraw(connection, "land office", ["f-1"], people["ada"], LATER) == ("f-1",)
        assert withdraw(connection, "land office", ["f-1"], people["ada"], LATER) == ()
    assert [line.external_id for line in held(engine, LATER - timedelta(days=20))] == ["f-1", "f-2"]
    assert held(engine, LATER) == []  # neither the older word of the first comes back, nor the second
    with pytest.raises(InputError, match="was taken back"):
        take(engine, people["rita"], WEST, now=LATER)
    assert take(engine, people["rita"], WEST, layer=replace(LAYER, as_of=date(2026, 3, 30)), now=LATER).newer == (
        "f-1",
    )
    assert [line.external_id for line in held(engine, LATER)] == ["f-1"]


def test_a_whole_file_ends_the_lines_of_its_kind_that_it_lacks(engine: Engine, people: dict[str, Person]) -> None:
    forest = replace(LAYER, kind=RedLineKind.ECOLOGICAL)
    take(engine, people["rita"], WEST, EAST)
    take(engine, people["rita"], replace(EAST, external_id="e-1"), layer=forest)
    take(engine, people["rita"], replace(EAST, external_id="f-9"), layer=replace(LAYER, as_of=date(2026, 2, 20)))
    whole = replace(LAYER, as_of=date(2026, 2, 1), whole=True)
    taken = take(engine, people["rita"], WEST, layer=whole, now=LATER)
    assert (taken.newer, taken.ended) == (("f-1",), ("f-2",))
    assert [line.external_id for line in held(engine)] == ["e-1", "f-1", "f-9"]


@pytest.mark.parametrize(
    ("line", "layer", "who", "code"),
    [
        (replace(WEST, name="Plot 1"), LAYER, "rita", "RED_LINE_CLASH"),
        (replace(WEST, shape=EAST.shape), LAYER, "rita", "RED_LINE_CLASH"),
        (WEST, replace(LAYER, kind=RedLineKind.OTHER), "rita", "RED_LINE_CLASH"),
        (WEST, replace(LAYER, as_of=date(2026, 3, 3)), "rita", "RED_LINE_DAY"),
        (WEST, replace(LAYER, expires_on=date(2025, 12, 31)), "rita", "RED_LINE_DAY"),
        (WEST, replace(LAYER, source=" "), "rita", "RED_LINE_SOURCE"),
        (WEST, LAYER, "olga", "ROLE_LACKS"),
    ],
)
def test_what_contradicts_the_book_is_refused_whole(
    engine: Engine, people: dict[str, Person], line: GivenLine, layer: Layer, who: str, code: str
) -> None:
    take(engine, people["rita"], WEST)
    with pytest.raises(InputError) as refused:
        take(engine, people[who], EAST, line, layer=layer)
    assert refused.value.code == code
    assert rows(engine) == 1


def test_lines_that_are_not_there_cannot_be_taken_back(engine: Engine, people: dict[str, Person]) -> None:
    take(engine, people["rita"], WEST)
    for source, ids in (("land office", ["f-7"]), ("nobody", None), ("nobody", ["f-1"])):
        with writing(engine) as connection, pytest.raises(InputError) as refused:
            withdraw(connection, source, ids, people["rita"], NOW)
        assert refused.value.code == "RED_LINE_UNKNOWN"
    with writing(engine) as connection:
        assert withdraw(connection, "land office", None, people["rita"], NOW) == ("f-1",)


def test_lines_that_touch_come_with_their_common_ground(engine: Engine, people: dict[str, Person]) -> None:
    beside = GivenLine(3, "f-3", None, shapely.box(103.51, 36.01, 103.52, 36.02))
    take(engine, people["rita"], WEST, EAST, beside)
    site = shapely.box(103.505, 36.0, 103.521, 36.01)
    with engine.connect() as connection:
        found = touching(connection, site, LATER)
        assert touching(connection, shapely.box(10, 10, 11, 11), LATER) == []
    assert [each.line.external_id for each in found] == ["f-1", "f-2"]  # the third shares a side of no width
    assert [each.common_m2 for each in found] == pytest.approx([500_000, 100_000], rel=0.01)
