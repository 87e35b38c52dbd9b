from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.observations import LIMITS, to_table
from scoring.digests import input_digests
from scoring.limits import limit_book, limit_table
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.replay import Record, replay
from scoring.seasons.earlier import earlier_season, feeds, join_seasons
from scoring.seasons.plan import planned_inputs

CN = load_pack("cn-planting-generic")
NOTHING = earlier_season(
    pd.DataFrame(
        columns=["parcel_id", "geometry_version", "season_id", "status", "crop", "area_ha", "cropped_area_ha"]
    ),
    pd.DataFrame(columns=["parcel_id", "season_id", "crop", "crop_set"]),
)


def _limits(inputs, pack, season):
    return limit_table(inputs.take_in(pack, season), pack).set_index("subject_id")


def _codes(table, subject):
    return [line["code"] for line in json.loads(table.reasons[subject])]


def test_the_planned_crop_is_priced_on_the_area_that_the_latest_season_with_a_crop_showed(book, plan, shown, coming):
    past = join_seasons([
        shown(2025, {"status": "CLOUDY"}, {"crop": "fallow"}),
        shown(2023, {"cropped_area_ha": 0.5}, {}),
        shown(2024, {"cropped_area_ha": 1.0}, {"cropped_area_ha": 0.8}),
    ])  # fmt: skip
    inputs = planned_inputs(book({}, {}), plan(("p1", "wheat"), ("p2", "wheat")), past, CN, coming)
    table = _limits(inputs, CN, coming)
    # 15 mu x 480 = 7,200; x 70 % = 5,040 -> 5,000; 12 mu: 4,032 -> 4,000
    assert table.amount_minor.tolist() == [500_000, 400_000]
    # Seasons that differ widen the interval: 0.5 to 1.5 ha.
    assert (table.low_minor["p1"], table.high_minor["p1"]) == (250_000, 750_000)
    line = next(line for line in json.loads(table.reasons["p1"]) if line["code"] == "PLAN_AREA_SEEN")
    assert line["facts"] == {"season": "2024-10-01/2025-09-30"}
    assert not table.needs_visit.any()


def test_without_a_crop_seen_the_certified_area_counts_else_the_outline(book, plan, shown, coming):
    past = shown(2025, {"status": "AMBIGUOUS"}, {"status": "CLOUDY"}, {"geometry_version": "v0"})
    rows = book({"certified_area_ha": 1.0}, {"certified_area_ha": None}, {"certified_area_ha": None})
    table = _limits(planned_inputs(rows, plan(*((f"p{n}", "wheat") for n in (1, 2, 3))), past, CN, coming), CN, coming)
    assert table.amount_minor.tolist() == [500_000, 1_000_000, 1_000_000]
    assert _codes(table, "p1")[3:] == ["PLAN_AREA_CERTIFIED"]
    assert _codes(table, "p2")[-1] == _codes(table, "p3")[-1] == "PLAN_AREA_OUTLINE"  # an outline of its own is not v0
    assert not table.needs_visit.any()


def test_the_packs_area_basis_holds_before_the_season_too(book, plan, shown, coming):
    past = shown(2025, {"cropped_area_ha": 2.0})
    table = _limits(
        planned_inputs(book({"certified_area_ha": 1.0}), plan(("p1", "wheat")), past, CN, coming), CN, coming
    )
    assert table.amount_minor["p1"] == 500_000
    assert {"CERTIFIED_AREA", "AREA_MISMATCH"} <= set(_codes(table, "p1"))


def test_no_plan_keeps_the_last_approved_amount_or_none(book, plan, shown, coming):
    rows = book({}, {"approved_minor": 77_000}, {"valid": False})
    table = _limits(planned_inputs(rows, plan(("p3", "rice")), shown(2025, {}, {}, {}), CN, coming), CN, coming)
    assert table.amount_minor.fillna(-1).tolist() == [-1, 77_000, -1]
    assert _codes(table, "p1") == ["NOT_DECIDED_NO_PLAN"]
    assert _codes(table, "p2") == ["NOT_DECIDED_NO_PLAN", "KEPT_APPROVED"]
    assert _codes(table, "p3") == ["NOT_DECIDED_INVALID_GEOMETRY"]


def test_no_land_right_has_the_reason_it_always_has(book, plan, shown, coming):
    table = _limits(
        planned_inputs(book({"land_right": None}), plan(("p1", "wheat")), shown(2025, {}), CN, coming), CN, coming
    )
    assert "LAND_RIGHT_NOT_STATED" in _codes(table, "p1")
    assert table.needs_visit["p1"]


