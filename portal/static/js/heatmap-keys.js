// Arrow keys between the cells of a heatmap; Tab then stops once at the grid, on the cell last visited.

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function cellsOf(table) {
  return [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("[data-cell]")]);
}

function positionOf(rows, cell) {
  const row = rows.findIndex((cells) => cells.includes(cell));
  return [row, row < 0 ? -1 : rows[row].indexOf(cell)];
}

function target(rows, [row, column], event) {
  if (event.key === "Home") return event.ctrlKey ? rows[0][0] : rows[row][0];
  if (event.key === "End") return event.ctrlKey ? rows.at(-1).at(-1) : rows[row].at(-1);
  const move = MOVES[event.key];
  return move && rows[row + move[0]]?.[column + move[1]];
}

function visit(rows, cell) {
  rows.flat().forEach((one) => { one.tabIndex = one === cell ? 0 : -1; });
}

function start(table) {
  const rows = cellsOf(table);
  if (!rows.flat().length) return;
  table.setAttribute("role", "grid");
  visit(rows, table.querySelector("[data-cell][aria-current]") ?? table.querySelector("a[data-cell]") ?? rows[0][0]);
  table.addEventListener("keydown", (event) => {
    const from = positionOf(rows, event.target);
    const next = from[0] >= 0 && !event.altKey && !event.metaKey && target(rows, from, event);
    if (!next) return;
    event.preventDefault();
    visit(rows, next);
    next.focus();
  });
}

document.querySelectorAll("[data-heatmap]").forEach(start);
