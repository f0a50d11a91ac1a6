// The editor saves by itself: a second after the last key, and when the page is left. What another
// window has saved meanwhile is never overwritten (412): then it is said, and nothing is sent.
import { csrf } from "./tus.js";

const PAUSE_MS = 1000;
const AGAIN_MS = 5000;
const form = document.getElementById("write");
const told = document.getElementById("told");
const words = JSON.parse(form.dataset.words);
let tag = form.dataset.tag;
let kept = written();
let timer = null;
let sending = false;
let stale = false;

function written() {
  return JSON.stringify({ heading: form.heading.value, text: form.text.value });
}

function count() {
  const found = form.text.value.trim().split(/\s+/u).filter(Boolean).length;
  document.getElementById("count").textContent = words.count.replace("#", found);
}

async function save() {
  clearTimeout(timer);
  const now = written();
  if (stale || sending || now === kept) return;
  sending = true;
  told.textContent = words.saving;
  try {
    take(await send(now), now);
  } catch {
    told.textContent = words.offline;
    timer = setTimeout(save, AGAIN_MS);
  } finally {
    sending = false;
  }
  if (!stale && written() !== now) later();
}

function send(body) {
  return fetch(form.dataset.path, {
    method: "PUT", body, keepalive: body.length < 60000,
    headers: { "X-CSRF-Token": csrf, "If-Match": tag, "Content-Type": "application/json" },
  });
}

function take(answer, now) {
  if (answer.ok) {
    tag = answer.headers.get("ETag");
    form.tag.value = tag;
    kept = now;
    told.textContent = words.saved;
    return;
  }
  stale = answer.status === 412;
  told.textContent = stale ? words.stale : answer.status === 401 ? words.session : words.refused;
  if (answer.status >= 500) timer = setTimeout(save, AGAIN_MS);
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE_MS);
}

form.addEventListener("input", () => {
  count();
  later();
});
form.addEventListener("submit", (event) => {
  if (stale) return; // the page that follows shows both
  event.preventDefault();
  save();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") save();
});
window.addEventListener("beforeunload", (event) => {
  if (!stale && written() !== kept) event.preventDefault();
});
