// One person's way through the pages: from the first one to a booked, moved and cancelled visit, and past the errors that
// people make. The walk and the contact sheet follow it with different eyes.

import assert from "node:assert/strict";

export const LANGUAGES = ["kk", "ru", "en"];

const SEARCHED = { kk: "кардиолог", ru: "кардиолог", en: "cardiologist" };
const NAMES = { kk: "Айгүл Сәрсенова", ru: "Анна Соколова", en: "Anna Wright" };

const test = (name) => `[data-test="${name}"]`;

/**
 * Goes the whole way in one language. `seen(name)` is awaited on every screen, in the order in which a person meets them.
 * Steps are found by their `data-test` names, so the same way works in every language and without JavaScript.
 */
export async function tour({ page, base, lang, seen }) {
  const go = (path) => page.goto(`${base}${path}`, { waitUntil: "load" });
  /** Submits the form that holds `control` without the browser's own checks, so that the server's are met. */
  const submitUnchecked = async (form) => {
    await page.locator(form).first().evaluate((element) => element.setAttribute("novalidate", ""));
    await submit(form);
  };
  const submit = (form) => follow(page.locator(`${form} [type="submit"], ${form} button:not([type])`).first());
  /** Clicks and waits for the page that comes. */
  const follow = async (control) => {
    await Promise.all([page.waitForEvent("load"), control.click()]);
  };

  await go(`/${lang}/`);
  assert.equal(await page.locator("html").getAttribute("lang"), lang);
  await seen("home");

  const form = test("search-form");
  await page.locator(`${form} [name="q"]`).fill("ззззз");
  await submit(form);
  await seen("nothing found");
  await go(`/${lang}/`);
  await page.locator(`${form} [name="q"]`).fill(SEARCHED[lang]);
  await submit(form);
  await seen("results");
  await go(`/${lang}/almaty/therapist`);
  await seen("city and specialty");
  await go(`/${lang}/search?q=${encodeURIComponent(SEARCHED[lang])}`);
  await follow(page.locator('a[href*="/doctors/"]').first());
  await seen("doctor");

  await follow(page.locator(test("slot")).first());
  const details = test("details-form");
  await seen("name and phone");
  await submitUnchecked(details);
  assert.equal(await page.locator('[aria-invalid="true"]').count() > 0, true, "an empty form is answered with its faults");
  await seen("name and phone, with faults");
  const [consent] = await page.locator(details).locator('a[href*="/consent"]').all();
  if (consent) {
    const back = page.url();
    await go(await consent.getAttribute("href"));
    await seen("consent");
    await go(new URL(back).pathname.replace(/\/$/, ""));
  }
  const phone = `+7000${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
  assert.equal(await page.locator(test("consent")).isChecked(), false, "consent is never ticked beforehand");
  await page.locator(test("name")).fill(NAMES[lang]);
  await page.locator(test("phone")).fill(phone);
  await page.locator(test("consent")).check();
  await submit(details);

  const codeForm = test("code-form");
  await seen("code");
  const code = await readCode(base, phone);
  await page.locator(test("code")).fill(code === "000000" ? "000001" : "000000");
  await submit(codeForm);
  await seen("code, wrong");
  await page.locator(test("code")).fill(code);
  await submit(codeForm);

  const visit = new URL(page.url()).pathname;
  assert.match(visit, new RegExp(`^/${lang}/visits/[^/]+$`));
  assert.match(await page.locator(test("visit-number")).innerText(), /\d/);
  const booked = await page.locator(test("visit-state")).innerText();
  const firstTime = await startOf(page, base, visit);
  await seen("visit");

  await follow(page.locator(test("move-link")));
  await seen("move");
  await follow(page.locator(test("move-slot")).first());
  assert.equal(new URL(page.url()).pathname, visit, "a moved visit keeps its address");
  assert.notEqual(await startOf(page, base, visit), firstTime, "the visit has another time");
  await seen("visit, moved");

  await follow(page.locator(test("cancel-link")));
  await seen("cancel");
  await follow(page.locator(test("cancel-confirm")));
  assert.equal(new URL(page.url()).pathname, visit);
  assert.notEqual(await page.locator(test("visit-state")).innerText(), booked, "a cancelled visit says so");
  await seen("visit, cancelled");

  await go(`/${lang}/policy`);
  await seen("policy");
  await go(`/${lang}/demo/outbox`);
  await seen("outbox");
  await go(`/${lang}/no-such-page`);
  await seen("not found");
}

/** The code that the demo sent to this phone: from its outbox, since nothing really leaves. */
async function readCode(base, phone) {
  for (let tries = 0; tries < 50; tries += 1) {
    const answer = await fetch(`${base}/demo/outbox`);
    const { items } = await answer.json();
    const digits = (text) => text.replace(/\D/g, "");
    const codes = items
      .filter((item) => digits(item.phone) === digits(phone))
      .map((item) => item.text.match(/(?<!\d)\d{6}(?!\d)/)?.[0]);
    const [code] = codes.filter(Boolean);
    if (code) return code;
    // Messages leave by jobs: a moment after the answer.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no code came to the outbox within 5 s");
}

/** When the visit begins, as its calendar file says. */
async function startOf(page, base, visit) {
  const file = await page.context().request.get(`${base}${visit}/calendar.ics`);
  assert.equal(file.status(), 200, "the calendar file");
  return (await file.text()).match(/DTSTART[^\r\n]*/)[0];
}
