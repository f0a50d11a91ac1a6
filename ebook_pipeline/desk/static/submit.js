// The submit page: a card per file, checked as one types, sent as a job and an upload each, and
// watched until the book has its page.
import { forget, keep, kept } from "./kept_files.js";
import { Refused, begin, csrf, send } from "./tus.js";

const page = document.getElementById("submit");
const words = JSON.parse(page.dataset.words);
const jobWords = JSON.parse(document.getElementById("job-words").dataset.words);
const list = document.getElementById("files");
const sendAll = document.getElementById("send");
const choose = document.getElementById("choose");
const cards = new Set();
const TYPING = 400; // milliseconds of silence before what was typed is checked

function sized(bytes) {
  const unit = bytes >= 1e6 ? ["megabyte", 1e6] : ["kilobyte", 1e3];
  const style = { style: "unit", unit: unit[0], maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / unit[1]);
}

class Card {
  constructor(name, size, file) {
    this.file = file;
    this.size = size;
    const template = document.getElementById("file-card").content;
    this.element = template.cloneNode(true).firstElementChild;
    this.find(".name").textContent = name;
    this.find(".size").textContent = sized(size);
    this.form = this.find("form");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => this.typed());
    this.find(".remove").addEventListener("click", () => this.remove());
    this.find(".give-up").addEventListener("click", () => this.giveUp());
    this.find(".again input").addEventListener("change", (event) => this.again(event.target));
    list.append(this.element);
    cards.add(this);
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check().catch(() => {}), TYPING);
  }

  // What the desk says of the fields: {metadata, errors}. Throws where it does not answer.
  async check() {
    const body = new URLSearchParams(new FormData(this.form));
    const answer = await fetch("/submit/check", {
      method: "POST", body, headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
    });
    if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
    const told = await answer.json();
    this.mark(told.errors);
    return told;
  }

  mark(errors) {
    for (const place of this.form.querySelectorAll("[data-error]")) {
      const wrong = errors.find((one) => one.field === place.dataset.error);
      const field = this.form.elements[place.dataset.error];
      place.hidden = !wrong;
      place.textContent = wrong ? `${wrong.message} ${wrong.remedy ?? ""}` : "";
      field.setAttribute("aria-invalid", String(Boolean(wrong)));
    }
  }

  async submit() {
    try {
      const { metadata, errors } = await this.check();
      if (errors.length) return this.form.querySelector("[aria-invalid=true]")?.focus();
      const job = await this.begun(metadata);
      this.form.remove();
      await this.sent({ job, name: this.file.name, size: this.file.size, file: this.file });
    } catch (error) {
      this.failed(error);
    }
  }

  async begun(metadata) {
    const { book } = page.dataset;
    const account = document.getElementById("account").value || null;
    const path = book ? `/api/v1/books/${book}/editions` : "/api/v1/jobs";
    const answer = await fetch(path, {
      method: "POST",
      body: JSON.stringify(book ? { metadata } : { account, metadata }),
      headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" },
    });
    const document_ = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, document_);
    return document_.id;
  }

  // Sends the file of a job, unless another tab does; `entry` is kept until the desk has it all.
  async sent(entry) {
    this.job = entry.job;
    this.show(words.sending);
    this.find(".give-up").hidden = false;
    sendAll.hidden = ![...cards].some((card) => !card.job);
    await navigator.locks.request(`upload ${entry.job}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return this.show(words.elsewhere);
      await keep(entry);
      const onPause = (error) => this.paused(error);
      entry.url ??= await begin(entry.job, entry.file, onPause);
      await keep(entry);
      await send(entry.url, entry.file, {
        onProgress: (share) => this.show(words.sending, share),
        onPause,
      });
      await forget(entry.job);
      this.find(".give-up").hidden = true;
      this.find("progress").hidden = true;
      return this.show(jobWords.received);
    });
  }

  // The network is away, or the desk says why it takes nothing just now.
  paused(error) {
    const why = error instanceof Refused ? `${words.waiting} ${error.message}` : words.paused;
    this.show(why);
  }

  show(text, share) {
    this.find(".sending").hidden = false;
    this.find(".told").textContent = text;
    if (share !== undefined) this.find("progress").value = share;
  }

  async failed(error) {
    const problem = error.problem ?? {};
    if (error.status === 401 || problem.code === "csrf") return this.show(words.session);
    if (this.job && [404, 409, 410, 422].includes(error.status)) {
      await forget(this.job);
      this.find(".give-up").hidden = true;
      if (error.status === 422) {
        const { job } = this;
        this.job = "none"; // what is told of it from now on does not say why
        await this.cancelled(job); // no file will come for it
      }
    }
    const { finding } = problem;
    const why = finding ? `${finding.message} ${finding.remedy}` : error.message;
    return this.show(`${words.refused} ${why}`);
  }

  async giveUp() {
    await this.cancelled(this.job);
    await forget(this.job);
    this.remove();
  }

  async cancelled(job) {
    const seen = await fetch(`/api/v1/jobs/${job}`);
    const tag = seen.headers.get("ETag") ?? "*";
    const headers = { "X-CSRF-Token": csrf, "If-Match": tag };
    await fetch(`/api/v1/jobs/${job}`, { method: "DELETE", headers }).catch(() => {});
  }

  // After a reload of a browser that kept no bytes: the person chooses the same file again.
  askAgain(entry) {
    this.entry = entry;
    this.job = entry.job;
    this.form.remove();
    this.show(words.again);
    this.find(".again").hidden = false;
    this.find(".give-up").hidden = false;
  }

  again(input) {
    const [file] = input.files;
    if (!file || file.name !== this.entry.name || file.size !== this.entry.size) return;
    this.find(".again").hidden = true;
    this.sent({ ...this.entry, file }).catch((error) => this.failed(error));
  }

  remove() {
    cards.delete(this);
    this.element.remove();
    sendAll.hidden = ![...cards].some((card) => !card.job);
  }

  told(status) {
    this.show(jobWords[status.state] ?? status.reason);
    if (status.state === "refused") this.show(`${status.reason} ${status.next_action}`);
    const link = this.find("a.book");
    link.hidden = !status.book;
    if (status.book) link.href = `/books/${status.book}`;
  }
}

function added(files) {
  for (const file of files) {
    const card = new Card(file.name, file.size, file);
    if (file.size > Number(page.dataset.largest)) {
      card.form.remove();
      card.show(words.too_large);
      card.job = "none";
    }
  }
  sendAll.hidden = ![...cards].some((card) => !card.job);
  choose.value = "";
}

function dropZone() {
  const zone = document.getElementById("drop");
  for (const name of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle("over", name === "dragover");
      if (name === "drop") added(event.dataTransfer.files);
    });
  }
  choose.addEventListener("change", () => added(choose.files));
  sendAll.addEventListener("click", () => {
    for (const card of cards) if (!card.job) card.submit();
  });
}

async function resumed() {
  for (const entry of await kept()) {
    const card = new Card(entry.name, entry.size, entry.file);
    if (!entry.file) {
      card.askAgain(entry);
      continue;
    }
    card.form.remove();
    card.sent(entry).catch((error) => card.failed(error));
  }
}

function watched() {
  const events = new EventSource("/api/v1/events");
  events.addEventListener("job", (event) => {
    const status = JSON.parse(event.data);
    const moving = ["waiting_for_file", "uploading"].includes(status.state);
    for (const card of cards) if (card.job === status.id && !moving) card.told(status);
  });
  events.addEventListener("end", () => events.close());
}

dropZone();
resumed();
watched();
