// Opens a protected EPUB as Readium's reading systems do, and says what it read.
//
// node open_protected_book.js BOOK.epub USER_KEY_HEX
// → {"unlocked": true, "resources": {"EPUB/one.xhtml": "<sha256>", …}}
"use strict";

const crypto = require("crypto");

const SHARED = "r2-shared-js/dist/es6-es2015/src";
const { setLcpNativePluginPath } = require("r2-lcp-js/dist/es6-es2015/src/parser/epub/lcp");
const { initGlobalConverters_GENERIC } = require(`${SHARED}/init-globals`);
const { EpubParsePromise } = require(`${SHARED}/parser/epub`);
const { Transformers } = require(`${SHARED}/transform/transformer`);

const LCP = "http://readium.org/2014/01/lcp";

async function sha256(stream) {
  const digest = crypto.createHash("sha256");
  for await (const chunk of stream) digest.update(chunk);
  return digest.digest("hex");
}

async function read(publication, zip, link) {
  const found = await zip.entryStreamPromise(link.Href);
  const encrypted = link.Properties && link.Properties.Encrypted;
  if (!encrypted || encrypted.Scheme !== LCP) return sha256(found.stream);
  const plain = await Transformers.tryStream(publication, link, undefined, found, false, 0, 0);
  return sha256(plain.stream);
}

async function main(book, userKey) {
  setLcpNativePluginPath("/no/native/plugin");
  initGlobalConverters_GENERIC();
  const publication = await EpubParsePromise(book);
  try {
    await publication.LCP.tryUserKeys([userKey]);
  } catch {
    return { unlocked: false, resources: {} };
  }
  const zip = publication.findFromInternal("zip").Value;
  const links = [...(publication.Spine || []), ...(publication.Resources || [])];
  const resources = {};
  for (const link of links) resources[link.Href] = await read(publication, zip, link);
  return { unlocked: true, resources };
}

main(process.argv[2], process.argv[3]).then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (error) => {
    process.stderr.write(`${(error && error.stack) || error}\n`);
    process.exitCode = 1;
  },
);
