// Walks a catalogue as a reading app does: from the root, by its links, signing in where it must.
// What comes is read by Readium's code.
//
// node walk_catalog.js ROOT LOGIN PASSWORD
// → {"feeds": […titles], "books": […], "flows": ["…/auth/basic"], "shelf": […], "licences": [ids]}
"use strict";

const http = require("http");
const { TaJsonDeserialize } = require("r2-lcp-js/dist/es6-es2015/src/serializable");
const { LCP } = require("r2-lcp-js/dist/es6-es2015/src/parser/epub/lcp");

const OPDS = "r2-opds-js/dist/es6-es2015/src/opds";
const { initGlobalConverters_OPDS } = require(`${OPDS}/init-globals`);
const { initGlobalConverters_GENERIC } = require("r2-shared-js/dist/es6-es2015/src/init-globals");
const { OPDSFeed } = require(`${OPDS}/opds2/opds2`);
const { OPDSPublication } = require(`${OPDS}/opds2/opds2-publication`);
const { OPDSAuthenticationDoc } = require(`${OPDS}/opds2/opds2-authentication-doc`);

const [ROOT, LOGIN, PASSWORD] = process.argv.slice(2);
const SERVER = new URL(ROOT).origin;
const FEED = "application/opds+json";
const LICENCE = "application/vnd.readium.lcp.license.v1.0+json";
const ACQUISITION = "http://opds-spec.org/acquisition";
const all = (list) => list || [];

let credentials = {};
const flows = new Set();

function get(href) {
  const there = new URL(href);
  const url = `${SERVER}${there.pathname}${there.search}`;
  return new Promise((resolve, reject) => {
    http.get(url, { headers: credentials }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => (body += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, type: answer.headers["content-type"], body }));
    }).on("error", reject);
  });
}

async function fetched(href) {
  const answer = await get(href);
  if (answer.status !== 401) return answer;
  if (answer.type !== "application/opds-authentication+json") throw new Error(answer.type);
  const how = TaJsonDeserialize(JSON.parse(answer.body), OPDSAuthenticationDoc);
  for (const flow of how.Authentication) flows.add(flow.Type);
  credentials = { Authorization: `Basic ${Buffer.from(`${LOGIN}:${PASSWORD}`).toString("base64")}` };
  return get(href);
}

async function feed(href) {
  const answer = await fetched(href);
  if (answer.status !== 200 || answer.type !== FEED) throw new Error(`${href}: ${answer.status} ${answer.type}`);
  return TaJsonDeserialize(JSON.parse(answer.body), OPDSFeed);
}

const publications = (one) => [
  ...all(one.Publications),
  ...all(one.Groups).flatMap((group) => all(group.Publications)),
];

async function main() {
  initGlobalConverters_GENERIC();
  initGlobalConverters_OPDS();
  const waiting = [ROOT];
  const seen = new Map();
  const shelf = [];
  const licences = [];
  const books = new Set();
  while (waiting.length && seen.size < 60) {
    const href = waiting.shift();
    if (seen.has(href)) continue;
    const one = await feed(href);
    seen.set(href, one.Metadata.Title);
    const next = all(one.Links).filter((link) => all(link.Rel).includes("next"));
    for (const link of [...all(one.Navigation), ...next]) waiting.push(link.Href);
    for (const book of publications(one)) {
      books.add(book.Metadata.Title);
      const held = all(book.Links).find((link) => all(link.Rel).includes(ACQUISITION));
      if (!held) continue;
      shelf.push(book.Metadata.Title);
      const licence = await fetched(held.Href);
      if (licence.type !== LICENCE) throw new Error(licence.type);
      licences.push(TaJsonDeserialize(JSON.parse(licence.body), LCP).ID);
    }
  }
  const first = publications(await feed(ROOT))[0];
  const self = all(first.Links).find((link) => all(link.Rel).includes("self"));
  const alone = TaJsonDeserialize(JSON.parse((await fetched(self.Href)).body), OPDSPublication);
  return {
    feeds: [...seen.values()],
    books: [...books].sort(),
    flows: [...flows],
    shelf,
    licences,
    alone: alone.Metadata.Title,
  };
}

main().then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (error) => {
    process.stderr.write(`${(error && error.stack) || error}\n`);
    process.exitCode = 1;
  },
);