def test_what_earlier_seasons_never_showed_is_a_reason_and_a_visit_never_a_cut(book, plan, shown, coming):
    past = join_seasons([
        shown(2024, {"crop": "fallow"}, {"crop": "maize"}, {"crop": "rice"}, {"status": "CLOUDY"}, {}),
        shown(2025, {"crop": "forest"}, {"crop": "soybean"}, {"crop": "maize"}, {"status": "CLOUDY"}, {},
              cycles=(("p5", "maize", ["maize"]), ("p3", "wheat", ["wheat", "barley"]))),
    ])  # fmt: skip
    wanted = plan(
        ("p1", "wheat"), ("p1", "maize"), ("p2", "wheat"), ("p3", "rice"), ("p4", "wheat"), ("p5", "wheat"),
        ("p5", "maize"), ("p5", "soybean"),
    )  # fmt: skip
    table = _limits(planned_inputs(book(*[{}] * 5), wanted, past, CN, coming), CN, coming)
    never = [line for line in json.loads(table.reasons["p1"]) if line["code"].startswith("PLAN_NEVER")]
    assert [line["facts"] for line in never] == [{"crop": "wheat", "seasons": 2, "seen": "forest"}]
    other = next(line for line in json.loads(table.reasons["p2"]) if line["code"] == "PLAN_OTHER_CROP")
    assert other["facts"] == {"crop": "wheat", "seasons": 2, "seen": "soybean"}
    assert other["effect_minor"] == 0
    assert table.amount_minor["p2"] == 1_000_000
    unseen = [line["facts"]["crop"] for line in json.loads(table.reasons["p5"]) if line["code"] == "PLAN_OTHER_CROP"]
    assert unseen == ["soybean"]
    assert table.needs_visit.tolist() == [True, True, False, False, True]
    assert [
        code for code in _codes(table, "p3") + _codes(table, "p4") if code in ("PLAN_OTHER_CROP", "PLAN_NEVER")
    ] == []


