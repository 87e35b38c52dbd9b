from __future__ import annotations

import json
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError, InputError
from geo.observations import to_table
from scoring.limits import limit_table
from scoring.pack_schema import Pack
from scoring.pack_tranches import NEEDS
from scoring.policy import load_pack
from scoring.seasons.field_signs import FieldSigns
from scoring.seasons.plan import planned_inputs
from scoring.seasons.progress import Seen
from scoring.seasons.tranches import TRANCHES, draw_tranches
from scoring.wording.tranches import TRANCHES as WORDS

CN = load_pack("cn-planting-generic")
SPRING = date(2027, 4, 1)


@pytest.fixture
def sanctioned(book, plan, shown, coming):
    """Builder of inputs and limits of a plan from parcels and plan rows."""

    def build(rows, wanted, pack=CN):
        inputs = planned_inputs(book(*rows), plan(*wanted), shown(2025, *({} for _ in rows)), pack, coming)
        return inputs, limit_table(inputs.take_in(pack, coming), pack)

    return build


def _seen(*rows, cycles=(), until=date(2027, 3, 31)):
    """Observations of the season: (parcel, status, crop, start, area) and further cycles (parcel, crop, set, start)."""
    season_id = f"2026-10-01/{until}"
    parcels = pd.DataFrame(rows, columns=["parcel_id", "status", "crop", "sos", "cropped_area_ha"])
    own = [(row[0], row[2], [row[2]], row[3]) for row in rows if row[3] is not None]
    seasons = pd.DataFrame([*own, *cycles], columns=["parcel_id", "crop", "crop_set", "sos"])
    return Seen(parcels.assign(season_id=season_id, area_ha=2.0), seasons.assign(season_id=season_id, cycle=1))


def _by(table, subject):
    return table[table.subject_id == subject].set_index("tranche")


def _codes(table, subject, tranche):
    return [line["code"] for line in json.loads(_by(table, subject).reasons[tranche])]


GREEN = date(2026, 11, 1)


def test_before_anything_is_seen_the_plans_tranche_may_be_drawn(sanctioned, coming):
    inputs, limits = sanctioned([{}], [("p1", "wheat")])
    table = draw_tranches(limits, inputs, None, CN, coming, coming.start)
    assert _by(table, "p1").amount_minor.tolist() == [400_000, 400_000, 200_000]
    assert _by(table, "p1").drawable_minor.tolist() == [400_000, 0, 0]
    assert _by(table, "p1").state.tolist() == ["confirmed", "not_yet", "not_yet"]
    assert _codes(table, "p1", "preparation") == ["TRANCHE_CONFIRMED_PLAN"]
    assert _codes(table, "p1", "growth") == ["TRANCHE_NOT_OBSERVED"]
    assert not table.needs_visit.any()
    to_table(table, TRANCHES)


def test_growth_confirms_the_second_and_the_planned_crop_the_third(sanctioned, coming):
    inputs, limits = sanctioned([{}, {}, {}], [(f"p{n}", "wheat") for n in (1, 2, 3)])
    seen = _seen(
        ("p1", "OK", "wheat", GREEN, 2.0), ("p2", "AMBIGUOUS", "wheat", GREEN, 2.0), ("p3", "CLOUDY", None, None, None)
    )
    table = draw_tranches(limits, inputs, seen, CN, coming, SPRING)
    assert _by(table, "p1").state.tolist() == ["confirmed"] * 3
    assert _by(table, "p2").state.tolist() == ["confirmed", "confirmed", "not_yet"]
    assert _codes(table, "p2", "harvest") == ["TRANCHE_CROP_OPEN"]
    assert _by(table, "p3").state.tolist() == ["confirmed", "not_yet", "not_yet"]
    assert _codes(table, "p3", "growth") == ["TRANCHE_NOT_SOWN"]


def test_another_crop_is_not_yet_and_a_person_never_a_cut(sanctioned, coming):
    inputs, limits = sanctioned([{}], [("p1", "wheat")])
    table = draw_tranches(limits, inputs, _seen(("p1", "OK", "rapeseed", GREEN, 2.0)), CN, coming, SPRING)
    assert _by(table, "p1").amount_minor.sum() == 1_000_000
    assert _by(table, "p1").state.tolist() == ["confirmed", "confirmed", "not_yet"]
    assert _by(table, "p1").needs_visit.tolist() == [False, False, True]
    line = json.loads(_by(table, "p1").reasons["harvest"])[0]
    assert line["en"] == "Not yet: planned Wheat, seen Rapeseed. A person looks; the amount stands."
    assert line["zh"] == "暂未放款：计划小麦，观测为油菜。由人工核实，额度不变。"
    assert line["facts"] == {"crop": "wheat", "seen": "rapeseed"}


