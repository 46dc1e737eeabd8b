// Asks a job how far it is and shows it; loads the page anew when the job has finished.

const PAUSE = 1000;
const LONGEST_PAUSE = 15000;

function show(box, { progress, text }) {
  const bar = box.querySelector("progress");
  if (progress === null) bar.removeAttribute("value");
  else bar.value = progress;
  bar.setAttribute("aria-label", text);
  box.querySelector("[data-progress-text]").textContent = text;
}

async function ask(box) {
  const answer = await fetch(box.dataset.jobUrl, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function watch(box) {
  let pause = PAUSE;
  for (;;) {
    try {
      const state = await ask(box);
      if (state.finished) return location.reload();
      show(box, state);
      pause = PAUSE;
    } catch {
      box.querySelector("[data-progress-text]").textContent = box.dataset.failed;
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    await new Promise((resume) => { setTimeout(resume, pause); });
  }
}

document.querySelectorAll("[data-job-url]").forEach(watch);
