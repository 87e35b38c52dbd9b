from __future__ import annotations

import importlib
import json
import random
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.jobs.limits import RECORDED, record_limits
from app.jobs.replay import read_record, replay_run
from geo.errors import DataError, InputError
from geo.observations import LIMITS, read_table
from scoring.inputs import inputs_of
from scoring.intake import CARD
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.replay import limit_bytes, replay

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
RANDOM = random.Random(7)  # noqa: S311 - a sample, not a secret
CN = load_pack("cn-planting-generic")


@pytest.fixture(scope="module")
def books():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module("limits_book")
    sys.modules.pop("limits_book", None)


def _by_vigour(pack: Pack) -> Pack:
    said = pack.model_dump(mode="python")
    return Pack.model_validate({**said, "vigour": {**said["vigour"], "applied": True}})


@pytest.fixture(scope="module")
def run(books, tmp_path_factory):
    """A folder as a run leaves it: 1,200 parcels of 480 farmers under a policy that counts growth against peers."""
    folder = tmp_path_factory.mktemp("run")
    book, pack = books.make_book(1200, 480, seed=4), _by_vigour(CN)
    book.parcels.loc[book.parcels.index % 9 == 0, "farmer_id"] = None
    record_limits(folder, inputs_of(book.parcels, book.seasons, pack, books.SEASON), pack, books.SEASON)
    return folder


@pytest.fixture
def damaged(run, tmp_path):
    """A copy of the folder that a test may spoil."""
    for path in run.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def _row(folder, subject):
    limits = read_table(folder / "limits.parquet", LIMITS)
    return limits[limits.subject_id == subject].iloc[0]


def test_a_thousand_past_decisions_replay_to_the_same_bytes(run):
    record = read_record(run)
    rows = {(row["subject_kind"], row["subject_id"]): row for row in record.limits.to_pylist()}
    chosen = RANDOM.sample(sorted(rows), 1000)
    again = replay([name for _, name in chosen], record)
    assert len(again) == 1000
    for row in again:
        assert limit_bytes(row) == limit_bytes(rows[row["subject_kind"], row["subject_id"]])


def test_a_decision_alone_replays_as_among_all(run):
    record = read_record(run)
    for name in RANDOM.sample(record.limits["subject_id"].to_pylist(), 12):
        assert [row["subject_id"] for row in replay([name], record)] == [name]


@pytest.mark.parametrize("name", ["limits.parquet", *RECORDED])
def test_a_file_that_is_gone_is_named(damaged, name):
    (damaged / name).unlink()
    with pytest.raises(DataError, match=f"{name} is gone") as caught:
        replay_run(damaged, ["p0000001"])
    assert caught.value.code == "REPLAY_GONE"


@pytest.mark.parametrize("name", ["limits.parquet", *RECORDED])
def test_a_file_that_is_damaged_is_named(damaged, name):
    (damaged / name).write_bytes(b"spoiled")
    with pytest.raises(DataError, match=f"{name} is not what was recorded") as caught:
        replay_run(damaged, ["p0000001"])
    assert caught.value.code == "REPLAY_CHANGED"


def _keep(folder, name, keep):
    table = pq.read_table(folder / name)
    pq.write_table(table.filter(keep(table)), folder / name)


def test_erased_rows_name_whose_and_leave_others_alone(damaged):
    erased, other = _row(damaged, "p0000001"), _row(damaged, "p0000002")
    assert erased.farmer_id != other.farmer_id
    _keep(damaged, "limit_inputs.parquet", lambda table: pc.not_equal(table["parcel_id"], "p0000001"))
    with pytest.raises(DataError, match=r"inputs of parcel 'p0000001' are gone from limit_inputs\.parquet"):
        replay_run(damaged, [erased.farmer_id])
    assert len(replay_run(damaged, ["p0000002", other.farmer_id])) == 2


def test_a_cycle_that_is_gone_names_the_cycles(damaged):
    _keep(damaged, "limit_cycles.parquet", lambda table: pc.not_equal(table["parcel_id"], "p0000001"))
    with pytest.raises(DataError, match=r"The cycles of farmer .* in limit_cycles\.parquet are not those"):
        replay_run(damaged, ["p0000001"])


def test_a_fact_that_was_changed_names_the_farmer(damaged):
    table = pq.read_table(damaged / "limit_inputs.parquet")
    more = pc.add(table["area_ha"], 0.0001)
    pq.write_table(table.set_column(table.schema.get_field_index("area_ha"), "area_ha", more),
                   damaged / "limit_inputs.parquet")  # fmt: skip
    with pytest.raises(DataError, match=r"The parcels of .* in limit_inputs\.parquet are not those"):
        replay_run(damaged, ["p0000001"])


def test_hashes_that_are_gone_and_another_policy_are_named(damaged):
    _keep(damaged, "limit_digests.parquet", lambda table: pc.less(pc.utf8_length(table["subject_id"]), 0))
    with pytest.raises(DataError, match=r"The hashes of .* are gone from limit_digests\.parquet"):
        replay_run(damaged, ["p0000001"])
    (damaged / "limit_policy.json").write_text(json.dumps(CN.model_dump(mode="json")))
    with pytest.raises(DataError, match="is not the one of the decision"):
        replay_run(damaged, ["p0000001"])