def test_fallow_is_no_growth_and_a_crop_of_before_the_season_is_none_of_it(sanctioned, coming):
    inputs, limits = sanctioned([{}, {}], [("p1", "wheat"), ("p2", "wheat")])
    seen = _seen(("p1", "OK", "fallow", GREEN, 2.0), ("p2", "OK", "wheat", date(2026, 8, 1), 2.0))
    table = draw_tranches(limits, inputs, seen, CN, coming, SPRING)
    assert _by(table, "p1").state["growth"] == _by(table, "p2").state["growth"] == "not_yet"
    assert _codes(table, "p1", "harvest") == ["TRANCHE_OTHER_CROP"]


def test_less_area_than_the_amount_rests_on_waits_for_a_person_within_tolerance_not(sanctioned, coming):
    inputs, limits = sanctioned([{}, {}], [("p1", "wheat"), ("p2", "wheat")])
    seen = _seen(("p1", "OK", "wheat", GREEN, 1.85), ("p2", "OK", "wheat", GREEN, 1.5))
    table = draw_tranches(limits, inputs, seen, CN, coming, SPRING)
    assert _by(table, "p1").state["harvest"] == "confirmed"
    assert _codes(table, "p2", "harvest") == ["TRANCHE_AREA_LESS"]
    assert _by(table, "p2").needs_visit["harvest"]


def test_the_first_of_two_planned_crops_confirms_its_part(sanctioned, coming):
    inputs, limits = sanctioned([{}], [("p1", "wheat"), ("p1", "maize")])
    table = draw_tranches(limits, inputs, _seen(("p1", "OK", "wheat", GREEN, 2.0)), CN, coming, SPRING)
    row = _by(table, "p1").loc["harvest"]
    assert (row.state, row.amount_minor) == ("partly", 410_000)
    assert row.drawable_minor == 410_000 * 480 // 980
    assert _codes(table, "p1", "harvest") == ["TRANCHE_CROP_LATER"]
    late = date(2027, 8, 31)
    seen = _seen(("p1", "OK", "wheat", GREEN, 2.0), cycles=[("p1", "maize", ["maize"], date(2027, 6, 20))], until=late)
    assert _by(draw_tranches(limits, inputs, seen, CN, coming, late), "p1").state["harvest"] == "confirmed"
    # As of an earlier day the same observations would tell what was not known then.
    with pytest.raises(InputError, match="go on to 2027-08-31, past 2027-04-01"):
        draw_tranches(limits, inputs, seen, CN, coming, SPRING)


def test_a_farmer_draws_what_the_parcels_do(sanctioned, coming):
    rows = [{"farmer_id": "f"}, {"farmer_id": "f"}, {"farmer_id": "f", "approved_minor": 100_001}, {}]
    inputs, limits = sanctioned(rows, [("p1", "wheat"), ("p2", "wheat"), ("p4", "grass")])
    table = draw_tranches(limits, inputs, _seen(("p1", "OK", "wheat", GREEN, 2.0)), CN, coming, SPRING)
    farmer = _by(table, "f")
    # 2 x 30 mu x 480 x 70 % = 20,160, down to 20,100: 10,050 a parcel
    assert farmer.amount_minor.sum() == 2_110_001
    assert farmer.drawable_minor.tolist() == [804_000, 402_000, 201_000]
    assert farmer.state.tolist() == ["partly"] * 3
    said = {line["code"]: line["facts"] for line in json.loads(farmer.reasons["harvest"])}
    assert said == {
        "TRANCHE_CONFIRMED_CROP_SEEN": {"parcels": 1}, "TRANCHE_NOT_OBSERVED": {"parcels": 1},
        "TRANCHE_NO_PLAN": {"parcels": 1},
    }  # fmt: skip
    assert _by(table, "p4").amount_minor.isna().all()
    assert _by(table, "p4").state.tolist() == ["none"] * 3
    assert _codes(table, "p4", "growth") == ["TRANCHE_NO_AMOUNT"]


def _with_days(pack: Pack, *days: int | None) -> Pack:
    said = pack.model_dump(mode="python")
    tranches = [{**each, "by_day": day} for each, day in zip(said["tranches"], days, strict=True)]
    return Pack.model_validate(said | {"tranches": tranches})


def test_what_should_have_been_confirmed_by_now_goes_to_a_person(sanctioned, coming):
    pack = _with_days(CN, None, 60, 300)
    inputs, limits = sanctioned([{"farmer_id": "f"}], [("p1", "wheat")], pack)
    on_time = draw_tranches(limits, inputs, None, pack, coming, coming.start + timedelta(days=60))
    assert on_time.state.tolist().count("late") == 0
    table = draw_tranches(limits, inputs, None, pack, coming, coming.start + timedelta(days=61))
    for subject in ("p1", "f"):
        assert _by(table, subject).state.tolist() == ["confirmed", "late", "not_yet"]
        assert _codes(table, subject, "growth") == ["TRANCHE_NOT_OBSERVED", "TRANCHE_LATE"]
        assert _by(table, subject).needs_visit.tolist() == [False, True, False]


