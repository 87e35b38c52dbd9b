"""What goes wrong with the service, each with its exact message, and what is done about it."""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from geo.errors import AcrelineError, InputError, TransientError
from geo.grid import TileKey, parse_tile
from geo.season import Season
from tests.tiles.sources.sentinel_hub.stand_in import (
    CLIENT_ID,
    CLIENT_SECRET,
    Shown,
    StandIn,
    error,
    rate_limited,
)
from tiles.sources.sentinel_hub.connection import Connection
from tiles.sources.sentinel_hub.deployments import Credentials, credentials_from, deployment_named
from tiles.sources.sentinel_hub.evalscript import TWO_REQUESTS, Layer
from tiles.sources.sentinel_hub.fetching import fetch, item_file
from tiles.sources.sentinel_hub.planning import FetchPlan, plan_fetch, search_boxes

SEASON = Season(date(2020, 4, 1), date(2020, 6, 30))
AREA = (4.1, 50.1, 4.2, 50.2)
PAIR = 23 / 3
LATER = "Run the same command later: what is fetched stays."


def _plan(connection: Connection, tile: TileKey) -> FetchPlan:
    (box,) = search_boxes([tile])
    return plan_fetch(connection.products(box, SEASON), [tile], SEASON)


def _days(count: int) -> list[Shown]:
    return [Shown(sensed=f"2020-05-{day:02d}T10:56:31Z") for day in range(1, count + 1)]


def _said(error: AcrelineError) -> tuple[str, str]:
    return error.code, str(error)


def test_wrong_credentials(service: StandIn) -> None:
    connection = Connection(service.deployment, Credentials(CLIENT_ID, "wrong secret"))
    with pytest.raises(InputError) as caught:
        connection.products(AREA, SEASON)
    assert _said(caught.value) == (
        "CREDENTIALS_REFUSED",
        (
            "Sentinel Hub refuses the client id or its secret. "
            "Check ACRELINE_SENTINELHUB_CLIENT_ID and ACRELINE_SENTINELHUB_CLIENT_SECRET."
        ),
    )
    assert not service.searches


@pytest.mark.parametrize("service", ["copernicus"], indirect=True)
def test_wrong_credentials_of_the_data_space(service: StandIn) -> None:
    with pytest.raises(InputError) as caught:
        Connection(service.deployment, Credentials("nobody", "nothing")).products(AREA, SEASON)
    assert str(caught.value) == (
        "Copernicus Data Space refuses the client id or its secret. "
        "Check ACRELINE_COPERNICUS_CLIENT_ID and ACRELINE_COPERNICUS_CLIENT_SECRET."
    )


@pytest.mark.parametrize(("client_id", "secret"), [(None, "x"), ("x", None), ("", "x"), ("x", "")])
def test_missing_credentials(client_id: str | None, secret: str | None) -> None:
    with pytest.raises(InputError) as caught:
        credentials_from(deployment_named("copernicus"), client_id, secret)
    assert _said(caught.value) == (
        "CREDENTIALS_MISSING",
        (
            "There are no credentials for Copernicus Data Space. "
            "Set ACRELINE_COPERNICUS_CLIENT_ID and ACRELINE_COPERNICUS_CLIENT_SECRET."
        ),
    )


def test_an_unknown_deployment() -> None:
    with pytest.raises(InputError) as caught:
        deployment_named("somewhere")
    assert _said(caught.value) == (
        "SOURCE_UNKNOWN",
        "Nothing can be fetched from 'somewhere'. Name sentinel-hub or copernicus.",
    )


