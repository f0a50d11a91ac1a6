// Reads OPDS 2.0 feeds and publications as Readium's catalogue client does, and says what it read.
//
// node read_feeds.js FILE…
// → [{"title": …, "publications": [{"title": …, "authors": […], "buy": {…}, …}], …}, …]
"use strict";

const fs = require("fs");
const { TaJsonDeserialize } = require("r2-lcp-js/dist/es6-es2015/src/serializable");

const OPDS = "r2-opds-js/dist/es6-es2015/src/opds";
const { initGlobalConverters_OPDS } = require(`${OPDS}/init-globals`);
const { initGlobalConverters_GENERIC } = require("r2-shared-js/dist/es6-es2015/src/init-globals");
const { OPDSFeed } = require(`${OPDS}/opds2/opds2`);
const { OPDSPublication } = require(`${OPDS}/opds2/opds2-publication`);

const BUY = "http://opds-spec.org/acquisition/buy";
const SAMPLE = "http://opds-spec.org/acquisition/sample";

const all = (list) => list || [];
const names = (people) => all(people).map((one) => one.Name);
const by = (links, rel) => all(links).find((one) => all(one.Rel).includes(rel));
const href = (links, rel) => (by(links, rel) || {}).Href;

function publication(one) {
  const { Metadata: said, Links: links } = one;
  const buy = by(links, BUY);
  const price = buy.Properties.Price;
  const acquired = all(buy.Properties.IndirectAcquisitions)[0];
  return {
    title: said.Title,
    identifier: said.Identifier,
    authors: names(said.Author),
    translators: names(said.Translator),
    languages: all(said.Language),
    subjects: all(said.Subject).map((it) => [it.Name, it.Scheme || "", it.Code || ""]),
    series: all(said.BelongsTo && said.BelongsTo.Series).map((it) => [it.Name, it.Position]),
    self: href(links, "self"),
    buy: buy.Href,
    price: price ? [price.Value, price.Currency] : null,
    acquired: acquired ? [acquired.TypeAcquisition, all(acquired.Children).map((it) => it.TypeAcquisition)] : null,
    sample: href(links, SAMPLE),
    images: all(one.Images).map((it) => [it.Href, it.TypeLink, it.Width, it.Height]),
  };
}

function feed(one) {
  return {
    title: one.Metadata.Title,
    items: one.Metadata.NumberOfItems,
    page: one.Metadata.CurrentPage,
    links: Object.fromEntries(all(one.Links).map((it) => [all(it.Rel)[0], it.Href])),
    navigation: all(one.Navigation).map((it) => [it.Title, it.Href]),
    facets: all(one.Facets).map((it) => [it.Metadata.Title, all(it.Links).map((to) => to.Title)]),
    groups: all(one.Groups).map((it) => [it.Metadata.Title, all(it.Publications).length]),
    publications: all(one.Publications).map(publication),
  };
}

function read(path) {
  const json = JSON.parse(fs.readFileSync(path, "utf-8"));
  const whole = json.publications || json.navigation || json.groups;
  return whole
    ? feed(TaJsonDeserialize(json, OPDSFeed))
    : publication(TaJsonDeserialize(json, OPDSPublication));
}

initGlobalConverters_GENERIC();
initGlobalConverters_OPDS();
process.stdout.write(JSON.stringify(process.argv.slice(2).map(read)));
