// node walk.mjs BASE [KEY]: goes the tour in each language and once without JavaScript; one line per screen, `ok` or `FAILED`.
// KEY is a partner's key; without it one screen is left out.
//
// On every screen: axe (WCAG 2.2 AA) finds nothing in the light and in the dark, nothing scrolls sideways at 320 px, no
// other host is asked, the console is silent. The first page is light. At the end a page is spoiled in each of these ways: the
// checks must notice.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

import { launch, openWindow } from "./browser.mjs";
import { WAYS } from "./filters.mjs";
import { LANGUAGES, tour } from "./tour.mjs";

const base = process.argv[2].replace(/\/$/, "");
const partner = process.argv[3];
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const PHONE = { width: 360, height: 740 };
/** Everything that the first page loads: its text compressed, its type as it is. */
const FIRST_PAGE_BYTES_MAX = 60 * 1024;

const browser = await launch();
let failed = 0;
const looked = { runs: 0, passes: 0 };
for (const lang of LANGUAGES) await weigh(lang);
for (const lang of LANGUAGES) await walk(lang, true);
await walk("ru", false);
for (const lang of LANGUAGES) for (const way of WAYS) await filter(lang, way);
await spoil();
await browser.close();
console.log(`        axe ran ${looked.runs} times, ${looked.passes} rules passed`);
process.exitCode = failed === 0 ? 0 : 1;

async function walk(lang, scripts) {
  const window = await openWindow(browser, base, { locale: lang, viewport: PHONE, javaScriptEnabled: scripts });
  const { page } = window;
  const way = `${lang}${scripts ? "" : " without JavaScript"}`;
  let last = "the first page";
  const seen = async (name) => {
    last = name;
    tell(`${way}: ${name}`, await faultsOf(window, scripts));
  };
  try {
    await tour({ page, base, lang, partner, seen });
    tell(`${way}: the whole way`, window.faults());
  } catch (error) {
    tell(`${way}: the whole way`, [`after "${last}" at ${new URL(page.url()).pathname}: ${error.message}`]);
  }
  await window.close();
}

/** One way to use the filters of the results page. */
async function filter(lang, way) {
  const window = await openWindow(browser, base, { locale: lang, ...way.window });
  const { page } = window;
  const found = [];
  const { viewport } = way.window;
  const check = async (name) => {
    // High enough for everything: a box half under the button that stays would seem too small to touch.
    await page.setViewportSize({ width: viewport.width, height: 5000 });
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await violations(page, `${name}, ${colorScheme}`)));
    }
    await page.setViewportSize(viewport);
  };
  try {
    await way.go({ page, base, lang, check });
    found.push(...window.faults());
  } catch (error) {
    found.push(`at ${new URL(page.url()).pathname}: ${error.message}`);
  }
  tell(`${lang}: filters ${way.name}`, found);
  await window.close();
}

/** Everything that is wrong with the page that is shown. axe needs JavaScript. */
async function faultsOf({ page, faults }, scripts) {
  const found = await sideways(page);
  for (const colorScheme of scripts ? ["dark", "light"] : []) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page, colorScheme)));
  }
  return [...faults(), ...found];
}

/** What is wider than the narrowest phone. */
async function sideways(page) {
  await page.setViewportSize({ width: 320, height: 740 });
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > room + 1);
    return out.slice(-3).map((one) => `wider than 320 px: <${one.localName} class="${one.className}">`);
  });
  await page.setViewportSize(PHONE);
  return wide;
}

async function violations(page, scheme) {
  await page.evaluate(axe);
  const found = await page.evaluate(
    (rules) => window.axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] }),
    RULES,
  );
  looked.runs += 1;
  looked.passes += found.passes.length;
  return found.violations.map(({ id, help, nodes }) => {
    const [node] = nodes;
    const why = (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? "";
    return `axe, ${scheme}: ${id}: ${help}: ${node.target.join(" ")} (${nodes.length}) ${why}`;
  });
}

/** The first page with an empty cache. */
async function weigh(lang) {
  const window = await openWindow(browser, base, { viewport: PHONE });
  const answers = [];
  window.page.on("response", (answer) => answers.push(answer));
  await window.page.goto(`${base}/${lang}/`, { waitUntil: "networkidle" });
  const parts = await Promise.all(
    answers.map(async (answer) => {
      const bytes = await answer.body();
      const type = answer.headers()["content-type"] ?? "";
      return { kind: type.split(/[;/]/)[1], bytes: type.startsWith("font/") ? bytes.length : gzipSync(bytes).length };
    }),
  );
  const whole = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const list = parts.map(({ kind, bytes }) => `${kind} ${bytes}`).join(", ");
  const heavy = whole > FIRST_PAGE_BYTES_MAX ? [`more than ${FIRST_PAGE_BYTES_MAX} bytes`] : [];
  if (!parts.some(({ kind }) => kind === "woff2")) heavy.push("no type was loaded: the figure says nothing");
  tell(`${lang}: the first page takes ${whole} bytes (${list})`, heavy);
  await window.close();
}

/** A check that cannot fail proves nothing: each must notice a page that was spoiled for it. */
async function spoil() {
  const ways = [
    ["grey words", /color-contrast/, (page) => page.evaluate(() => (document.querySelector("h1").style.color = "#ccc"))],
    ["a field without a name", /label/, (page) => page.evaluate(() => document.querySelector("main").append(document.createElement("input")))],
    ["something wide", /wider than 320 px/, (page) => page.evaluate(() => (document.querySelector("h1").style.minWidth = "400px"))],
    ["another host", /asks |console/, (page) => page.evaluate(() => fetch("http://other.invalid/").catch(() => {}))],
    ["a script's error", /script: spoiled/, (page) => page.evaluate(() => void setTimeout(() => { throw new Error("spoiled"); }))],
    ["a missing file", /console/, (page) => page.evaluate(() => fetch("/assets/no-such-file.css"))],
  ];
  for (const [name, expected, act] of ways) {
    const window = await openWindow(browser, base, { viewport: PHONE });
    await window.page.goto(`${base}/ru/`, { waitUntil: "load" });
    await act(window.page);
    const found = await faultsOf(window, true);
    tell(`${name} would be noticed`, found.some((fault) => expected.test(fault)) ? [] : [`found: ${found.join("; ") || "nothing"}`]);
    await window.close();
  }
}

function tell(what, faults) {
  if (faults.length > 0) failed += 1;
  console.log(faults.length === 0 ? `ok      ${what}` : `FAILED  ${what}`);
  for (const fault of faults) console.log(`        ${fault}`);
}
