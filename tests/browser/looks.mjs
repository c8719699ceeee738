// What is asked of every page that is shown: the rules of WCAG, room on the narrowest phone, the keyboard, paper, its weight.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

import { openWindow } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
export const PHONE = { width: 360, height: 740 };
/** A sheet of A4 between its margins, in CSS pixels. */
const PAPER = { width: 718, height: 1000 };
/** What a page loads before it can be used: its text compressed, its type as it is. Portraits come later. */
const PAGE_BYTES_MAX = 60 * 1024;
/** What can be reached by keyboard on one page at most: more would be a page without end. */
const STOPS_MAX = 600;

export const looked = { runs: 0, passes: 0, stops: 0 };

/** Everything that is wrong with the page that is shown: with keyboard and paper, or without. axe and the keyboard need JavaScript. */
export async function faultsOf({ page, faults }, { scripts = true, whole = true } = {}) {
  const found = await sideways(page);
  for (const colorScheme of scripts ? ["dark", "light"] : []) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page, colorScheme, RULES)));
  }
  found.push(...(await facts(page)));
  if (whole) found.push(...(await onPaper(page, scripts)));
  if (scripts && whole) found.push(...(await byKeyboard(page)));
  return [...faults(), ...found];
}

/** What is wider than the narrowest phone. */
async function sideways(page) {
  await page.setViewportSize({ width: 320, height: 740 });
  const wide = await wider(page, "320 px");
  await page.setViewportSize(PHONE);
  return wide;
}

async function wider(page, room) {
  const out = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > room + 1);
    return out.slice(-3).map((one) => `<${one.localName} class="${one.className}">`);
  });
  return out.map((one) => `wider than ${room}: ${one}`);
}

/** On paper nothing can be pressed but free times are told, nothing is cut off, and all of it can be read, whatever the screen's colours. */
async function onPaper(page, scripts) {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.setViewportSize(PAPER);
  const found = await wider(page, "a sheet of paper");
  const useless = await page.evaluate(() => {
    const pressed = [...document.querySelectorAll("button:not(.time), nav.languages, .skip")].filter((one) => one.checkVisibility());
    return pressed.slice(0, 3).map((one) => `<${one.localName} class="${one.className}">`);
  });
  found.push(...useless.map((one) => `on paper: nobody can press ${one}`));
  if (!(await page.locator("h1").first().isVisible())) found.push("on paper: the heading is missing");
  if (scripts) found.push(...(await violations(page, "on paper", ["color-contrast"])));
  await page.emulateMedia({ media: "screen", colorScheme: "light" });
  await page.setViewportSize(PHONE);
  return found;
}

/** The browser keeps what machines read of the page, and it can be read. */
async function facts(page) {
  const blocks = await page.locator('script[type="application/ld+json"]').allTextContents();
  return blocks.flatMap((block) => {
    try {
      return JSON.parse(block)["@graph"].every((node) => node["@type"]) ? [] : ["facts: a node without a type"];
    } catch (error) {
      return [`facts: ${error.message}`];
    }
  });
}

/**
 * From the head of the page with the Tab key: the first stop leads past the head, everything that can be pressed or filled in has
 * its turn in the order of the page, wears a frame while it has it, and lies in sight; and the way ends.
 */
