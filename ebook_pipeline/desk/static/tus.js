// One file sent by tus 1.0 (https://tus.io/protocols/resumable-upload) to the desk, block by block:
// after a cut it asks how far the desk has got and goes on there.
const VERSION = { "Tus-Resumable": "1.0.0" };
const BLOCK = 4 * 1024 * 1024;
const LONGEST_PAUSE = 30; // seconds
const PASSING = [408, 409, 423, 429, 460, 500, 502, 503, 504, 507]; // answers to ask again after
export const csrf = document.querySelector("meta[name=csrf-token]").content;

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || String(status));
    this.status = status;
    this.problem = problem;
  }
}

async function ask(url, method, headers, body) {
  const answer = await fetch(url, {
    method, body, headers: { "X-CSRF-Token": csrf, ...VERSION, ...headers },
  });
  if (answer.ok) return answer;
  throw new Refused(answer.status, await answer.json().catch(() => ({})));
}

function encoded(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

// An upload for a job's file; where it is. A job that has its file already takes no other.
export function begin(job, file, onPause) {
  const metadata = `job ${encoded(job)},filename ${encoded(file.name)}`;
  const headers = { "Upload-Length": String(file.size), "Upload-Metadata": metadata };
  return retried(async () => {
    const answer = await ask("/api/v1/uploads", "POST", headers);
    return new URL(answer.headers.get("Location")).pathname;
  }, onPause, PASSING.filter((status) => status !== 409));
}

// Resolves when the desk has the whole file; rejects with what can't be mended by asking again.
export async function send(url, file, { onProgress, onPause }) {
  let offset = null; // not known
  while (offset !== file.size) {
    await retried(async () => {
      const from = offset;
      offset = null; // until this block is there
      offset = from === null ? await look(url) : await sendBlock(url, file, from);
    }, onPause);
    onProgress(offset / file.size);
  }
}

async function look(url) {
  return Number((await ask(url, "HEAD", {})).headers.get("Upload-Offset"));
}

async function sendBlock(url, file, offset) {
  const type = "application/offset+octet-stream";
  const headers = { "Upload-Offset": String(offset), "Content-Type": type };
  const answer = await ask(url, "PATCH", headers, file.slice(offset, offset + BLOCK));
  return Number(answer.headers.get("Upload-Offset"));
}

// Does `work` until it is done or refused for good, with longer and longer pauses.
async function retried(work, onPause, passing = PASSING) {
  for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused && !passing.includes(error.status)) throw error;
      onPause(error);
      await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    }
  }
}
