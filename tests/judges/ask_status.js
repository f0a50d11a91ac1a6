// Asks for the status of a licence as Readium's reading systems do, at the link that it carries.
//
// node ask_status.js LICENCE.lcpl
// → {"id": "…", "status": "revoked", "may_open": false, "updated": true, "events": ["revoked"]}
"use strict";

const fs = require("fs");

const LCP_JS = "r2-lcp-js/dist/es6-es2015/src";
const { LCP } = require(`${LCP_JS}/parser/epub/lcp`);
const { launchStatusDocumentProcessing } = require(`${LCP_JS}/lsd/status-document-processing`);
const { TaJsonDeserialize } = require("r2-lcp-js/dist/es6-es2015/src/serializable");
const { initGlobalConverters_GENERIC } = require("r2-shared-js/dist/es6-es2015/src/init-globals");

const OVER = ["revoked", "returned", "cancelled", "expired"];
const DEVICE = {
  checkDeviceID: async () => undefined,
  getDeviceID: async () => "judge",
  getDeviceNAME: async () => "judge",
  recordDeviceID: async () => undefined,
};

function main(path) {
  initGlobalConverters_GENERIC();
  const source = fs.readFileSync(path, "utf8");
  const licence = TaJsonDeserialize(JSON.parse(source), LCP);
  licence.JsonSource = source;
  launchStatusDocumentProcessing(licence, DEVICE, (newer) => {
    const said = licence.LSD;
    const answer = {
      id: said.ID,
      status: said.Status,
      may_open: !OVER.includes(said.Status),
      updated: Boolean(newer),
      events: (said.Events || []).map((event) => event.Type),
    };
    process.stdout.write(JSON.stringify(answer));
  });
}

main(process.argv[2]);
