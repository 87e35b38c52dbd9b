"""Golden vectors: workings made without the program, checked line by line, and the program held against them."""

from __future__ import annotations

import ast
import operator
import re
import tomllib
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scoring.policy import load_pack
from scoring.worked_out import work_out

FOLDER = Path(__file__).parent / "golden"
PACKS = {"kcc": "in-kcc-2018", "planting": "cn-planting-generic"}
EQUATION = re.compile(r"^(?:[^:=]*: )?([^:=]+) = ([\d,.]+)$")
ROUNDING = re.compile(r"^[^:]*: ([\d,.]+) -> ([\d,.]+) \(to ([\d.]+), (\w+)\)$")
MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _vectors(formula: str) -> list[dict[str, Any]]:
    return tomllib.loads((FOLDER / f"{formula}.toml").read_text(encoding="utf-8"))["vector"]


ALL = [(formula, vector) for formula in PACKS for vector in _vectors(formula)]
NAMES = [vector["name"] for _, vector in ALL]
each_working = pytest.mark.parametrize("vector", [vector for _, vector in ALL], ids=NAMES)


def _value(expression: str) -> Fraction:
    """Exact value of "10 % of 42,900" or "47,200 + 40,000 x 3 / 4"."""
    plain = re.sub(r"([\d.]+) % of", r"\1 / 100 *", expression.replace(",", "")).replace(" x ", " * ")

    def of(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](of(node.left), of(node.right))
        assert isinstance(node, ast.Constant)
        return Fraction(ast.get_source_segment(plain, node) or "")

    return of(ast.parse(plain, mode="eval").body)


@each_working
def test_every_line_of_a_working_holds(vector):
    equations = [match for line in vector["working"] if (match := EQUATION.match(line))]
    assert equations
    for match in equations:
        assert _value(match[1]) == _value(match[2]), match[0]
    for match in filter(None, map(ROUNDING.match, vector["working"])):
        before, after, step = (Decimal(part.replace(",", "")) for part in match.groups()[:3])
        assert (before / step).quantize(Decimal(1), MODES[match[4]]) * step == after, match[0]


@each_working
def test_what_comes_out_stands_in_the_working(vector):
    shown = {_value(text) for line in vector["working"] for text in re.findall(r"\d[\d,]*(?:\.\d+)?", line)}
    figures = [*vector["gives"].get("years", ()), *vector["gives"].get("drawing_limits", ()), vector["gives"]["limit"]]
    assert all(figure == 0 or Fraction(str(figure)) in shown for figure in figures)


@pytest.mark.parametrize(("formula", "vector"), ALL, ids=NAMES)
def test_the_program_gives_the_golden_figures(formula, vector):
    pack = load_pack(PACKS[formula])
    if "rules" in vector:
        said = pack.model_dump(mode="python")
        pack = type(pack).model_validate({**said, "rules": {**said["rules"], **vector["rules"]}})
    working = work_out(vector["facts"], pack)
    assert {name: working.figures[name] for name in vector["gives"]} == vector["gives"]
    assert sum(step.effect for step in working.steps) == Decimal(str(working.figures["limit"]))


def test_there_are_enough_and_the_circulars_illustration_is_the_first():
    assert len(ALL) >= 30
    assert len({vector["name"] for _, vector in ALL}) == len(ALL)
    first = ALL[0][1]["gives"]
    assert (first["short_term_limit"], first["limit"]) == (63000, 133000)
