// Saves each question of the supplier's page as it is answered. The page's form works without it; all words stand in the page.

import { apply, closeConflict, openConflict } from "./conflict.js";
import { saveQueue } from "./save-queue.js";

const TYPING_PAUSE = 800;
const QUIET_MOMENT = 300; // a save faster than this is not announced before it is done
const LONGEST_WAIT = 4000;
const SIGNED_OUT = [400, 401, 403];
const REFUSED = [404, 409, 413, 422];

function pause(milliseconds) {
  return new Promise((resume) => { setTimeout(resume, milliseconds); });
}

function start(form) {
  const words = form.dataset;
  const line = document.getElementById("save-state");
  const typing = new Map();
  let announcement = null;
  let isLeaving = false;
  const queue = saveQueue(save, () => {});

  // --- what the person reads -------------------------------------------------

  function say(text, state) {
    clearTimeout(announcement);
    if (!line) return;
    line.textContent = text;
    line.dataset.state = state;
  }

  function sayAt(question, text) {
    const place = question.querySelector(".question-message");
    place.textContent = text;
    question.dataset.state = text ? "failed" : "saved";
  }

  function showProgress({ answered, total }) {
    const box = document.querySelector("[data-progress]");
    if (!box || answered === undefined) return;
    const text = box.dataset.text.replace("{answered}", answered).replace("{total}", total);
    const bar = box.querySelector("progress");
    bar.max = total;
    bar.value = answered;
    bar.setAttribute("aria-label", text);
    box.querySelector("[data-progress-text]").textContent = text;
  }

  // --- sending one question --------------------------------------------------

  function versionOf(question) {
    return form.elements[`${question.dataset.question}-version`];
  }

  function fieldsOf(question) {
    const fields = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    for (const [name, value] of new FormData(form)) {
      if (name.startsWith(`${question.dataset.question}-`)) fields.append(name, value);
    }
    return fields;
  }

  function post(question) {
    return fetch(question.dataset.saveUrl, {
      method: "POST",
      body: fieldsOf(question),
      headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      redirect: "manual",
    });
  }

  async function save(question) {
    announcement ??= setTimeout(() => say(words.saving, "saving"), QUIET_MOMENT);
    try {
      const answer = await post(question);
      return await understand(question, answer);
    } catch {
      say(words.failed, "failed");
      return "later";
    } finally {
      clearTimeout(announcement);
      announcement = null;
    }
  }

  async function understand(question, answer) {
    if (answer.ok) return saved(question, await answer.json());
    if (answer.type === "opaqueredirect" || SIGNED_OUT.includes(answer.status)) {
      say(words.signedOut, "failed");
      return "stopped";
    }
    if (!REFUSED.includes(answer.status)) throw new Error(String(answer.status));
    const body = await answer.json().catch(() => ({}));
    return body.theirs ? conflicting(question, body) : refused(question, body);
  }

  function saved(question, body) {
    versionOf(question).value = body.version;
    closeConflict(question);
    sayAt(question, "");
    if (!queue.isFailing()) say(words.saved.replace("{time}", body.saved_at), "saved");
    showProgress(body);
    return "saved";
  }

  function refused(question, body) {
    sayAt(question, body.message ?? words.refused);
    say(words.refused, "failed");
    return "stopped";
  }

  function conflicting(question, body) {
    say(words.conflict, "failed");
    openConflict(question, body.theirs, words, {
      keepMine: () => { versionOf(question).value = body.version; queue.touch(question); },
      keepTheirs: () => {
        apply(question, body.theirs);
        versionOf(question).value = body.version;
        queue.settle(question);
        say(words.saved.replace("{time}", body.saved_at), "saved");
      },
    });
    return "stopped";
  }

  // --- what the person does --------------------------------------------------

  function questionOf(event) {
    return event.target.closest("[data-question]");
  }

  function touch(question) {
    clearTimeout(typing.get(question));
    typing.delete(question);
    queue.touch(question);
  }

  function changed(event) {
    const question = questionOf(event);
    if (!question) return;
    if (event.target.value === "absent") question.querySelector(".question-foot details").open = true;
    touch(question);
  }

  function typed(event) {
    const question = questionOf(event);
    if (!question || event.target.tagName !== "TEXTAREA") return;
    clearTimeout(typing.get(question));
    typing.set(question, setTimeout(() => touch(question), TYPING_PAUSE));
  }

  function choose(question, radio) {
    if (!radio) return;
    radio.focus();
    if (!radio.checked) radio.click();
  }

  function pressed(event) {
    const question = questionOf(event);
    const isText = event.target.tagName === "TEXTAREA" || event.target.type === "text";
    if (!question || isText || event.ctrlKey || event.altKey || event.metaKey || !/^[1-6]$/.test(event.key)) return;
    choose(question, question.querySelectorAll(".answer input")[Number(event.key) - 1]);
  }

  function clicked(event) {
    const code = event.target.closest("[data-same-as]")?.dataset.sameAs;
    if (code) choose(questionOf(event), questionOf(event).querySelector(`.answer input[value="${code}"]`));
  }

  // The form carries all answers: what is in flight must land first, so that the page does not disagree with itself.
  async function leave(event) {
    if (isLeaving) return;
    const button = event.submitter;
    event.preventDefault();
    if (!navigator.onLine) return say(words.failed, "failed");
    isLeaving = true;
    typing.forEach((timer) => clearTimeout(timer));
    await Promise.race([queue.landed(), pause(LONGEST_WAIT)]);
    await pause(0); // a form that is still telling of its submission refuses another one
    form.requestSubmit(button);
  }

  function warn(event) {
    if (isLeaving || (queue.isEmpty() && typing.size === 0)) return;
    event.preventDefault();
  }

  form.addEventListener("change", changed);
  form.addEventListener("input", typed);
  form.addEventListener("keydown", pressed);
  form.addEventListener("click", clicked);
  form.addEventListener("submit", leave);
  window.addEventListener("beforeunload", warn);
  window.addEventListener("pageshow", () => { isLeaving = false; });
}

document.querySelectorAll("form[data-autosave]").forEach(start);
