// What is typed into a form with `data-keep` stays in this tab until the desk has taken it:
// neither a reload nor a session that ended loses it. The page that follows says so by
// `data-forget`.
const PREFIX = "kept ";

function fields(form) {
  return [...form.elements].filter(
    (field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type),
  );
}

function isTicked(field) {
  return ["checkbox", "radio"].includes(field.type);
}

function isChanged(field) {
  if (isTicked(field)) return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  return [...field.options].some((option) => option.selected !== option.defaultSelected);
}

function name(field) {
  return isTicked(field) ? `${field.name} ${field.value}` : field.name;
}

// Only what was changed: a field that was left alone may hold something newer by the next time.
function keep(form) {
  const kept = fields(form).filter(isChanged)
    .map((field) => [name(field), isTicked(field) ? field.checked : field.value]);
  sessionStorage.setItem(PREFIX + form.dataset.keep, JSON.stringify(kept));
}

function restore(form) {
  const kept = new Map(JSON.parse(sessionStorage.getItem(PREFIX + form.dataset.keep) ?? "[]"));
  for (const field of fields(form).filter((one) => kept.has(name(one)))) {
    if (isTicked(field)) field.checked = kept.get(name(field));
    else field.value = kept.get(name(field));
  }
  if (kept.size) form.querySelector("[data-kept]")?.removeAttribute("hidden");
}

for (const element of document.querySelectorAll("[data-forget]")) {
  sessionStorage.removeItem(PREFIX + element.dataset.forget);
}
for (const form of document.querySelectorAll("form[data-keep]")) {
  restore(form);
  form.addEventListener("input", () => keep(form));
}
