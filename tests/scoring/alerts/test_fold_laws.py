"""Laws of the fold for any findings and rules: gaps, larger losses, replays, cuts; and a plain loop beside it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.alerts.findings import Findings
from scoring.alerts.following import follow
from scoring.alerts.levels import Level
from scoring.alerts.rules import AlertRules, CauseRule, load_rules
from scoring.alerts.state import STATE, state_of
from scoring.alerts.transitions import TRANSITIONS
from tests.scoring.alerts.days import CAUSES, FIRST, Season, levels_by_day, part, rules_by, season

RULES = load_rules("growth-1")
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=12, deadline=None)


@FEW
@given(SEEDS)
def test_changes_are_those_of_a_plain_loop(seed: int) -> None:
    made, rules = season(seed), rules_by(seed)
    rows = follow(made.findings, made.block, rules).to_pylist()
    found = [(row["subject_id"], row["cause"], row["day"], Level[row["level"].upper()]) for row in rows]
    assert found == sorted(_plain(made, rules))


@FEW
@given(SEEDS, SEEDS)
def test_gaps_change_nothing(seed: int, other: int) -> None:
    made, rng = season(seed), np.random.default_rng(other)
    gaps = [found for found in made.findings if rng.random() < 0.5]
    between = [_gap(found) for found in gaps if found.day + timedelta(1) not in {one.day for one in made.findings}]
    with_gaps = sorted([*made.findings, *between], key=lambda found: found.day)
    assert follow(with_gaps, made.block, RULES) == follow(made.findings, made.block, RULES)


@FEW
@given(SEEDS, SEEDS)
def test_a_larger_loss_never_has_a_lower_level(seed: int, other: int) -> None:
    made, rules, rng = season(seed), rules_by(other), np.random.default_rng(other)
    worse = Season([_worse(found, rng) for found in made.findings], made.block)
    less, more = (follow(one.findings, made.block, rules) for one in (made, worse))
    for cause in CAUSES:
        assert (levels_by_day(more, made, cause) >= levels_by_day(less, made, cause)).all()


@FEW
@given(SEEDS)
def test_nothing_flaps(seed: int) -> None:
    """A level lasts its least days after it was reached, and so does each step down; an alert lasts them too."""
    made, rules = season(seed), rules_by(seed)
    for (_, cause), changes in _by_alert(follow(made.findings, made.block, rules)).items():
        least = timedelta(rules.causes[cause].least_days)
        for before, after in pairwise(changes):
            rises = after["kind"] in {"opened", "raised"}
            steps_then_ends = (before["kind"], after["kind"]) == ("lowered", "ended")
            assert rises or steps_then_ends or after["day"] - before["day"] >= least
            assert after["kind"] != "ended" or after["day"] - after["opened_on"] >= least


@FEW
@given(SEEDS)
def test_one_alert_at_a_time_and_every_change_changes_the_level(seed: int) -> None:
    made = season(seed)
    for changes in _by_alert(follow(made.findings, made.block, RULES)).values():
        levels = [Level.NONE, *(Level[change["level"].upper()] for change in changes)]
        for (before, after), change in zip(pairwise(levels), changes, strict=True):
            assert before != after
            assert (change["kind"] == "opened") == (before is Level.NONE) == (change["opened_on"] == change["day"])
            assert (change["kind"] == "ended") == (after is Level.NONE)


@FEW
@given(SEEDS, st.integers(0, 300))
def test_a_replay_of_the_first_days_is_the_first_part_of_the_whole(seed: int, days: int) -> None:
    made, until = season(seed), FIRST + timedelta(days)
    whole = follow(made.findings, made.block, RULES, until=date(2020, 1, 1))
    first = whole.filter(pa.array([day <= until for day in whole["day"].to_pylist()], pa.bool_()))
    assert follow(made.until(until), made.block, RULES, until=until).equals(first)
    assert follow(made.findings, made.block, RULES, until=until).equals(first)


@FEW
@given(SEEDS, st.integers(0, 20))
def test_blocks_may_be_cut_anywhere(seed: int, cut: int) -> None:
    made = season(seed)
    parts = [part(made, slice(0, cut)), part(made, slice(cut, None))]
    folded = [follow(one.findings, one.block, RULES) for one in parts]
    assert pa.concat_tables(folded).equals(follow(made.findings, made.block, RULES))


@FEW
@given(SEEDS)
def test_the_same_findings_give_the_same_bytes(seed: int) -> None:
    first, again = (_bytes(season(seed)) for _ in range(2))
    assert first == again


@FEW
@given(SEEDS, st.integers(0, 300))
def test_the_state_of_a_day_is_what_was_open_then(seed: int, days: int) -> None:
    made, day = season(seed), FIRST + timedelta(days)
    changes = follow(made.findings, made.block, RULES)
    state = state_of(changes, day)
    assert state.schema == STATE
    until = {key: rows[-1] for key, rows in _by_alert(changes, until=day).items()}
    opened = {key: row for key, row in until.items() if row["level"] != "none"}
    assert {(row["subject_id"], row["cause"]): (row["level"], row["since"]) for row in state.to_pylist()} == {
        key: (row["level"], row["day"]) for key, row in opened.items()
    }


def _plain(made: Season, rules: AlertRules) -> list[tuple[str, str, date, Level]]:
    """The four rules for one subject and one cause at a time."""
    found = []
    for row, subject in enumerate(made.block.subject_ids.tolist()):
        for cause in CAUSES:
            mine = [one for one in made.findings if one.cause == cause and one.judged[row]]
            seen = [(one.day, float(one.severity[row]) if one.raised[row] else -1.0) for one in mine]
            found += [(subject, cause, day, level) for day, level in _one(seen, rules.causes[cause])]
    return found


def _one(seen: list[tuple[date, float]], rule: CauseRule) -> list[tuple[date, Level]]:
    levels = rule.levels.given()
    names = [Level.NONE, *levels]
    level, run, changes = Level.NONE, dict.fromkeys(levels, 0), []
    short = clear = 0
    kept = last = date.min
    for day, severity in seen:
        held = max(
            (name for name, least in levels.items() if severity >= max(round(least - rule.margin, 9), 0)), default=0
        )
        for name, least in levels.items():
            run[name] = run[name] + 1 if severity >= least else 0
        up = max((name for name in levels if run[name] >= rule.needed(name)), default=Level.NONE)
        short, clear = (short + 1 if held < level else 0), (clear + 1 if held == 0 else 0)
        kept, last = (day if held >= level else kept), (day if held else last)
        new = level
        if up > level:
            new = up
        elif level and clear >= rule.clear_after and (day - last).days >= rule.least_days:
            new = Level.NONE
        elif names.index(level) > 1 and short >= rule.clear_after and (day - kept).days >= rule.least_days:
            new = names[names.index(level) - 1]
        if new != level:
            changes.append((day, new))
            level, short, kept = new, 0, day
    return changes


def _gap(found: Findings) -> Findings:
    nobody = np.zeros_like(found.judged)
    return replace(found, day=found.day + timedelta(1), judged=nobody, raised=nobody)


def _worse(found: Findings, rng: np.random.Generator) -> Findings:
    n = len(found.judged)
    raised = found.raised | found.judged & (rng.random(n) < 0.1)
    severity = np.where(raised, np.nan_to_num(found.severity, nan=0.0), np.nan)
    more = np.where(rng.random(n) < 0.3, rng.random(n) * (1 - severity), 0.0)
    return replace(found, raised=raised, severity=severity + more)


def _by_alert(table: pa.Table, until: date = date.max) -> dict[tuple[str, str], list[dict[str, object]]]:
    found = defaultdict(list)
    for row in table.to_pylist():
        if row["day"] <= until:
            found[row["subject_id"], row["cause"]].append(row)
    return found


def _bytes(made: Season) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, TRANSITIONS) as writer:
        writer.write_table(follow(made.findings, made.block, RULES))
    return sink.getvalue().to_pybytes()
