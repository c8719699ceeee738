// node walk.mjs BASE [KEY]: goes the tour, round the guide and the way of staff in each language and once without JavaScript; one line per screen, `ok` or
// `FAILED`. KEY is a partner's key; without it one screen is left out.
//
// On every screen (of the tour in one language: keyboard and paper know no words): axe (WCAG 2.2 AA) finds nothing in the light and in the dark, nothing scrolls sideways at 320 px, the
// keyboard reaches everything, paper takes it, no other host is asked, the console is silent and the content policy is kept. Pages that
// anybody may see are light. At the end a page is spoiled in each of these ways: the checks must notice.

import { launch, openWindow } from "./browser.mjs";
import { call } from "./call.mjs";
import { clinic } from "./clinic.mjs";
import { desk } from "./desk.mjs";
import { WAYS } from "./filters.mjs";
import { PHONE, faultsOf, faultsOfWeight, looked, violations, weigh } from "./looks.mjs";
import { round } from "./round.mjs";
import { staff } from "./staff.mjs";
import { LANGUAGES, tour } from "./tour.mjs";

const base = process.argv[2].replace(/\/$/, "");
const partner = process.argv[3];
// Browsers make passkeys for names alone; this machine's is the only one that is there without asking.
const here = base.replace("127.0.0.1", "localhost");

const browser = await launch();
let failed = 0;
for (const lang of LANGUAGES) await weighed(lang, "first page", `/${lang}/`);
for (const lang of LANGUAGES) {
  await walk(lang, true, "the whole way", tour);
  await walk(lang, true, "the whole round", round);
  await walk(lang, true, "staff's whole way", staff, here);
  await walk(lang, true, "a call", call, here);
  await walk(lang, true, "a clinic's own pages", clinic, here);
  if (partner) await walk(lang, true, "the way of an answer", desk, here);
}
await walk("ru", false, "the whole way", tour);
await walk("ru", false, "the whole round", round);
await walk("ru", false, "staff's whole way", staff, here);
await walk("ru", false, "a call", call, here);
await walk("ru", false, "a clinic's own pages", clinic, here);
if (partner) await walk("ru", false, "the way of an answer", desk, here);
for (const lang of LANGUAGES) for (const way of WAYS) await filter(lang, way);
await spoil();
await browser.close();
console.log(`        axe ran ${looked.runs} times, ${looked.passes} rules passed; the keyboard stopped ${looked.stops} times`);
process.exitCode = failed === 0 ? 0 : 1;

async function weighed(lang, name, path) {
  const { line, faults } = await weigh(browser, base, path);
  tell(`${lang}: ${name} takes ${line}`, faults);
}

async function walk(lang, scripts, whole, along, at = base) {
  const window = await openWindow(browser, at, { locale: lang, viewport: PHONE, javaScriptEnabled: scripts });
  const { page } = window;
  const way = `${lang}${scripts ? "" : " without JavaScript"}`;
  let last = "the first page";
  const open = [];
  const seen = async (name, anybody) => {
    last = name;
    if (anybody) open.push([name, page.url().slice(base.length)]);
    tell(`${way}: ${name}`, await faultsOf(window, { scripts, whole: along !== tour || lang === LANGUAGES[1] }));
  };
  try {
    await along({ page, base: at, lang, partner, seen, scripts });
    tell(`${way}: ${whole}`, window.faults());
  } catch (error) {
    tell(`${way}: ${whole}`, [`after "${last}" at ${new URL(page.url()).pathname}: ${error.message}`]);
  }
  await window.close();
  if (scripts) for (const [name, path] of open) await weighed(lang, name, path);
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

/** A check that cannot fail proves nothing: each must notice a page that was spoiled for it. */
async function spoil() {
  const ways = [
    ["grey words", /color-contrast/, (page) => page.evaluate(() => (document.querySelector("h1").style.color = "#ccc"))],
    ["a field without a name", /label/, (page) => page.evaluate(() => document.querySelector("main").append(document.createElement("input")))],
    ["something wide", /wider than 320 px/, (page) => page.evaluate(() => (document.querySelector("h1").style.minWidth = "400px"))],
    ["another host", /asks |console/, (page) => page.evaluate(() => fetch("http://other.invalid/").catch(() => {}))],
    ["a script's error", /script: spoiled/, (page) => page.evaluate(() => void setTimeout(() => { throw new Error("spoiled"); }))],
    ["a missing file", /console/, (page) => page.evaluate(() => fetch("/assets/no-such-file.css"))],
    ["a script in the page", /content policy: script-src/, (page) => page.evaluate(() => add("script", { textContent: "1" }))],
    ["facts that cannot be read", /facts: /, (page) => page.evaluate(() => add("script", { type: "application/ld+json", textContent: "{" }))],
    ["a frame that is taken away", /keyboard: no frame/, (page) => page.evaluate(() => (document.querySelector("#q").style.outline = "none"))],
    ["an order of its own", /keyboard: /, (page) => page.evaluate(() => (document.querySelector("#q").tabIndex = 5))],
    ["what no key reaches", /keyboard: .*passed over/, (page) => page.evaluate(() => (document.querySelector("#q").tabIndex = -1))],
    ["a trap", /keyboard: back to/, (page) => page.evaluate(() => document.querySelector("#city").addEventListener("blur", () => document.querySelector("#q").focus()))],
    ["a button on paper", /on paper: nobody/, (page) => page.evaluate(() => add("button", { textContent: "Print" }))],
    ["something too wide for paper", /wider than a sheet/, (page) => page.evaluate(() => (document.querySelector("h1").style.minWidth = "900px"))],
    ["grey words on paper", /axe, on paper: color-contrast/, (page) => page.evaluate(() => (document.querySelector("h1").style.color = "#ccc"))],
  ];
  for (const [name, expected, act] of ways) {
    const window = await openWindow(browser, base, { viewport: PHONE });
    await window.page.goto(`${base}/ru/`, { waitUntil: "load" });
    await window.page.evaluate(() => (window.add = (kind, fields) => void document.querySelector("main").append(Object.assign(document.createElement(kind), fields))));
    await act(window.page);
    const found = await faultsOf(window);
    tell(`${name} would be noticed`, found.some((fault) => expected.test(fault)) ? [] : [`found: ${found.join("; ") || "nothing"}`]);
    await window.close();
  }
  const heavy = { headers: () => ({ "content-type": "font/woff2" }), body: () => Buffer.alloc(61 * 1024) };
  const { faults } = await faultsOfWeight([heavy]);
  tell("a heavy page would be noticed", faults.length === 1 ? [] : [`found: ${faults.join("; ") || "nothing"}`]);
}

function tell(what, faults) {
  if (faults.length > 0) failed += 1;
  console.log(faults.length === 0 ? `ok      ${what}` : `FAILED  ${what}`);
  for (const fault of faults) console.log(`        ${fault}`);
}
