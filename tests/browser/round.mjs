// Round the guide: a city, its lists, an examination, its device, a clinic, a specialty; and the ways of booking that the tour does not
// take: an examination by keyboard alone, a child, a visit that is asked for where there are no live times.

import assert from "node:assert/strict";

import { press } from "./looks.mjs";
import { inOutbox } from "./others.mjs";
import { LANGUAGES, NAMES, stepsOn, test } from "./tour.mjs";

const CITY = "saint-petersburg";
const CHILDREN = { kk: "Дана Сәрсенова", ru: "Варя Соколова", en: "Daisy Wright" };
/** The demo's doctor whose hours are not on the site. */
const ASKED = { kk: "Тишинская", ru: "Тишинская", en: "Tishinskaya" };

/** Goes round in one language; `seen(name, open)` is awaited on every screen, `open` is true where anybody may look. */
export async function round({ page, base, lang, seen, scripts = true }) {
  const { go, follow, submit, submitUnchecked, firstTime } = stepsOn(page, base);
  const open = (name) => seen(name, true);

  await go(`/${lang}/${CITY}`);
  assert.ok(LANGUAGES.includes(await page.locator("html").getAttribute("lang")));
  await open("city");
  await follow(page.locator(`main a[href="/${lang}/${CITY}/clinics"]`));
  await open("clinics of a city");
  await go(`/${lang}/${CITY}/examinations`);
  await open("examinations of a city");
  await follow(page.locator('main a[href$="/examinations/mri-brain"]'));
  await open("examination");
  await go(`/${lang}/${CITY}/examinations/gastroscopy`);
  await open("examination with a doctor");
  await go(`/${lang}/${CITY}/examinations/mri-brain`);
  await follow(page.locator("article.no-face h3 a").first());
  await open("device");
  const device = new URL(page.url()).pathname;
  await follow(page.locator('.visit-facts a[href*="/clinics/"]'));
  await open("clinic");
  await go(`/${lang}/clinics/00000000-0000-4000-8000-000000000000-nowhere`);
  await seen("a clinic that is not there");

  // An examination, by keyboard alone: the time, the form's fields, the consent.
  await go(device);
  if (scripts) await Promise.all([page.waitForEvent("load"), press(page, firstTime(), "Enter")]);
  else await follow(firstTime());
  await seen("examination: name and phone");
  const details = test("details-form");
  if (scripts) {
    const type = async (name, text) => {
      await press(page, page.locator(test(name)), "End");
      await page.keyboard.type(text);
    };
    await type("name", NAMES[lang]);
    if ((await page.locator(test("age")).count()) > 0) await type("age", "40");
    await type("phone", somePhone());
    await press(page, page.locator(test("consent")), "Space");
    await Promise.all([page.waitForEvent("load"), press(page, page.locator(`${details} button.large`), "Enter")]);
    assert.match(page.url(), /\/code$/, "a keyboard is enough");
  }

  // A child, whom only somebody else can book.
  await go(`/${lang}/${CITY}/paediatrician`);
  await open("specialty of children in a city");
  await follow(page.locator('main article a[href*="/doctors/"]').first());
  await follow(firstTime());
  await seen("a child: name and phone");
  assert.equal(await page.locator(test("whom-self")).count(), 0, "no child books for itself");
  assert.equal(await page.locator(test("name")).inputValue(), "", "what somebody has typed of themselves is no child's name");
  await page.locator(test("representative")).fill("");
  await page.locator(test("name")).fill(CHILDREN[lang]);
  await page.locator(test("age")).fill("6");
  assert.equal(await page.locator(`${test("relation")} [value="child"]`).count(), 0, "nobody of six has a grown son");
  await submitUnchecked(details);
  assert.equal(await page.locator("#relation-error, #representative-error, #declaration-error").count(), 3);
  await seen("a child: with faults");
  const phone = somePhone();
  await page.locator(test("relation")).selectOption("parent");
  await page.locator(test("representative")).fill(NAMES[lang]);
  await page.locator(test("declaration")).check();
  await page.locator(test("phone")).fill(phone);
  await page.locator(test("consent")).check();
  await submit(details);
  await confirm(page, base, phone, submit);
  await seen("a child: visit");

  // Where there are no live times a visit is asked for.
  await go(`/${lang}/search?city=${CITY}&q=${encodeURIComponent(ASKED[lang])}`);
  await follow(page.locator('main article a[href*="/doctors/"]').first());
  await open("a visit to ask for");
  const form = test("ask-form");
  await submit(form);
  assert.equal(await page.locator("#when-error").count(), 1, "some day must be ticked");
  await seen("a visit to ask for: no day");
  await page.locator(test("ask-day")).nth(1).check();
  await page.locator(test("ask-day")).nth(2).check();
  await page.locator(test("ask-part")).nth(0).check();
  await submit(form);
  await seen("request: name and phone");
  // Another number: the first one has had its code for this minute.
  const other = somePhone();
  await page.locator(test("name")).fill(NAMES[lang]);
  await page.locator(test("phone")).fill(other);
  await page.locator(test("consent")).check();
  await submit(details);
  await seen("request: code");
  await confirm(page, base, other, submit);
  assert.equal(await page.locator("main time").count(), 0, "a request has no time, and shows none");
  await seen("request");
}

async function confirm(page, base, phone, submit) {
  await page.locator(test("code")).fill(await inOutbox(base, phone, /(?<!\d)\d{6}(?!\d)/));
  await submit(test("code-form"));
  assert.match(new URL(page.url()).pathname, /^\/\w\w\/visits\/[^/]+$/);
}

function somePhone() {
  return `+7000${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
}
