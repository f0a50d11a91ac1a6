// Moments in the reader's own zone and language: the page has them in UTC.
const language = document.documentElement.lang;
const near = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const year = { day: "numeric", month: "short", year: "numeric" };
const whole = new Intl.DateTimeFormat(language, { ...year, hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const MINUTE = 60, HOUR = 60 * MINUTE;

function shown(at) {
  const seconds = (at - Date.now()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < HOUR) return relative.format(Math.round(seconds / MINUTE), "minute");
  const today = at.toDateString() === new Date().toDateString();
  return today ? near.format(at) : whole.format(at);
}

export function localize(root = document) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.textContent = shown(at);
    element.title = exact.format(at);
  }
}

localize();
