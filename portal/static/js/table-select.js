// Choosing rows of a table: all at once, and buttons that say how many they touch.

function filled(template, number) {
  return template.replace("{n}", number.toLocaleString(document.documentElement.lang));
}

function start(form) {
  const rows = [...form.querySelectorAll("[data-select-row]")];
  const all = form.querySelector("[data-select-all]");
  const everything = form.querySelector("[data-select-total]");
  const line = form.querySelector("[data-select-count]");
  const buttons = [...form.querySelectorAll("[data-count-label]")];
  const words = new Map(buttons.map((button) => [button, button.textContent]));

  function show() {
    const chosen = rows.filter((row) => row.checked).length;
    const count = everything?.checked ? Number(everything.value) : chosen;
    if (all) {
      all.checked = rows.length > 0 && chosen === rows.length;
      all.indeterminate = chosen > 0 && chosen < rows.length;
    }
    if (line) line.textContent = count ? filled(line.dataset.some, count) : line.dataset.none;
    buttons.forEach((button) => {
      button.disabled = count === 0;
      button.textContent = count ? filled(button.dataset.countLabel, count) : words.get(button);
    });
  }

  all?.addEventListener("change", () => {
    rows.forEach((row) => { row.checked = all.checked; });
  });
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}

document.querySelectorAll("form[data-select]").forEach(start);