def test_a_further_planned_crop_counts_and_one_without_a_price_adds_nothing(book, plan, shown, coming):
    wanted = plan(("p1", "wheat"), ("p1", "maize"), ("p2", "grass"), ("p3", "wheat"), ("p3", "grass"))
    table = _limits(planned_inputs(book({}, {}, {}), wanted, shown(2025, {}, {}, {}), CN, coming), CN, coming)
    assert table.amount_minor.fillna(-1).tolist() == [2_050_000, -1, 1_000_000]  # 30 x 980 x 70 % = 20,580
    assert "NO_PRICE" in _codes(table, "p2")
    assert "CYCLE_NO_PRICE" in _codes(table, "p3")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("p9", "wheat")], "PLAN_PARCEL"), ([("p1", "rye")], "PLAN_CROP"),
        ([("p1", "wheat", "kharif")], "PLAN_SEASON"),
        ([("p1", "wheat"), ("p1", "wheat")], "PLAN_TWICE"), ([("p1", None)], "PLAN_CROP"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_meant_is_refused(rows, code, book, plan, shown, coming):
    with pytest.raises(InputError) as caught:
        planned_inputs(book({}), plan(*rows), shown(2025, {}), CN, coming)
    assert caught.value.code == code
    assert f"'{rows[0][0]}'" in str(caught.value)


def test_evidence_is_of_earlier_seasons_and_of_each_once(book, plan, shown, coming):
    with pytest.raises(InputError, match="does not begin before the coming season"):
        planned_inputs(book({}), plan(("p1", "wheat")), shown(2026, {}), CN, coming)
    with pytest.raises(InputError, match="2025-10-01/2026-09-30 is given twice"):
        join_seasons([shown(2025, {}), shown(2025, {})])
    with pytest.raises(InputError, match="No earlier season"):
        join_seasons([])


def test_what_the_evidence_feeds(shown):
    past = join_seasons([
        shown(2025, {}, {"crop": "fallow"}, {"status": "CLOUDY"}), shown(2024, {}, {"status": "CLOUDY"}, {})
    ])  # fmt: skip
    found = feeds(past)
    assert found.seasons == ("2024-10-01/2025-09-30", "2025-10-01/2026-09-30")
    assert (found.parcels, found.by_seasons_decided) == (3, (0, 2, 1))
    assert (found.with_area, found.never_cropped) == (2, 1)


def test_a_first_season_rests_on_papers_alone(book, plan, coming):
    table = _limits(planned_inputs(book({}), plan(("p1", "wheat")), NOTHING, CN, coming), CN, coming)
    assert table.amount_minor["p1"] == 1_000_000


def test_prices_by_season_take_the_season_that_the_plan_names(book, plan, shown, coming):
    said = CN.model_dump(mode="python")
    summer = {"key": "summer", "title": {"en": "Summer", "zh": "夏季"}, "first": "05-01", "last": "08-31"}
    rows = [*said["prices"]["rows"], {"crop": "maize", "amount": "600", "season": "summer"}]
    pack = Pack.model_validate(
        said | {"prices": said["prices"] | {"rows": rows}, "calendar": said["calendar"] | {"seasons": [summer]}}
    )
    wanted = plan(("p1", "wheat"), ("p1", "maize", "summer"), ("p2", "maize"))
    inputs = planned_inputs(book({"area_ha": 1.0}, {}), wanted, shown(2025, {"cropped_area_ha": 1.0}, {}), pack, coming)
    assert inputs.cycles.to_pylist()[1]["sos"].isoformat() == "2027-05-01"
    assert _limits(inputs, pack, coming).amount_minor["p1"] == 1_130_000  # 15 x 1,080 x 70 % = 11,340


STATUS = st.sampled_from(["OK", "OK", "CLOUDY"])
CROP = st.sampled_from(["wheat", "rice", "maize", "fallow", "grass"])
AREA = st.floats(0.01, 20)
SEASON = st.tuples(STATUS, CROP, AREA)
RIGHT = st.sampled_from([None, "lease", "certificate"])
PARCEL = st.tuples(st.lists(SEASON, min_size=2, max_size=2), RIGHT, st.one_of(st.none(), AREA), CROP, st.booleans())


def _as_book(book, rows):
    return book(*({"farmer_id": "f", "land_right": right, "certified_area_ha": area, "area_ha": 20.0}
                  for _, right, area, _, _ in rows))  # fmt: skip


def _as_past(shown, rows):
    return join_seasons([
        shown(2024 + at, *({"status": row[0][at][0], "crop": row[0][at][1], "cropped_area_ha": row[0][at][2]}
                           for row in rows)) for at in (0, 1)
    ])  # fmt: skip


@given(st.lists(PARCEL, min_size=1, max_size=4))
@settings(max_examples=8, deadline=None)
def test_a_plan_seen_exactly_as_it_was_stated_gives_what_was_given_before_the_season(book, plan, shown, coming, rows):
    wanted = plan(*((f"p{place}", row[3]) for place, row in enumerate(rows, start=1) if row[4]))
    inputs = planned_inputs(_as_book(book, rows), wanted, _as_past(shown, rows), CN, coming)
    before = _limits(inputs, CN, coming)
    seen = inputs.parcels.to_pandas().drop(columns="remarks")
    after = limit_book(seen, inputs.cycles.to_pandas(), CN, coming).set_index("subject_id")
    for column in ("amount_minor", "low_minor", "high_minor"):
        pd.testing.assert_series_equal(before[column], after[column])
    for row in before.itertuples():
        total = sum(line["effect_minor"] for line in json.loads(row.reasons))
        assert total == (0 if row.amount_minor is pd.NA else row.amount_minor)


@given(st.lists(PARCEL, min_size=1, max_size=3), st.integers(0, 2), st.floats(0, 5))
@settings(max_examples=8, deadline=None)
def test_more_area_seen_last_never_lowers_the_limit_before_the_season(book, plan, shown, coming, rows, which, more):
    wanted = plan(*((f"p{place}", row[3]) for place, row in enumerate(rows, start=1) if row[4]))
    before = _limits(planned_inputs(_as_book(book, rows), wanted, _as_past(shown, rows), CN, coming), CN, coming)
    row = rows[which % len(rows)]
    status, crop, area = row[0][1]
    rows[which % len(rows)] = ([row[0][0], (status, crop, area + more)], *row[1:])
    after = _limits(planned_inputs(_as_book(book, rows), wanted, _as_past(shown, rows), CN, coming), CN, coming)
    assert (after.amount_minor["f"] is pd.NA) == (before.amount_minor["f"] is pd.NA)
    assert before.amount_minor["f"] is pd.NA or after.amount_minor["f"] >= before.amount_minor["f"]


def test_a_limit_before_the_season_replays_from_its_inputs(book, plan, shown, coming):
    past = join_seasons([shown(2025, {}, {"crop": "maize"}), shown(2024, {}, {"crop": "maize"})])
    wanted = plan(("p1", "wheat"), ("p2", "rice"))
    inputs = planned_inputs(book({"farmer_id": "f"}, {"farmer_id": "f"}), wanted, past, CN, coming)
    intake = inputs.take_in(CN, coming)
    record = Record(to_table(limit_table(intake, CN), LIMITS), inputs, input_digests(intake), CN)
    assert [row["subject_id"] for row in replay(["f", "p2"], record)] == ["p2", "f"]
