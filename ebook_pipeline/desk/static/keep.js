// What is typed into a form with `data-keep` stays in this tab until the desk has taken it:
// neither a reload nor a session that ended loses it. The page that follows says so by
// `data-forget`.
const PREFIX = "kept ";

function fields(form) {
  return [...form.elements].filter(
    (field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type),
  );
}

function value(field) {
  return ["checkbox", "radio"].includes(field.type) ? field.checked : field.value;
}

function keep(form) {
  const kept = fields(form).map((field) => [field.name, value(field)]);
  sessionStorage.setItem(PREFIX + form.dataset.keep, JSON.stringify(kept));
}

function restore(form) {
  const kept = JSON.parse(sessionStorage.getItem(PREFIX + form.dataset.keep) ?? "[]");
  fields(form).forEach((field, at) => {
    if (kept[at]?.[0] !== field.name) return;
    if (["checkbox", "radio"].includes(field.type)) field.checked = kept[at][1];
    else field.value = kept[at][1];
  });
  if (kept.length) form.querySelector("[data-kept]")?.removeAttribute("hidden");
}

for (const element of document.querySelectorAll("[data-forget]")) {
  sessionStorage.removeItem(PREFIX + element.dataset.forget);
}
for (const form of document.querySelectorAll("form[data-keep]")) {
  restore(form);
  form.addEventListener("input", () => keep(form));
}
