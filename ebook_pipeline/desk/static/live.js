// A book's stages as they move: the desk's event stream says that something happened, and the part
// of the page that shows it is asked for anew. Books that came without a job, which no stream
// tells of, are asked about every few seconds while they are under way.
import { localize } from "./times.js";

const SECONDS = 5;
const BACKGROUND_SECONDS = 60;
let asking = null;
let again = false;

async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  const part = document.getElementById("standing");
  asking = fetch(part.dataset.standing, { headers: { Accept: "text/html" } });
  try {
    const answer = await asking;
    if (answer.ok) replace(part, await answer.text());
  } catch {
    // The network is away: the next event or turn asks again.
  } finally {
    asking = null;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function replace(part, text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("standing");
  if (!fresh) return;
  localize(fresh);
  const ended = "moves" in part.dataset && !("moves" in fresh.dataset);
  part.replaceWith(fresh);
  if (ended) location.reload(); // findings and files are there now
}

function isOfThisBook(event) {
  const told = JSON.parse(event.data);
  const { book } = document.getElementById("standing").dataset;
  return told.book === book || told.subject === book || told.data?.book === book;
}

let events = null;

// A browser has few connections to one host: a tab that nobody sees gives its own back.
function listen() {
  events?.close();
  events = null;
  if (document.hidden) return;
  events = new EventSource("/api/v1/events");
  const heard = (event) => isOfThisBook(event) && refresh();
  for (const name of ["job", "stage.started", "stage.finished", "edition.taken", "review.asked",
    "review.decided", "review.voided", "book.rejected", "book.failed", "release.live"]) {
    events.addEventListener(name, heard);
  }
  events.addEventListener("end", () => events.close());
}

function turn() {
  const moves = "moves" in document.getElementById("standing").dataset;
  if (moves) refresh();
  setTimeout(turn, (document.hidden ? BACKGROUND_SECONDS : SECONDS) * 1000);
}

listen();
document.addEventListener("visibilitychange", listen);
setTimeout(turn, SECONDS * 1000);
