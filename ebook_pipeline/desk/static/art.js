// A picture of one's own for a page: sent as it was chosen, and refused here where it does not fit.
import { csrf } from "./tus.js";

const told = document.getElementById("art-told");

async function give(input) {
  const [file] = input.files;
  if (!file) return;
  const { tag } = document.getElementById("order").dataset;
  const answer = await fetch(input.dataset.art, {
    method: "PUT", body: file,
    headers: { "X-CSRF-Token": csrf, "If-Match": tag, "Content-Type": file.type },
  });
  if (answer.ok) {
    location.reload();
    return;
  }
  const problem = await answer.json().catch(() => ({}));
  told.textContent = problem.errors?.[0]?.detail ?? problem.detail ?? String(answer.status);
  told.hidden = false;
  input.value = "";
}

for (const input of document.querySelectorAll("[data-art]")) {
  input.addEventListener("change", () => give(input).catch(() => {}));
}