def test_what_cannot_be_asked_is_refused(sanctioned, coming):
    inputs, limits = sanctioned([{}], [("p1", "wheat")])
    with pytest.raises(InputError, match="has no tranches"):
        draw_tranches(limits, inputs, None, load_pack("in-kcc-2018"), coming, SPRING)
    with pytest.raises(DataError, match="'p1' has no row among the limits"):
        draw_tranches(limits[limits.subject_id != "p1"], inputs, None, CN, coming, SPRING)
    before = _seen(("p1", "OK", "wheat", GREEN, 2.0))
    before = Seen(before.parcels.assign(season_id="2025-10-01/2026-09-30"), before.seasons)
    with pytest.raises(InputError, match="lie outside the season"):
        draw_tranches(limits, inputs, before, CN, coming, SPRING)


def test_every_text_says_its_facts_in_both_languages():
    for code, wording in WORDS.items():
        for text in filter(None, (wording.parcel, wording.farmer)):
            named = {name for name in ("crop", "seen", "parcels", "days") if f"{{{name}" in text.en}
            assert named == {name for name in ("crop", "seen", "parcels", "days") if f"{{{name}" in text.zh}, code


CROPS = st.sampled_from(["wheat", "maize", "rapeseed", "fallow", "grass"])
START = st.one_of(st.none(), st.dates(date(2026, 8, 1), date(2027, 3, 31)))
ROW = st.tuples(
    st.sampled_from([None, "f"]), CROPS, st.booleans(), st.one_of(st.none(), st.integers(0, 10**7)),
    st.sampled_from(["OK", "OK", "CLOUDY"]), CROPS, START, st.floats(0, 3), st.booleans(),
)  # fmt: skip
SHARES = st.lists(st.integers(1, 97), min_size=3, max_size=3)


@given(st.lists(ROW, min_size=1, max_size=5), SHARES)
@settings(max_examples=6, deadline=None)
def test_tranches_add_up_and_more_seen_never_means_less_to_draw(book, plan, shown, coming, rows, parts):
    said = CN.model_dump(mode="python")
    shares = [f"{part / sum(parts):.4f}" for part in parts[:2]]
    shares.append(str(round(1 - sum(map(float, shares)), 4)))
    pack = Pack.model_validate(
        said | {"tranches": [{**each, "share": share} for each, share in zip(said["tranches"], shares, strict=True)]}
    )
    ids = [f"p{place}" for place in range(1, len(rows) + 1)]
    wanted = plan(*((name, row[1]) for name, row in zip(ids, rows, strict=True) if row[2]))
    inputs = planned_inputs(
        book(*({"farmer_id": row[0], "approved_minor": row[3]} for row in rows)), wanted,
        shown(2025, *({} for _ in rows)), pack, coming,
    )  # fmt: skip
    limits = limit_table(inputs.take_in(pack, coming), pack)
    some = _seen(*((name, *row[4:8]) for name, row in zip(ids, rows, strict=True) if row[8]))
    whole = _seen(*((name, "OK", row[1], GREEN, 2.0) for name, row in zip(ids, rows, strict=True)))
    drawn = [draw_tranches(limits, inputs, seen, pack, coming, SPRING) for seen in (None, some, whole)]
    sanctioned = limits.set_index(["subject_kind", "subject_id"]).amount_minor
    planned = set(wanted.parcel_id)
    for table in drawn:
        by = table.groupby(["subject_kind", "subject_id"])
        for key, part in by:
            assert sanctioned[key] is pd.NA or part.amount_minor.sum() == sanctioned[key]
        assert (table.drawable_minor.fillna(0) <= table.amount_minor.fillna(0)).all()
        assert (table.drawable_minor.fillna(0) >= 0).all()
    nothing, part, full = (table.drawable_minor.fillna(0).to_numpy() for table in drawn)
    assert (nothing <= part).all()
    assert (part <= full).all()
    own = drawn[2][(drawn[2].subject_kind == "parcel") & drawn[2].subject_id.isin(planned)]
    uncropped = {name for name, row in zip(ids, rows, strict=True) if row[1] == "fallow"}
    own = own[~own.subject_id.isin(uncropped) & own.amount_minor.notna()]
    assert own.amount_minor.equals(own.drawable_minor)
    assert set(drawn[0].needs) == {"plan", "sown", "crop_seen"}


