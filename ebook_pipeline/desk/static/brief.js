// The form of a picture book: a moment after the last change its first spread is drawn anew, or what
// is wrong with the brief is said. A colour is offered for the animal that was chosen.
import { csrf } from "./tus.js";

const PAUSE_MS = 350;
const form = document.getElementById("brief");
const picture = document.getElementById("preview");
const title = document.getElementById("preview-title");
const wrong = document.getElementById("wrong");
let timer = null;
let asked = 0;

function narrow(select) {
  const species = form.elements[`${select.dataset.coats}_species`].value;
  for (const option of select.options) {
    if (!option.value) continue;
    option.hidden = option.disabled = option.dataset.species !== species;
  }
  if (select.selectedOptions[0]?.disabled) select.value = "";
}

function narrowAll() {
  for (const select of form.querySelectorAll("[data-coats]")) narrow(select);
}

async function draw() {
  const turn = (asked += 1);
  const answer = await fetch("/picture-books/preview", {
    method: "POST", body: new URLSearchParams(new FormData(form)),
    headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
  });
  if (!answer.ok || turn !== asked) return;
  show(await answer.json());
}

function show(told) {
  wrong.replaceChildren(...told.wrong.map((text) => {
    const line = document.createElement("p");
    line.className = "problem";
    line.lang = "en";
    line.textContent = text;
    return line;
  }));
  if (told.wrong.length) return;
  picture.src = told.src;
  picture.alt = told.alt;
  picture.hidden = false;
  title.textContent = told.title;
}

function later() {
  narrowAll();
  clearTimeout(timer);
  timer = setTimeout(() => draw().catch(() => {}), PAUSE_MS);
}

form.addEventListener("input", later);
later();