def test_a_limit_on_record_that_was_changed_is_found(damaged):
    table = pq.read_table(damaged / "limits.parquet")
    more = pc.add(table["amount_minor"], pa.scalar(1, pa.int64()))
    pq.write_table(table.set_column(table.schema.get_field_index("amount_minor"), "amount_minor", more),
                   damaged / "limits.parquet")  # fmt: skip
    decided = next(row["subject_id"] for row in table.to_pylist() if row["amount_minor"] is not None)
    with pytest.raises(DataError, match=f"The amount_minor of .* '{decided}' comes out otherwise") as caught:
        replay_run(damaged, [decided])
    assert caught.value.code == "REPLAY_DIFFERS"


def _without(folder, name, *columns):
    pq.write_table(pq.read_table(folder / name).drop_columns(list(columns)), folder / name)


def test_a_record_of_a_version_that_knew_fewer_columns_replays(damaged):
    _without(damaged, "limit_inputs.parquet", "remarks", "sos", *CARD)
    _without(damaged, "limit_cycles.parquet", "sos")
    row = _row(damaged, "p0000001")
    assert limit_bytes(replay_run(damaged, ["p0000001"])[0]) == limit_bytes(
        next(each for each in read_record(damaged).limits.to_pylist() if each["subject_id"] == row.subject_id)
    )


def test_a_column_that_every_version_wrote_must_be_there(damaged):
    _without(damaged, "limit_inputs.parquet", "area_ha")
    with pytest.raises(DataError, match=r"limit_inputs\.parquet is not what was recorded") as caught:
        replay_run(damaged, ["p0000001"])
    assert caught.value.code == "REPLAY_CHANGED"


@pytest.fixture
def sown(books, tmp_path):
    """A run under a policy with prices by season, whose farmers hold cards."""
    said = load_pack("in-kcc-2018").model_dump(mode="python")
    spans = (("kharif", "05-16", "10-15"), ("rabi", "10-16", "02-15"))
    seasons = [{"key": key, "title": {"en": key, "zh": key}, "first": one, "last": last} for key, one, last in spans]
    rows = [{"crop": "rice", "amount": 12000 + 500 * place, "season": key[0]} for place, key in enumerate(spans)]
    rows += [{"crop": "sugarcane", "amount": 22000}]
    said["prices"] |= {"rows": rows}
    said["calendar"] |= {"seasons": seasons}
    pack, book = Pack.model_validate(said), books.make_book(300, 120, seed=6)
    days = [pd.Timestamp("2025-11-01") + pd.to_timedelta(table.index * 7 % 400, unit="D")
            for table in (book.parcels, book.seasons)]  # fmt: skip
    parcels = book.parcels.assign(sos=days[0], facility_year=book.parcels.index % 6 + 1, term_loan_minor=12_345)
    inputs = inputs_of(parcels, book.seasons.assign(sos=days[1]), pack, books.SEASON)
    record_limits(tmp_path, inputs, pack, books.SEASON)
    return tmp_path


def test_limits_by_season_and_cards_replay_from_their_record(sown):
    record = read_record(sown)
    limits = {(row["subject_kind"], row["subject_id"]): row for row in record.limits.to_pylist()}
    said = record.limits["reasons"].to_pylist()
    for code in ("NO_PRICE_SEASON_UNKNOWN", "ESCALATION", "TERM_LOANS_OUTSTANDING", '"season":"rabi"'):
        assert any(code in reasons for reasons in said)
    for row in replay([name for _, name in limits], record):
        assert limit_bytes(row) == limit_bytes(limits[row["subject_kind"], row["subject_id"]])


@pytest.mark.parametrize(
    ("name", "column", "said"),
    [
        ("limit_inputs.parquet", "sos", "The parcels of"),
        ("limit_inputs.parquet", "facility_year", "The parcels of"),
        ("limit_cycles.parquet", "sos", "The cycles of"),
    ],
)
def test_a_later_column_that_was_recorded_and_is_gone_is_named(sown, name, column, said):
    _without(sown, name, column)
    with pytest.raises(DataError, match=f"{said} .* in {name} are not those") as caught:
        replay_run(sown, read_record(sown).limits["subject_id"].to_pylist())
    assert caught.value.code == "REPLAY_CHANGED"


def test_an_unknown_subject_is_refused(run):
    with pytest.raises(InputError, match="no parcel or farmer 'nobody'"):
        replay_run(run, ["nobody"])


def test_the_command_prints_the_bytes_or_that_they_are_the_same(run):
    said = CliRunner().invoke(app, ["limits", "replay", "p0000001", "--run", str(run)])
    assert said.exit_code == 0, said.output
    assert said.output.startswith("parcel p0000001: the same, ")
    as_json = CliRunner().invoke(app, ["limits", "replay", "p0000001", "--run", str(run), "--json"])
    assert json.loads(as_json.output)["subject_id"] == "p0000001"