def _needing(*needs: str) -> Pack:
    said = CN.model_dump(mode="python")
    title = {"en": "t", "zh": "题"}
    parts = [f"{1 / len(needs):.4f}"] * (len(needs) - 1)
    parts.append(f"{1 - sum(map(float, parts)):.4f}")
    tranches = [
        {"key": need, "title": title, "share": part, "needs": need} for need, part in zip(needs, parts, strict=True)
    ]
    return Pack.model_validate(said | {"tranches": tranches})


FIVE = _needing(*NEEDS)


def test_signs_of_growth_monitoring_confirm_what_lies_before_them(sanctioned, coming):
    inputs, limits = sanctioned([{}] * 4, [(f"p{n}", "wheat") for n in range(1, 5)], FIVE)
    signs = FieldSigns(
        observed=frozenset({"p1", "p2", "p3"}), bare=frozenset({"p1"}), sown=frozenset({"p2"}), closed=frozenset({"p3"})
    )
    table = draw_tranches(limits, inputs, None, FIVE, coming, SPRING, signs)
    drawn = {name: (_by(table, name).drawable_minor > 0).tolist() for name in ("p1", "p2", "p3", "p4")}
    assert drawn == {
        "p1": [True, True, False, False, False], "p2": [True, True, True, False, False],
        "p3": [True, True, True, True, False], "p4": [True, False, False, False, False],
    }  # fmt: skip
    assert _codes(table, "p1", "ploughed") == ["TRANCHE_CONFIRMED_PLOUGHED"]
    assert _codes(table, "p1", "sown") == ["TRANCHE_NOT_SOWN"]
    assert _codes(table, "p2", "canopy_closed") == ["TRANCHE_NOT_CLOSED"]
    assert _codes(table, "p4", "ploughed") == ["TRANCHE_NOT_OBSERVED"]
    assert not table.needs_visit.any()
    to_table(table, TRANCHES)


def test_bare_ground_that_was_not_seen_is_not_yet(sanctioned, coming):
    inputs, limits = sanctioned([{}], [("p1", "wheat")], FIVE)
    table = draw_tranches(limits, inputs, None, FIVE, coming, SPRING, FieldSigns(observed=frozenset({"p1"})))
    assert _codes(table, "p1", "ploughed") == ["TRANCHE_NOT_PLOUGHED"]
    assert _by(table, "p1").state["ploughed"] == "not_yet"


def test_an_own_action_alert_goes_to_a_person_and_freezes_nothing(sanctioned, coming):
    inputs, limits = sanctioned([{"farmer_id": "f"}, {"farmer_id": "f"}], [("p1", "wheat"), ("p2", "wheat")])
    seen = _seen(("p1", "OK", "wheat", GREEN, 2.0), ("p2", "OK", "wheat", GREEN, 2.0))
    before = draw_tranches(limits, inputs, seen, CN, coming, SPRING)
    after = draw_tranches(limits, inputs, seen, CN, coming, SPRING, FieldSigns(alerted=frozenset({"p1"})))
    assert after.drawable_minor.equals(before.drawable_minor)
    assert after.state.equals(before.state)
    asked = after[after.needs_visit].groupby("subject_id").size().to_dict()
    assert (asked, bool(before.needs_visit.any())) == ({"f": 3, "p1": 3}, False)
    assert _codes(after, "p1", "growth") == ["TRANCHE_CONFIRMED_SOWN", "TRANCHE_ALERT"]
    told = {line["code"]: line["facts"] for line in json.loads(_by(after, "f").reasons["growth"])}
    assert told["TRANCHE_ALERT"] == {"parcels": 1}


NAMED = st.frozensets(st.sampled_from(["p1", "p2", "p3"]))
SIGNS = st.builds(FieldSigns, NAMED, NAMED, NAMED, NAMED, NAMED)


def test_more_signs_never_mean_less_to_draw(sanctioned, coming):
    rows = [{"farmer_id": "f"}, {"farmer_id": "f"}, {}]
    inputs, limits = sanctioned(rows, [("p1", "wheat"), ("p2", "maize"), ("p3", "wheat")], FIVE)
    seen = _seen(("p1", "OK", "wheat", GREEN, 2.0), ("p2", "CLOUDY", None, None, None))

    @given(SIGNS, SIGNS, st.booleans())
    @settings(max_examples=8, deadline=None)
    def check(first, second, seen_too):
        observed = seen if seen_too else None
        less, more = (
            draw_tranches(limits, inputs, observed, FIVE, coming, SPRING, signs)
            for signs in (first, first.also(second))
        )
        assert (less.drawable_minor.fillna(0) <= more.drawable_minor.fillna(0)).all()
        assert less.amount_minor.equals(more.amount_minor)

    check()
