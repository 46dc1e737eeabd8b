"""Figures as plain data: what Plotly draws is what was given, without colours and templates of its own."""

import json
import subprocess
import sys

from portal.charts import Bars, Grid, bars, grid

RATES = Bars(
    labels=("No.1 アップデート", "必要だが、ほかのことを先にしているという長い言葉"),
    name="当社の取引先",
    values=(60.5, None),
    texts=("61%", "—"),
    axis_title="実施率（％）",
    highest=100.0,
    marks_name="調査",
    marks=(78.2, None),
    mark_texts=("78.2%", "—"),
)
HEAT = Grid(
    row_title="重要度",
    rows=("5", "4"),
    column_title="レベル",
    columns=("未評価", "1"),
    values=((1, 2), (3, 4)),
    texts=(("1社", "2社"), ("3社", "4社")),
)


def test_bars_hold_the_values_and_the_marks_another_shape() -> None:
    figure = bars(RATES)

    bar, mark = figure["data"]
    assert (bar["type"], bar["orientation"], list(bar["x"])) == ("bar", "h", [60.5, None])
    assert (mark["type"], mark["mode"], mark["marker"]["symbol"]) == ("scatter", "markers", "diamond")
    assert list(figure["layout"]["xaxis"]["range"]) == [0, 100.0]


def test_a_long_label_is_broken_and_a_short_one_is_not() -> None:
    short, long = bars(RATES)["data"][0]["y"]

    assert short == "No.1 アップデート"
    assert long.replace("<br>", "") == RATES.labels[1]
    assert all(len(line) <= 17 for line in long.split("<br>"))


def test_a_grid_is_a_heat_map_of_its_values() -> None:
    (trace,) = grid(HEAT)["data"]

    assert trace["type"] == "heatmap"
    assert [list(row) for row in trace["z"]] == [[1, 2], [3, 4]]


def test_figures_are_json_and_bring_no_template_or_colours() -> None:
    for figure in (bars(RATES), grid(HEAT)):
        text = json.dumps(figure)
        assert "template" not in figure["layout"]
        assert "#" not in text


def test_equal_figures_are_made_once() -> None:
    assert bars(RATES) is bars(RATES)


def test_plotly_is_not_loaded_before_the_first_chart() -> None:
    code = "import sys, portal.app, portal.charts; sys.exit('plotly' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
