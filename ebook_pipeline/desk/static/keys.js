// Shortcuts: one key each, only outside of fields, and only while the reader has them on
// (WCAG 2.2 §2.1.4). Buttons and fields are given the focus and not pressed: Enter decides.
const dialog = document.getElementById("keys");
const opener = document.querySelector("[data-keys-open]");
const on = document.getElementById("keys-on");
const OFF = "keys off";
let at = -1;

function steps() {
  return [...document.querySelectorAll("[data-step]")];
}

function step(by) {
  const links = steps();
  if (!links.length) return;
  at = Math.min(Math.max(at + by, 0), links.length - 1);
  links.forEach((link, number) => link.toggleAttribute("data-here", number === at));
  links[at].focus();
  links[at].scrollIntoView({ block: "nearest" });
  // Not by a click: a browser would put the focus into the frame, where no key of ours is heard.
  const frame = document.querySelector(`iframe[name="${links[at].target}"]`);
  if (frame) frame.src = links[at].href;
}

function go(element) {
  if (element.tagName === "SUMMARY") element.parentElement.open = true;
  if (element.tagName === "A") element.click();
  else element.focus();
  element.scrollIntoView({ block: "nearest" });
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  if (event.key === "?") {
    dialog.showModal();
  } else if (on.checked) {
    const { key } = event;
    const target = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (target) go(target);
    else return;
  } else {
    return;
  }
  event.preventDefault();
}

on.checked = localStorage.getItem(OFF) === null;
on.addEventListener("change", () => {
  if (on.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
});
opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
document.addEventListener("keydown", pressed);
