// node sheet.mjs BASE [KEY]: pictures of every screen of the tour and of the round, at 360 and 1280 px, in each language. The pictures go to out/
// (not kept in git), and one contact sheet per language and width to docs/contact-sheet.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

import { launch, openWindow } from "./browser.mjs";
import { round } from "./round.mjs";
import { LANGUAGES, tour } from "./tour.mjs";

const base = process.argv[2].replace(/\/$/, "");
const partner = process.argv[3];
const out = new URL("out/", import.meta.url);
const sheets = new URL("../../docs/contact-sheet/", import.meta.url);
/** Page width, window height, the width of one picture on the sheet, pictures in a row, how much of a long page is shown. */
const SHAPES = [
  { width: 360, height: 740, shown: 216, row: 8, longest: 1250 },
  { width: 1280, height: 800, shown: 400, row: 4, longest: 1400 },
];

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await mkdir(sheets, { recursive: true });
const browser = await launch();
for (const lang of LANGUAGES) {
  for (const shape of SHAPES) {
    const screens = await photograph(lang, shape);
    const name = `${lang}-${shape.width}.webp`;
    const bytes = await compose(screens, shape, `${lang}, ${shape.width} px`);
    await writeFile(new URL(name, sheets), bytes);
    console.log(`${name}: ${screens.length} screens, ${Math.round(bytes.length / 1024)} KiB`);
  }
}
await browser.close();

async function photograph(lang, { width, height, longest }) {
  const window = await openWindow(browser, base, { locale: lang, viewport: { width, height } });
  const screens = [];
  const seen = async (name) => {
    const number = String(screens.length + 1).padStart(2, "0");
    const path = new URL(`${lang}-${width}-${number}-${name.replaceAll(/[^a-z]+/g, "-")}.png`, out);
    // What lies under the mouse looks different.
    await window.page.mouse.move(0, 0);
    const whole = await window.page.evaluate(() => document.documentElement.scrollHeight);
    const clip = { x: 0, y: 0, width, height: Math.max(height, Math.min(whole, longest)) };
    await window.page.screenshot({ path: path.pathname, fullPage: true, clip });
    screens.push({ name: `${number} ${name}`, path });
  };
  await tour({ page: window.page, base, lang, partner, seen });
  await round({ page: window.page, base, lang, seen });
  await window.close();
  return screens;
}

/** Lays the pictures out on a page of our own and lets the browser encode it. */
async function compose(screens, { shown, row }, title) {
  const page = await browser.newPage();
  const pictures = await Promise.all(
    screens.map(async ({ name, path }) => ({ name, data: (await readFile(path)).toString("base64") })),
  );
  const encoded = await page.evaluate(draw, { pictures, shown, row, title });
  await page.close();
  return Buffer.from(encoded.split(",")[1], "base64");
}

/** Runs in the page: rows of pictures with their names, as one WebP data address. */
async function draw({ pictures, shown, row, title }) {
  const gap = 16;
  const label = 22;
  const images = await Promise.all(
    pictures.map(async ({ name, data }) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      return { name, image, height: Math.round((image.height * shown) / image.width) };
    }),
  );
  const rows = [];
  for (let at = 0; at < images.length; at += row) rows.push(images.slice(at, at + row));
  const tallest = (line) => Math.max(...line.map(({ height }) => height));
  const canvas = document.createElement("canvas");
  canvas.width = row * (shown + gap) + gap;
  canvas.height = rows.reduce((sum, line) => sum + tallest(line) + label + gap, gap + label);
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#777";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.fillStyle = "#fff";
  brush.font = "bold 14px sans-serif";
  brush.fillText(title, gap, gap + 8);
  brush.font = "13px sans-serif";
  let top = gap + label;
  for (const line of rows) {
    line.forEach(({ name, image, height }, column) => {
      const left = gap + column * (shown + gap);
      brush.fillText(name, left, top + 12);
      brush.drawImage(image, left, top + label - 4, shown, height);
    });
    top += tallest(line) + label + gap;
  }
  return canvas.toDataURL("image/webp", 0.45);
}
