// Two texts of one answer, side by side, and a person who chooses. Words come from the form's data attributes.

function make(tag, text, className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

function inputs(question, field) {
  return [...question.querySelectorAll(`[name="${question.dataset.question}-${field}"]`)];
}

function chosen(question, field) {
  return inputs(question, field).filter((input) => input.checked).map((input) => input.value);
}

export function contentOf(question) {
  return {
    code: chosen(question, "code")[0] ?? "",
    reason: chosen(question, "reason")[0] ?? "",
    supports: chosen(question, "supports"),
    comment: inputs(question, "comment")[0]?.value ?? "",
  };
}

function labels(question, field, values) {
  return inputs(question, field)
    .filter((input) => values.includes(input.value))
    .map((input) => input.closest("label").querySelector("span").textContent);
}

function inWords(question, content, nothing) {
  const lines = [
    ...labels(question, "code", [content.code]),
    ...(content.code === "not_planned" ? labels(question, "reason", [content.reason]) : []),
    ...(/^$|planned$/.test(content.code) ? labels(question, "supports", content.supports ?? []) : []),
    content.comment ?? "",
  ];
  return lines.filter(Boolean).join("\n") || nothing;
}

export function apply(question, content) {
  inputs(question, "code").forEach((input) => { input.checked = input.value === content.code; });
  inputs(question, "reason").forEach((input) => { input.checked = input.value === content.reason; });
  inputs(question, "supports").forEach((input) => { input.checked = (content.supports ?? []).includes(input.value); });
  inputs(question, "comment").forEach((input) => { input.value = content.comment ?? ""; });
}

function choice(words, act) {
  const button = make("button", words, "button secondary");
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

export function closeConflict(question) {
  question.querySelector(".conflict")?.remove();
}

/** Show both texts in the question; `keepMine` or `keepTheirs` is called with the person's choice. */
export function openConflict(question, theirs, words, { keepMine, keepTheirs }) {
  closeConflict(question);
  const box = make("div", "", "conflict");
  const texts = make("dl", "");
  texts.append(
    make("dt", words.mine), make("dd", inWords(question, contentOf(question), words.nothing)),
    make("dt", words.theirs), make("dd", inWords(question, theirs, words.nothing)),
  );
  const buttons = make("div", "", "buttons");
  const close = (act) => () => { closeConflict(question); question.focus(); act(); };
  buttons.append(choice(words.keepMine, close(keepMine)), choice(words.keepTheirs, close(keepTheirs)));
  box.append(make("p", words.conflict), texts, buttons);
  box.setAttribute("role", "alert");
  question.append(box);
}
