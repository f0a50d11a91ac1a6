// One file sent by tus 1.0 (https://tus.io/protocols/resumable-upload) to the desk, block by block:
// after a cut it asks how far the desk has got and goes on there.
const VERSION = { "Tus-Resumable": "1.0.0" };
const BLOCK = 4 * 1024 * 1024;
const LONGEST_PAUSE = 30; // seconds
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

export async function begin(job, file) {
  const metadata = `job ${encoded(job)},filename ${encoded(file.name)}`;
  const headers = { "Upload-Length": String(file.size), "Upload-Metadata": metadata };
  const answer = await ask("/api/v1/uploads", "POST", headers);
  return new URL(answer.headers.get("Location")).pathname;
}

function isFinal(error) {
  const passing = [408, 409, 423, 429, 460, 500, 502, 503, 504, 507];
  return error instanceof Refused && !passing.includes(error.status);
}

// Resolves when the desk has the whole file; rejects with what can't be mended by asking again.
export async function send(url, file, { onProgress, onPause }) {
  let pause = 1;
  let offset = null;
  while (offset !== file.size) {
    try {
      offset ??= Number((await ask(url, "HEAD", {})).headers.get("Upload-Offset"));
      onProgress(offset / file.size);
      if (offset === file.size) break;
      const block = file.slice(offset, offset + BLOCK);
      const headers = {
        "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream",
      };
      const answer = await ask(url, "PATCH", headers, block);
      offset = Number(answer.headers.get("Upload-Offset"));
      onProgress(offset / file.size);
      pause = 1;
    } catch (error) {
      if (isFinal(error)) throw error;
      offset = null;
      onPause(pause);
      await new Promise((resolve) => setTimeout(resolve, pause * 1000));
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }
}
