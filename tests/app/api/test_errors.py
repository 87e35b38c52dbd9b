"""Failures as RFC 9457 has them, and as the document says."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.testclient import TestClient

from app.api.document import ProblemAPI
from app.api.errors import PROBLEM_JSON
from app.api.schemas import Problem
from geo.errors import DataError, InputError

router = APIRouter(responses={404: {"model": Problem}})


@router.get("/unknown")
def unknown() -> int:
    raise InputError("PARCEL_UNKNOWN", "There is no parcel 'x'.", "Search for it.")


@router.get("/damaged")
def damaged() -> int:
    raise DataError("FILE_DAMAGED", "The file is damaged.", "Restore it.")


@router.get("/faulty")
def faulty() -> int:
    raise ZeroDivisionError("what nobody is told")


def client() -> TestClient:
    app = ProblemAPI()
    app.include_router(router)
    return TestClient(app, raise_server_exceptions=False)


def test_a_refusal_names_kind_status_and_remedy() -> None:
    answer = client().get("/unknown")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM_JSON)
    assert answer.json() == {
        "type": "urn:acreline:problem:PARCEL_UNKNOWN",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no parcel 'x'.",
        "code": "PARCEL_UNKNOWN",
        "message": "There is no parcel 'x'.",
        "remedy": "Search for it.",
    }


def test_a_fault_tells_nothing_of_the_program() -> None:
    answer = client().get("/faulty")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM_JSON)
    assert answer.json()["code"] == "FAULT"
    assert "nobody" not in answer.text
    assert client().get("/damaged").json()["code"] == "FILE_DAMAGED"
    assert client().post("/damaged").json()["code"] == "METHOD_NOT_ALLOWED"


def test_the_document_says_of_every_address_what_failures_look_like() -> None:
    document = client().get("/api/openapi.json").json()
    for operations in document["paths"].values():
        answers = operations["get"]["responses"]
        for status in ("404", "default"):
            assert list(answers[status]["content"]) == [PROBLEM_JSON]
        assert list(answers["200"]["content"]) == ["application/json"]
