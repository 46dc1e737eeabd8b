// Draws the figures of a page with Plotly in the page's own colours. The figure is data in the page; nothing is fetched.

const DARK = matchMedia("(prefers-color-scheme: dark)");

export const CONFIG = Object.freeze({
  displaylogo: false,
  displayModeBar: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  modeBarButtonsToRemove: ["sendChartToCloud"],
  locale: document.documentElement.lang,
  responsive: true,
});

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function axis() {
  return {
    automargin: true,
    color: colour("ink-soft"),
    gridcolor: colour("line"),
    linecolor: colour("line-strong"),
    zerolinecolor: colour("line-strong"),
    ticks: "outside",
    ticklen: 6,
    tickcolor: "transparent",
  };
}

function template() {
  const steps = Array.from({ length: 10 }, (_, step) => [step / 9, colour(`heat-${step}`)]);
  return {
    layout: {
      font: { family: colour("font"), size: 13, color: colour("ink") },
      colorway: [1, 2, 3, 4, 5].map((number) => colour(`chart-${number}`)),
      paper_bgcolor: colour("surface"),
      plot_bgcolor: colour("surface"),
      margin: { t: 16, r: 28, b: 40, l: 56 },
      hoverlabel: { font: { family: colour("font") } },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      xaxis: axis(),
      yaxis: axis(),
    },
    data: { heatmap: [{ colorscale: steps }] },
  };
}

function figureOf(picture) {
  return JSON.parse(document.getElementById(picture.dataset.chart).textContent);
}

// The names of bars come broken into lines for a phone: a wide picture has room for one, a low row for the first alone.
function fitNames(picture, figure, layout) {
  const bars = figure.data.find((trace) => trace.orientation === "h");
  if (!bars) return;
  const row = (picture.clientHeight - 120) / bars.y.length;
  const fitting = (name) => {
    const lines = name.split("<br>");
    if (picture.clientWidth >= 760) return lines.join("");
    return lines.length * 17 <= row ? name : `${lines[0].trim()}…`;
  };
  layout.yaxis = { ...layout.yaxis, tickvals: bars.y, ticktext: bars.y.map(fitting) };
}

function draw(picture) {
  const figure = figureOf(picture);
  const { width, ...layout } = figure.layout ?? {};
  fitNames(picture, figure, layout);
  picture.closest(".chart").dataset.drawn = "yes";
  return window.Plotly.react(picture, figure.data, { ...layout, autosize: true, template: template() }, CONFIG);
}

function keepImage(picture) {
  const { width, height } = picture.getBoundingClientRect();
  window.Plotly.downloadImage(picture, {
    format: "png",
    scale: 2,
    width: Math.round(width),
    height: Math.round(height),
    filename: picture.dataset.chart.replace(/-data$/, ""),
  });
}

function start() {
  const pictures = [...document.querySelectorAll("[data-chart]")];
  if (!window.Plotly) {
    pictures.forEach((picture) => { picture.closest(".chart").dataset.drawn = "no"; });
    return;
  }
  pictures.forEach(draw);
  DARK.addEventListener("change", () => pictures.forEach(draw));
  document.querySelectorAll("[data-chart-image]").forEach((button) => {
    const picture = document.querySelector(`[data-chart="${button.dataset.chartImage}-data"]`);
    button.addEventListener("click", () => keepImage(picture));
  });
}

start();
