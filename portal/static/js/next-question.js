// Leads to the next question without an answer: by the link in the top line, or by Enter after choosing.

function isOpen(question) {
  const radios = question.querySelectorAll(".answer input");
  return radios.length > 0 && ![...radios].some((radio) => radio.checked);
}

function nextAfter(form, here) {
  const questions = [...form.querySelectorAll("[data-question]")];
  const start = questions.indexOf(here) + 1;
  return [...questions.slice(start), ...questions.slice(0, start)].find(isOpen);
}

function lead(form, here) {
  const next = nextAfter(form, here) ?? form.querySelector(".buttons .button:last-child");
  next.scrollIntoView({ block: "start" });
  (next.querySelector(".answer input") ?? next).focus({ preventScroll: true });
}

function start(form) {
  const link = document.querySelector("[data-next-question]");

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !["radio", "checkbox"].includes(event.target.type)) return;
    event.preventDefault();
    lead(form, event.target.closest("[data-question]"));
  });

  link?.addEventListener("click", (event) => {
    if (!nextAfter(form, null)) return;
    event.preventDefault();
    lead(form, null);
  });
}

document.querySelectorAll("form[data-autosave]").forEach(start);
