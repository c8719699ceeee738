// What a registrar keeps true: the doctor's calendar, with a second visit beside one that stands only by a second word, and how the clinic hears.

import assert from "node:assert/strict";

import { comeIn, goOut } from "./staff.mjs";
import { stepsOn, test } from "./tour.mjs";

/** Hours that no way before has used. */
let hours = 8;

/** Goes through a registrar's pages in one language. */
export async function clinic({ page, base, lang, seen }) {
  const { go, follow, submitUnchecked } = stepsOn(page, base);
  hours += 1;
  const hour = String(hours).padStart(2, "0");
  await comeIn(page, base, lang, "registrar");
  await follow(page.locator('.staff-top a[href$="/staff/calendar"]'));
  await seen("calendar: a day");
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const role = await page.locator("#role").inputValue();
  await go(`/${lang}/staff/calendar?role=${role}&date=${day}`);

  await page.locator("#from").fill(`${hour}:00`);
  await page.locator("#to").fill(`${hour}:30`);
  await follow(page.locator(test("calendar-block")));
  assert.equal(await page.locator(test("calendar-entry"), { hasText: `${hour}:00` }).count(), 1);
  await seen("calendar: a blocked time");
  await page.locator("#time").fill(`${hour}:00`);
  await follow(page.locator(test("calendar-own")));
  await seen("calendar: something stands there");
  await follow(page.locator(test("calendar-sure")));
  assert.equal(await page.locator(test("calendar-entry"), { hasText: `${hour}:00` }).count(), 2);
  await page.locator("#from").fill(`${hour}:30`);
  await page.locator("#to").fill(`${hour}:00`);
  await follow(page.locator(test("calendar-block")));
  assert.equal(await page.locator(test("calendar-refused")).count(), 1);
  await seen("calendar: no stretch of time");
  const before = await page.locator(test("calendar-entry")).count();
  await follow(page.locator(test("calendar-back")).first());
  assert.equal(await page.locator(test("calendar-entry")).count(), before - 1);

  await follow(page.locator('.staff-top a[href$="/staff/way"]'));
  await seen("way: how the clinic hears");
  await page.locator(test("way-mail")).fill("no address");
  await submitUnchecked(test("way-form"));
  assert.equal(await page.locator("#mail-error").count(), 1);
  await seen("way: a fault");
  await page.locator(test("way-mail")).fill("registry@clinic.example");
  await follow(page.locator(test("way-save")));
  await seen("way: chosen");
  await page.locator(test("way-mail")).fill("");
  await follow(page.locator(test("way-save")));
  await go(`/${lang}/staff/day`);
  if ((await page.locator(test("staff-open-all")).count()) > 0) {
    await follow(page.locator(test("staff-open-all")));
    await seen("staff: everybody of a day");
  }
  await go(`/${lang}/staff`);
  await goOut(page);
}
