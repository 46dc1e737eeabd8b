// Which questions wait to be saved: one request in flight a question, tried again with growing pauses while the line is down.

const PAUSES = [2000, 4000, 8000, 16000, 30000];

/**
 * `save(question)` sends one question and resolves to "saved", "stopped" (a person must act) or "later" (try again).
 * `changed()` is called whenever what waits has changed.
 */
export function saveQueue(save, changed) {
  const waiting = new Set();
  const stopped = new Set();
  const flights = new Map();
  let failures = 0;
  let timer = null;

  function touch(question) {
    stopped.delete(question);
    waiting.add(question);
    if (!timer) send(question);
    changed();
  }

  function send(question) {
    if (flights.has(question)) return;
    waiting.delete(question);
    flights.set(question, save(question).then((outcome) => land(question, outcome)));
  }

  function land(question, outcome) {
    flights.delete(question);
    if (outcome === "later") {
      waiting.add(question);
      pause();
    } else {
      failures = 0;
      if (outcome === "stopped") stopped.add(question);
      if (waiting.has(question)) send(question);
    }
    changed();
  }

  function pause() {
    if (timer) return;
    timer = setTimeout(retry, PAUSES[Math.min(failures, PAUSES.length - 1)]);
    failures += 1;
  }

  function retry() {
    clearTimeout(timer);
    timer = null;
    [...waiting].forEach(send);
  }

  window.addEventListener("online", retry);

  return {
    touch,
    settle: (question) => { stopped.delete(question); changed(); },
    landed: () => Promise.all([...flights.values()]),
    isEmpty: () => waiting.size + stopped.size + flights.size === 0,
    isFailing: () => timer !== null || stopped.size > 0,
  };
}
