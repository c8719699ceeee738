// node walk.mjs BASE: goes the tour in each language and once without JavaScript; one line per screen, `ok` or `FAILED`.
//
// On every screen: axe (WCAG 2.2 AA) finds nothing in the light and in the dark, nothing scrolls sideways at 320 px, no
// other host is asked, the console is silent.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { launch, openWindow } from "./browser.mjs";
import { LANGUAGES, tour } from "./tour.mjs";

const base = process.argv[2].replace(/\/$/, "");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const PHONE = { width: 360, height: 740 };

const browser = await launch();
let failed = 0;
for (const lang of LANGUAGES) await walk(lang, true);
await walk("ru", false);
await browser.close();
process.exitCode = failed === 0 ? 0 : 1;

async function walk(lang, scripts) {
  const window = await openWindow(browser, base, { viewport: PHONE, javaScriptEnabled: scripts });
  const { page } = window;
  const way = `${lang}${scripts ? "" : " without JavaScript"}`;
  let last = "the first page";
  const seen = async (name) => {
    last = name;
    const faults = window.faults();
    faults.push(...(await sideways(page)));
    if (scripts) {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        faults.push(...(await violations(page, colorScheme)));
      }
      await page.emulateMedia({ colorScheme: "light" });
    }
    tell(`${way}: ${name}`, faults);
  };
  try {
    await tour({ page, base, lang, seen });
    tell(`${way}: the whole way`, window.faults());
  } catch (error) {
    tell(`${way}: the whole way`, [`after "${last}" at ${new URL(page.url()).pathname}: ${error.message}`]);
  }
  await window.close();
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
  return found.violations.map(({ id, help, nodes }) => {
    const [node] = nodes;
    const why = (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? "";
    return `axe, ${scheme}: ${id}: ${help}: ${node.target.join(" ")} (${nodes.length}) ${why}`;
  });
}

function tell(what, faults) {
  if (faults.length > 0) failed += 1;
  console.log(faults.length === 0 ? `ok      ${what}` : `FAILED  ${what}`);
  for (const fault of faults) console.log(`        ${fault}`);
}
