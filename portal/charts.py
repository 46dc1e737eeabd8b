"""Figures for the browser: dataclasses in, Plotly figures as plain data out. Colours are the page's own."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

Figure: TypeAlias = dict[str, Any]

KEPT = 64
LONGEST_LINE = 22


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars, the first on top: a label, a value and its text each; `marks` are compared with them.

    A value that does not exist is None. `highest` fixes the end of the axis.
    """

    labels: tuple[str, ...]
    name: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]
    axis_title: str
    highest: float | None = None
    marks_name: str = ""
    marks: tuple[float | None, ...] = ()
    mark_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid of numbers, rows from top to bottom, each with its text."""

    row_title: str
    rows: tuple[str, ...]
    column_title: str
    columns: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    texts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points from left to right, each with its text; `upper` ends the upright axis."""

    name: str
    across: tuple[float, ...]
    up: tuple[float, ...]
    texts: tuple[str, ...]
    across_title: str
    up_title: str
    upper: float


def load() -> None:
    """Draw once what pages draw, before anybody waits: loading it takes plotly a quarter of a second."""
    bars(Bars(labels=("",), name="", values=(0.0,), texts=("",), axis_title="", marks_name=" ", marks=(0.0,)))
    grid(Grid(row_title="", rows=("",), column_title="", columns=("",), values=((0,),), texts=(("",),)))


@lru_cache(maxsize=KEPT)
def bars(drawn: Bars) -> Figure:
    """Give horizontal bars, with marks of another shape beside them where there are any."""
    from plotly.graph_objects import Bar, Scatter

    labels = [_wrapped(label) for label in drawn.labels]
    traces: list[Any] = [
        Bar(
            name=drawn.name,
            orientation="h",
            x=list(drawn.values),
            y=labels,
            text=list(drawn.texts),
            textposition="auto",
            textangle=0,
            hovertemplate="%{y}<br>%{text}<extra>%{fullData.name}</extra>",
        )
    ]
    if drawn.marks:
        traces.append(
            Scatter(
                name=drawn.marks_name,
                mode="markers",
                x=list(drawn.marks),
                y=labels,
                text=list(drawn.mark_texts),
                marker={"symbol": "diamond", "size": 12, "line": {"width": 1}},
                hovertemplate="%{y}<br>%{text}<extra>%{fullData.name}</extra>",
            )
        )
    return _figure(
        traces,
        showlegend=bool(drawn.marks),
        xaxis={
            "title": {"text": drawn.axis_title},
            "range": None if drawn.highest is None else [0, drawn.highest],
            "rangemode": "tozero",
            "fixedrange": True,
        },
        yaxis={"autorange": "reversed", "type": "category", "fixedrange": True},
    )


@lru_cache(maxsize=KEPT)
def grid(drawn: Grid) -> Figure:
    """Give a grid as a heat map, its texts in the cells."""
    from plotly.graph_objects import Heatmap

    trace = Heatmap(
        x=list(drawn.columns),
        y=list(drawn.rows),
        z=[list(row) for row in drawn.values],
        text=[list(row) for row in drawn.texts],
        texttemplate="%{text}",
        hovertemplate="%{y}<br>%{x}<br>%{text}<extra></extra>",
        xgap=2,
        ygap=2,
        showscale=False,
    )
    return _figure(
        [trace],
        xaxis={
            "title": {"text": drawn.column_title},
            "type": "category",
            "side": "top",
            "fixedrange": True,
        },
        yaxis={
            "title": {"text": drawn.row_title},
            "type": "category",
            "autorange": "reversed",
            "fixedrange": True,
        },
    )


@lru_cache(maxsize=KEPT)
def curve(drawn: Curve) -> Figure:
    """Give a line with a mark at each of its points."""
    from plotly.graph_objects import Scatter

    trace = Scatter(
        name=drawn.name,
        mode="lines+markers",
        x=list(drawn.across),
        y=list(drawn.up),
        text=list(drawn.texts),
        marker={"size": 9},
        hovertemplate="%{text}<extra></extra>",
    )
    return _figure(
        [trace],
        xaxis={"title": {"text": drawn.across_title}, "rangemode": "tozero", "fixedrange": True},
        yaxis={"title": {"text": drawn.up_title}, "range": [0, drawn.upper], "fixedrange": True},
    )


def _wrapped(label: str) -> str:
    """Break a long label into lines, between words where there are any."""
    lines, width = [""], 0
    for piece in re.findall(r"[!-~]+\s?|.", label):
        # A full-width letter is as wide as two others.
        wide = sum(2 if letter > "\u2e7f" else 1 for letter in piece)
        if width + wide > LONGEST_LINE:
            lines.append("")
            width = 0
        lines[-1] += piece
        width += wide
    return "<br>".join(lines)


def _figure(traces: list[Any], **layout: Any) -> Figure:
    """The figure as plain data, checked by Plotly; without its template, as the page brings its own."""
    from plotly.graph_objects import Figure as PlotlyFigure

    made: Figure = PlotlyFigure(traces, layout=layout).to_plotly_json()
    made["layout"].pop("template", None)
    return made
