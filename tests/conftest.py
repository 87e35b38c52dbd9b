"""Fixtures shared by all tests, and the rule about skipping in continuous integration."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pytest
from hypothesis import settings

_REPOSITORY = Path(__file__).resolve().parents[1]
_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)

# Timings on a shared machine say nothing about the code; in continuous integration the same examples come each time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """With `--dist loadfile`, the order of tests.order."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.order import FilesInOrder  # noqa: PLC0415 - needs pytest-xdist

    return FilesInOrder(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In processes that share the tests, long ones come first; one process alone keeps the order of the folders."""
    if hasattr(config, "workerinput"):
        from tests.order import rank  # noqa: PLC0415 - as above

        items.sort(key=lambda item: rank(item.nodeid))


def _data_folder() -> Path:
    return Path(os.environ.get("ACRELINE_DATA_DIR", _REPOSITORY.parent / "shared" / "data"))


@pytest.fixture(scope="module")
def load_benchmark() -> Iterator[Callable[[str], ModuleType]]:
    """Runs benchmarks/NAME.py as a module; its neighbours can be imported while the tests of a file last."""
    folder = _REPOSITORY / "benchmarks"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))

        def load(name: str) -> ModuleType:
            spec = importlib.util.spec_from_file_location(f"{name}_benchmark", folder / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            patch.setitem(sys.modules, spec.name, module)
            spec.loader.exec_module(module)
            return module

        yield load


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Address of an S3 server on loopback: one for all tests, since fsspec keeps its connections by their arguments."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - seconds that most tests need not wait for

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket_maker(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Makes a bucket where there is none and gives the server's address; the environment points at it meanwhile."""
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "word", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**keys, "AWS_ENDPOINT_URL": s3_server}.items():
        monkeypatch.setenv(name, value)

    def make(name: str) -> str:
        import s3fs  # noqa: PLC0415 - as above

        files = s3fs.S3FileSystem()
        if not files.exists(name):
            files.mkdir(name)
        return s3_server

    return make


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data; the test skips with a reason where it is absent."""
    folder = _data_folder()
    if not folder.is_dir():
        pytest.skip("no real data: set ACRELINE_DATA_DIR to the folder that holds flanders-2019")
    return folder


def _forbid_skip(report: _Report) -> _Report:
    """Turn a skip into a failure that keeps its reason; expected failures stay what they are."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nWith CI=true only tests marked shared_data may skip, and only without the data."
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test proves nothing, so in continuous integration it fails (CI=true)."""
    report = yield
    excused = item.get_closest_marker("shared_data") is not None and not _data_folder().is_dir()
    return report if excused or os.environ.get("CI") != "true" else _forbid_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for whole modules that skip while they are collected."""
    report = yield
    return report if os.environ.get("CI") != "true" else _forbid_skip(report)
