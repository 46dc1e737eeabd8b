"""`make bench`: a table of medians, each beside the smallest form of the same work in the same run."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from itertools import cycle
from pathlib import Path

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assessments.content_files import questionnaire_names
from assessments.models import Role
from assessments.questionnaire_content import read
from portal import charts
from portal.db import Database
from tests.bench import (
    campaigns,
    delivery,
    imports,
    planning,
    plans,
    pool,
    rescoring,
    scoring,
    smallest,
    stage,
)
from tests.bench.measuring import Cost, cost, heading, line
from tests.servers import free_port

SANPO = Path(sys.executable).with_name("sanpo")
PATIENCE = 60.0
LARGE, SMALL = 10_000, 300


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(heading())
        for row in _lines(folder):
            print(row, flush=True)


def _lines(folder: Path) -> Iterator[str]:
    yield from scoring.lines()
    yield from pool.lines()
    yield from plans.lines()
    yield line("second start to the first page", _second_start(folder / "start"), goal="≤ 3 s")
    open_least, save_least = smallest.application(folder)
    app, database = stage.with_demo(folder / "small", SMALL)
    client, assessment = stage.as_supplier(app, database)
    for section in read(questionnaire_names()[0]).sections[1:3]:
        url = f"/supplier/assessments/{assessment}/pages/{section.key}"
        ours = cost(partial(_open, client, url), runs=60)
        yield line(f"page of {len(section.questions)} questions", ours, goal="≤ 8 ms for 60")
    yield line("the smallest page, 60 questions", cost(open_least, runs=60), goal="")
    save = _saving(client, assessment)
    yield line(
        "save one answer, committed", cost(save, runs=200), goal="≤ 3 ms", smallest=cost(save_least, runs=200)
    )
    yield from _dashboards(app, database, SMALL)
    yield from planning.lines(app, database, stage.settings(folder / "small"), SMALL)
    database.dispose()
    app, database = stage.with_demo(folder / "large", LARGE)
    yield from _dashboards(app, database, LARGE)
    database.dispose()
    yield from imports.lines(folder)
    yield from rescoring.lines(folder / "rescoring")
    yield from delivery.lines(folder / "delivery")
    yield from campaigns.lines(folder / "campaigns")


def _dashboards(app: Flask, database: Database, suppliers: int) -> Iterator[str]:
    client = stage.as_buyer(app, database, Role.RISK)
    charts.load()  # as every process does when it starts
    began_cpu, began = time.process_time(), time.perf_counter()
    _ok(client.get("/risk/"))
    cold = Cost((time.process_time() - began_cpu) * 1000, (time.perf_counter() - began) * 1000, 1)
    yield line(f"dashboard over {suppliers:,}, cold", cold, goal="≤ 300 ms")
    kept, least = cost(lambda: _ok(client.get("/risk/")), runs=20), cost(smallest.heatmap(), runs=50)
    yield line(f"dashboard over {suppliers:,}, kept", kept, goal="≤ 20 ms", smallest=least)


def _saving(client: FlaskClient, assessment: str) -> Callable[[], object]:
    """Give one autosave of the first scored question, another answer each time."""
    section = read(questionnaire_names()[0]).sections[1]
    url = f"/supplier/assessments/{assessment}/pages/{section.key}"
    page = BeautifulSoup(client.get(url).data, "html.parser")
    question = page.select_one("[data-save-url]")
    assert question is not None
    code = question.select_one("input[type=radio]")
    version = question.select_one("input[name$=-version]")
    assert code is not None and version is not None
    names, standing = (str(code["name"]), str(version["name"])), [int(str(version["value"]))]
    codes = cycle(("implemented", "partial"))

    def save() -> None:
        answer = client.post(
            str(question["data-save-url"]), data={names[0]: next(codes), names[1]: standing[0]}
        )
        standing[0] = int((_ok(answer).json or {})["version"])

    return save


def _second_start(folder: Path) -> Cost:
    """Start `sanpo serve` twice in one place, and time the second until its first page."""
    _start(folder)
    return _start(folder)


def _start(folder: Path) -> Cost:
    port = free_port()
    environment = os.environ | {"SANPO_DATA_DIR": str(folder), "SANPO_PORT": str(port)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(SANPO), "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}/"):
            if time.perf_counter() - began > PATIENCE:
                raise TimeoutError("sanpo serve does not answer")
        return Cost(0, (time.perf_counter() - began) * 1000, 1)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  our own address
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        time.sleep(0.02)
        return False


def _open(client: FlaskClient, url: str) -> TestResponse:
    return _ok(client.get(url))


def _ok(answer: TestResponse) -> TestResponse:
    assert answer.status_code == HTTPStatus.OK, (answer.status_code, answer.text[:300])
    return answer


if __name__ == "__main__":
    main()