def test_a_token_is_asked_for_once(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = _days(3)
    fetch(connection, _plan(connection, tile), tmp_path)
    assert len(service.issued) == 1


def test_an_expired_token_is_renewed_once(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = _days(2)
    plan = _plan(connection, tile)
    service.revoke()
    assert fetch(connection, plan, tmp_path).fetched == 2
    assert len(service.issued) == 2


def test_a_token_is_renewed_before_it_expires(service: StandIn, connection: Connection) -> None:
    service.seconds_valid = 60  # the library renews two minutes ahead
    connection.products(AREA, SEASON)
    connection.products(AREA, SEASON)
    assert len(service.issued) > 1
    assert len(service.searches) == 2


def test_a_token_refused_twice(service: StandIn, connection: Connection, tile: TileKey) -> None:
    service.archive = _days(1)
    plan = _plan(connection, tile)
    service.seconds_valid = -1
    service.revoke()
    with pytest.raises(InputError) as caught:
        connection.image(plan.acquisitions[0], plan.layers[0])
    assert _said(caught.value) == (
        "ACCESS_DENIED",
        (
            "Sentinel Hub does not give tile 32631_60_550 on 2020-05-01 to this account: "
            "You are not authorized! Please provide valid credentials. Ask its support."
        ),
    )


def test_rate_limit_is_waited_for(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = _days(1)
    plan = _plan(connection, tile)
    service.failures.append(rate_limited(700))
    assert fetch(connection, plan, tmp_path).fetched == 1
    assert service.times[1] - service.times[0] >= 0.7
    assert len(service.processes) == 3


def test_a_very_long_wait_is_an_error(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = _days(1)
    plan = _plan(connection, tile)
    service.failures.append(rate_limited(55_408_000))
    with pytest.raises(TransientError) as caught:
        fetch(connection, plan, tmp_path)
    assert _said(caught.value) == (
        "RATE_LIMITED",
        f"Sentinel Hub asks for a wait of 55408 s because of too many requests. {LATER}",
    )


def test_rate_limits_without_end(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = _days(1)
    plan = _plan(connection, tile)
    service.failures.extend(rate_limited(1) for _ in range(40))
    with pytest.raises(TransientError) as caught:
        fetch(connection, plan, tmp_path)
    assert _said(caught.value) == ("RATE_LIMITED", f"Sentinel Hub keeps refusing: too many requests. {LATER}")


def test_too_many_tokens(service: StandIn, connection: Connection) -> None:
    service.token_failures.append(Response(status_code=429))
    with pytest.raises(TransientError) as caught:
        connection.products(AREA, SEASON)
    assert _said(caught.value) == ("RATE_LIMITED", f"Sentinel Hub keeps refusing: too many requests. {LATER}")


def test_no_units(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = _days(4)
    plan = _plan(connection, tile)
    service.units_left = 2 * PAIR + 0.1
    with pytest.raises(InputError) as caught:
        fetch(connection, plan, tmp_path)
    assert _said(caught.value) == (
        "NO_UNITS",
        (
            "The account at Sentinel Hub has no processing units or requests left. "
            "Buy units or wait for the new month, then run the same command: what is fetched stays."
        ),
    )
    paid = service.spent
    service.units_left = 1000
    outcome = fetch(connection, plan, tmp_path)
    assert outcome.catalog.is_file()
    assert service.spent == pytest.approx(4 * PAIR)
    assert outcome.units == pytest.approx(4 * PAIR, abs=1e-2)
    assert 0 < paid <= 2 * PAIR + 0.1


def test_another_403(service: StandIn, connection: Connection, tile: TileKey) -> None:
    service.archive = _days(1)
    plan = _plan(connection, tile)
    message = "You are not authorized to perform this action."
    service.failures.append(error(403, "Forbidden", "COMMON_INSUFFICIENT_PERMISSIONS", message))
    with pytest.raises(InputError) as caught:
        connection.image(plan.acquisitions[0], plan.layers[0])
    assert _said(caught.value) == (
        "ACCESS_DENIED",
        (
            "Sentinel Hub does not give tile 32631_60_550 on 2020-05-01 to this account: "
            "You are not authorized to perform this action. Ask its support."
        ),
    )


def test_more_pixels_than_the_service_gives(service: StandIn, connection: Connection, tile: TileKey) -> None:
    service.archive = _days(1)
    plan = _plan(connection, tile)
    with pytest.raises(InputError) as caught:
        connection.image(plan.acquisitions[0], Layer(("B02",), 4))
    assert _said(caught.value) == (
        "REQUEST_REFUSED",
        (
            "Sentinel Hub refuses the request for tile 32631_60_550 on 2020-05-01: `width` must be between 1 and 2500, "
            "but was 2560. Check tiles and season."
        ),
    )
    assert all(layer.side_px <= 2500 for layer in TWO_REQUESTS)


@pytest.mark.parametrize("name", ["32661_60_550", "32600_60_550", "32799_1_1", "32631_500_550", "32631_60_-1"])
def test_a_bad_area(name: str) -> None:
    with pytest.raises(InputError) as caught:
        search_boxes([parse_tile(name)])
    assert _said(caught.value) == (
        "BAD_AREA",
        f"Tile {name} lies in no UTM zone. Check its name: zone, column, row, 32631_56_549.",
    )


def test_the_service_is_out_of_order(service: StandIn, connection: Connection, tile: TileKey) -> None:
    service.archive = _days(1)
    plan = _plan(connection, tile)
    service.failures.extend(Response(status_code=503) for _ in range(4))
    with pytest.raises(TransientError) as caught:
        connection.image(plan.acquisitions[0], plan.layers[0])
    assert _said(caught.value) == ("SOURCE_DOWN", f"Sentinel Hub does not answer (HTTP 503). {LATER}")


def test_a_passing_fault_is_waited_for(service: StandIn, connection: Connection, tile: TileKey) -> None:
    service.archive = _days(1)
    plan = _plan(connection, tile)
    service.failures.extend([Response(status_code=500), Response(status_code=502)])
    assert connection.image(plan.acquisitions[0], plan.layers[0]).units == pytest.approx(16 / 3, abs=1e-5)


def test_the_service_is_out_of_reach(service: StandIn) -> None:
    nowhere = replace(service.deployment, base_url="http://127.0.0.1:9", token_url="http://127.0.0.1:9/token")  # noqa: S106
    with pytest.raises(TransientError) as caught:
        Connection(nowhere, Credentials("a", "b"), patience_s=0.0).products(AREA, SEASON)
    assert _said(caught.value) == ("SOURCE_DOWN", f"Sentinel Hub does not answer (no connection). {LATER}")


def test_no_token_in_the_answer(service: StandIn, connection: Connection) -> None:
    service.token_failures.append(JSONResponse({"token_type": "Bearer"}))
    with pytest.raises(AcrelineError) as caught:
        connection.products(AREA, SEASON)
    assert _said(caught.value) == (
        "TOKEN_ANSWER",
        "Sentinel Hub gives no usable token (missing_token). Try again; then ask its support.",
    )


def test_an_entry_that_is_no_product(service: StandIn, connection: Connection) -> None:
    service.archive = [Shown(mgrs="?")]
    with pytest.raises(AcrelineError) as caught:
        connection.products((4.0, 50.0, 5.0, 51.0), SEASON)
    assert _said(caught.value) == (
        "SEARCH_ANSWER",
        (
            "The catalogue's entry S2B_MSIL2A_20200501T105631_N0214_R094_T?_20200501T134545 is not that of a "
            "Sentinel-2 L2A product. Report it: the service has changed what it answers."
        ),
    )


def test_all_pages_of_a_search_are_read(service: StandIn, connection: Connection) -> None:
    service.archive = _days(7)
    service.page = 3
    assert len(connection.products((4.0, 50.0, 5.0, 51.0), SEASON)) == 7
    assert [body.get("next") for body in service.searches] == [None, 3, 6]


def test_the_budget_ends_a_fetch_and_loses_nothing(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = _days(4)
    plan = _plan(connection, tile)
    with pytest.raises(InputError) as caught:
        fetch(connection, plan, tmp_path, budget=2 * PAIR + 0.01)
    assert service.spent <= 2 * PAIR + 0.01
    done = sum(item_file(tmp_path, found).is_file() for found in plan.acquisitions)
    assert _said(caught.value) == (
        "BUDGET_REACHED",
        (
            f"The budget of 15.3433 processing units ends here: {done} of 4 scenes are fetched, {service.spent:.2f} "
            "units spent, 30.67 needed in all. Run the same command with a larger --budget-pu: what is fetched stays."
        ),
    )
    assert not (tmp_path / "catalog.json").exists()

    assert fetch(connection, plan, tmp_path, budget=4 * PAIR + 0.01).catalog.is_file()
    assert service.spent == pytest.approx(4 * PAIR)


def test_the_budget_counts_earlier_runs(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = _days(1)
    fetch(connection, _plan(connection, tile), tmp_path, budget=PAIR + 0.01)
    service.archive = _days(2)
    with pytest.raises(InputError) as caught:
        fetch(connection, _plan(connection, tile), tmp_path, budget=PAIR + 0.01)
    assert caught.value.code == "BUDGET_REACHED"
    assert service.spent == pytest.approx(PAIR)


def test_units_are_estimated_where_the_service_is_silent(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = _days(1)
    service.report_units = False
    assert fetch(connection, _plan(connection, tile), tmp_path).units == pytest.approx(PAIR)


def test_an_interrupt_keeps_what_is_complete(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = _days(8)
    plan = _plan(connection, tile)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(connection, plan, tmp_path, each=interrupt)
    assert service.delivered < 16
    assert not (tmp_path / "catalog.json").exists()
    fetch(connection, plan, tmp_path)
    assert service.delivered == 16


KILLED = """
import sys
from datetime import date
from pathlib import Path
from geo.grid import parse_tile
from geo.season import Season
from tiles.sources.sentinel_hub.connection import Connection
from tiles.sources.sentinel_hub.deployments import Credentials, Deployment
from tiles.sources.sentinel_hub.fetching import fetch
from tiles.sources.sentinel_hub.planning import plan_fetch, search_boxes

url, token_url, client_id, secret, out = sys.argv[1:]
deployment = Deployment("sentinel-hub", "Sentinel Hub", url, token_url, ("", ""))
connection = Connection(deployment, Credentials(client_id, secret))
season, tile = Season(date(2020, 4, 1), date(2020, 6, 30)), parse_tile("32631_60_550")
products = connection.products(search_boxes([tile])[0], season)
fetch(connection, plan_fetch(products, [tile], season), Path(out))
"""


def _files(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_kill_and_resume(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = _days(6)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    plan = _plan(connection, tile)
    fetch(connection, plan, whole)
    service.spent, service.delay_s = 0.0, 0.5  # so that it is killed in the middle however busy the machine is
    addresses = [service.deployment.base_url, service.deployment.token_url, CLIENT_ID, CLIENT_SECRET]
    process = subprocess.Popen([sys.executable, "-c", KILLED, *addresses, str(broken)])
    while not any(item_file(broken, found).is_file() for found in plan.acquisitions):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    service.delay_s = 0.0
    assert not (broken / "catalog.json").exists()

    fetch(connection, plan, broken)

    assert _files(broken) == _files(whole)
    in_flight = 4 * 16 / 3  # what four threads had asked for when the process was killed
    assert service.spent <= 6 * PAIR + in_flight


def test_secrets_stay_where_they_are(
    service: StandIn,
    connection: Connection,
    tile: TileKey,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    caplog.set_level(logging.DEBUG)
    service.archive = _days(1)
    plan = _plan(connection, tile)
    service.failures.extend([rate_limited(1), Response(status_code=500)])
    fetch(connection, plan, tmp_path / "out")
    told = f"Client {CLIENT_ID} with {CLIENT_SECRET} and {service.issued[0]} may not."
    service.failures.append(error(403, "Forbidden", "COMMON_INSUFFICIENT_PERMISSIONS", told))
    with pytest.raises(InputError) as caught:
        connection.image(plan.acquisitions[0], plan.layers[0])
    assert "Client *** with *** and *** may not." in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)

    logs = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    shown = [
        logs,
        repr(caught.value),
        repr(connection),
        repr(Credentials(CLIENT_ID, CLIENT_SECRET)),
        files.decode("latin1"),
    ]
    shown.append(pickle.dumps(caught.value).decode("latin1"))
    assert "api/v1/process" in logs
    for secret in (CLIENT_ID, CLIENT_SECRET, *service.issued):
        assert not [text for text in shown if secret in text or json.dumps(secret) in text], secret
    assert not home.exists()