async function byKeyboard(page) {
  // While a part of the page rests, the rest is a screen of its own: the filters on a phone, which filters.mjs walks.
  if ((await page.locator("[inert]").count()) > 0) return [];
  const expected = await page.evaluate(() => {
    const selector = "a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']";
    const all = [...document.querySelectorAll(selector)].filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
    // Of the radio buttons of one name only the chosen one has a turn.
    const stops = all.filter((one) => one.type !== "radio" || one.checked);
    window.stopsOfKeyboard = stops;
    // The way begins at the head of the page.
    document.documentElement.scrollTo(0, 0);
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    return stops.length;
  });
  const found = [];
  let last = -1;
  for (let presses = 0; presses < Math.min(expected, STOPS_MAX) + 20; presses += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      const style = getComputedStyle(one);
      const box = one.getBoundingClientRect();
      return {
        at: window.stopsOfKeyboard.indexOf(one),
        name: `<${one.localName} class="${one.className}"> ${one.innerText?.trim().slice(0, 30) ?? ""}`,
        framed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        date: ["date", "month", "time"].includes(one.type),
        skip: one.classList.contains("skip"),
      };
    });
    if (!stop) break;
    // A part of the page that scrolls has a turn of its own.
    if (stop.at < 0) continue;
    // A date has a stop for its day, its month and its year, a month for the last two, a time for its parts; they are marked inside its frame.
    if (stop.at === last && stop.date) continue;
    looked.stops += 1;
    if (presses === 0 && !stop.skip) found.push(`keyboard: the first stop does not lead past the head: ${stop.name}`);
    if (!stop.framed) found.push(`keyboard: no frame around ${stop.name}`);
    if (!stop.seen) found.push(`keyboard: out of sight: ${stop.name}`);
    if (stop.at <= last) {
      found.push(`keyboard: back to ${stop.name}: a trap, or an order of its own`);
      break;
    }
    if (stop.at > last + 1) found.push(`keyboard: ${stop.at - last - 1} passed over before ${stop.name}`);
    last = stop.at;
  }
  if (last !== expected - 1) found.push(`keyboard: the last ${expected - 1 - last} of ${expected} stops are not reached`);
  await page.evaluate(() => {
    document.activeElement?.blur();
    document.documentElement.scrollTo(0, 0);
  });
  return found.slice(0, 5);
}

/** Goes to a control with the Tab key alone and presses `key` there. */
export async function press(page, control, key) {
  for (let tries = 0; tries < STOPS_MAX; tries += 1) {
    if (await control.evaluate((one) => one === document.activeElement)) return page.keyboard.press(key);
    await page.keyboard.press("Tab");
  }
  throw new Error(`${control} is not reached by keyboard`);
}

/** What axe finds. */
export async function violations(page, where, rules = RULES) {
  await page.evaluate(axe);
  const found = await page.evaluate(
    (rules) => {
      const type = rules[0].startsWith("wcag") ? "tag" : "rule";
      return window.axe.run(document, { runOnly: { type, values: rules }, resultTypes: ["violations"] });
    },
    rules,
  );
  looked.runs += 1;
  looked.passes += found.passes.length;
  return found.violations.map(({ id, help, nodes }) => {
    const [node] = nodes;
    const why = (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? "";
    return `axe, ${where}: ${id}: ${help}: ${node.target.join(" ")} (${nodes.length}) ${why}`;
  });
}

/** What a page loads with an empty cache: a line about it, and what is wrong with it. */
export async function weigh(browser, base, path) {
  const window = await openWindow(browser, base, { viewport: PHONE });
  const answers = [];
  window.page.on("response", (answer) => answers.push(answer));
  await window.page.goto(`${base}${path}`, { waitUntil: "networkidle" });
  const faults = await faultsOfWeight(answers);
  await window.close();
  return faults;
}

export async function faultsOfWeight(answers) {
  const parts = await Promise.all(
    answers.map(async (answer) => {
      const bytes = await answer.body();
      const type = answer.headers()["content-type"] ?? "";
      return { kind: type.split(/[;/]/)[1], bytes: type.startsWith("font/") ? bytes.length : gzipSync(bytes).length };
    }),
  );
  const pictures = parts.filter(({ kind }) => kind === "svg+xml");
  const first = parts.filter(({ kind }) => kind !== "svg+xml");
  const sum = (list) => list.reduce((sum, { bytes }) => sum + bytes, 0);
  const list = first.map(({ kind, bytes }) => `${kind} ${bytes}`).join(", ");
  const faults = sum(first) > PAGE_BYTES_MAX ? [`more than ${PAGE_BYTES_MAX} bytes`] : [];
  if (!first.some(({ kind }) => kind === "woff2")) faults.push("no type was loaded: the figure says nothing");
  return { line: `${sum(first)} bytes (${list}), then ${pictures.length} pictures of ${sum(pictures)}`, faults };
}
