// Registers a device, renews and returns a licence as Readium's reading systems do.
//
// node use_status.js LICENCE.lcpl SERVER END
// → {"registered": {"status": "active", "events": ["register"]}, "renewed": …, "refused": …, …}
"use strict";

const fs = require("fs");

const LCP_JS = "r2-lcp-js/dist/es6-es2015/src";
const { LCP } = require(`${LCP_JS}/parser/epub/lcp`);
const { launchStatusDocumentProcessing } = require(`${LCP_JS}/lsd/status-document-processing`);
const { lsdRenew_ } = require(`${LCP_JS}/lsd/renew`);
const { lsdReturn_ } = require(`${LCP_JS}/lsd/return`);
const { TaJsonDeserialize } = require(`${LCP_JS}/serializable`);
const { initGlobalConverters_GENERIC } = require("r2-shared-js/dist/es6-es2015/src/init-globals");

const DEVICE = {
  checkDeviceID: async () => undefined,
  getDeviceID: async () => "judge-1",
  getDeviceNAME: async () => "A judge's reader",
  recordDeviceID: async () => undefined,
};

const told = (lsd) => ({ status: lsd.Status, events: (lsd.Events || []).map((it) => it.Type) });

// What the desk writes leads to its own address; the judge asks the one that it was started at.
function at(lsd, server) {
  for (const link of lsd.Links) link.Href = link.Href.replace(/^http:\/\/[^/]+/, server);
  return lsd;
}

async function main(path, server, end) {
  initGlobalConverters_GENERIC();
  const source = fs.readFileSync(path, "utf8");
  const licence = TaJsonDeserialize(JSON.parse(source), LCP);
  licence.JsonSource = source;
  await new Promise((done) => launchStatusDocumentProcessing(licence, DEVICE, done));
  const { lsdRegister_ } = require(`${LCP_JS}/lsd/register`);
  const registered = await lsdRegister_(at(licence.LSD, server), DEVICE);
  const renewed = await lsdRenew_(new Date(end), at(registered, server), DEVICE);
  const late = new Date("2099-01-01T00:00:00Z");
  const refused = await lsdRenew_(late, at(renewed, server), DEVICE).catch((error) => error);
  const returned = await lsdReturn_(at(renewed, server), DEVICE);
  return {
    registered: told(registered),
    renewed: told(renewed),
    refused: { type: refused.type, title: refused.title },
    returned: told(returned),
  };
}

main(process.argv[2], process.argv[3], process.argv[4]).then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (error) => {
    process.stderr.write(`${(error && error.stack) || JSON.stringify(error)}\n`);
    process.exitCode = 1;
  },
);
