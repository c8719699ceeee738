// One person's way through the pages: from the first one to a booked, moved and cancelled visit, past the errors that people
// make and the bad luck that they have. The walk and the contact sheet follow it with different eyes.

import assert from "node:assert/strict";

import { bookElsewhere, inOutbox, takeFirst } from "./others.mjs";

export const LANGUAGES = ["kk", "ru", "en"];

const SEARCHED = { kk: "кардиолог", ru: "кардиолог", en: "cardiologist" };
export const NAMES = { kk: "Айгүл Сәрсенова", ru: "Анна Соколова", en: "Anna Wright" };

export const test = (name) => `[data-test="${name}"]`;

/**
 * Goes the whole way in one language. `seen(name)` is awaited on every screen, in the order in which a person meets them.
 * Steps are found by their `data-test` names, so the same way works in every language and without JavaScript. With a
 * partner's key the person also has another visit at the same time, and meets the question which of the two to keep.
 */
export async function tour({ page, base, lang, partner, seen }) {
  const { go, follow, submit, submitUnchecked, firstTime } = stepsOn(page, base);

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
  await go(`/${lang}/search?city=almaty&child=true&sort=price`);
  await page.locator(`${form} .filters-more`).evaluate((details) => details.setAttribute("open", ""));
  await seen("results, filtered");
  await go(`/${lang}/almaty/therapist`);
  await seen("city and specialty");
  await go(`/${lang}/search?q=${encodeURIComponent(SEARCHED[lang])}`);
  await follow(page.locator('main a[href*="/doctors/"]').first());
  await seen("doctor");

  await takeFirst(base, await offer(firstTime()));
  await follow(firstTime());
  await seen("taken");
  const chosen = await offer(firstTime());
  await follow(firstTime());
  const details = test("details-form");
  await seen("name and phone");
  assert.ok(await page.locator(test("whom-self")).isChecked());
  await page.locator(test("whom-other")).check();
  assert.ok(await page.locator(test("representative")).isVisible());
  assert.equal(await page.locator(test("declaration")).isChecked(), false, "nothing is declared for anybody beforehand");
  await seen("name and phone, for another person");
  await submitUnchecked(details);
  assert.equal(await page.locator("#declaration-error, #relation-error, #representative-error").count(), 3);
  await seen("for another person, with faults");
  await page.locator(test("representative")).fill(NAMES[lang]);
  const other = LANGUAGES[(LANGUAGES.indexOf(lang) + 1) % LANGUAGES.length];
  await follow(page.locator(`.languages [lang="${other}"]`));
  await follow(page.locator(`.languages [lang="${lang}"]`));
  assert.equal(await page.locator(test("representative")).inputValue(), NAMES[lang], "another language keeps what was not sent");
  await page.locator(test("whom-self")).check();
  assert.ok(!(await page.locator(test("representative")).isVisible()));
  await submitUnchecked(details);
  assert.ok((await page.locator('[aria-invalid="true"]').count()) > 0, "an empty form is answered with its faults");
  await seen("name and phone, with faults");
  const asked = new URL(page.url()).pathname;
  await go(await page.locator(details).locator('a[href*="/consent"]').first().getAttribute("href"));
  await seen("consent");
  await go(asked);
  const phone = `+7000${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
  if (partner) await bookElsewhere(base, partner, chosen, { name: NAMES[lang], phone, lang });
  assert.equal(await page.locator(test("consent")).isChecked(), false, "consent is never ticked beforehand");
  await page.locator(test("name")).fill(NAMES[lang]);
  await page.locator(test("phone")).fill(phone);
  // A doctor who does not see every age asks for it.
  if ((await page.locator(test("age")).count()) > 0) await page.locator(test("age")).fill("40");
  await page.locator(test("consent")).check();
  await submit(details);

  const codeForm = test("code-form");
  await seen("code");
  const code = await inOutbox(base, phone, /(?<!\d)\d{6}(?!\d)/);
  await page.locator(test("code")).fill(code === "000000" ? "000001" : "000000");
  await submit(codeForm);
  await seen("code, wrong");
  await page.locator(test("code")).fill(code);
  await submit(codeForm);
  if (partner) {
    await seen("two visits at one time");
    await follow(page.locator(test("clash-instead")));
  }

  const visit = new URL(page.url()).pathname;
  assert.match(visit, new RegExp(`^/${lang}/visits/[^/]+$`));
  assert.match(await page.locator(test("visit-number")).innerText(), /\d/);
  const booked = await page.locator(test("visit-state")).innerText();
  const first = await startOf(page, base, visit);
  await seen("visit");

  const id = visit.split("/").at(-1);
  await go(await inOutbox(base, phone, new RegExp(`/${lang}/v/${id}\\.[\\w-]+`)));
  assert.equal(new URL(page.url()).pathname, visit, "the link of the message leads to the visit");
  await go(await inOutbox(base, null, new RegExp(`/clinic/visits/${id}\\.[\\w-]+`)));
  assert.equal(await page.locator("html").getAttribute("lang"), lang, "the clinic's page speaks the browser's language");
  const clinicSees = await page.locator("main").innerText();
  for (const personal of [NAMES[lang], phone.slice(-7), `${phone.slice(-4, -2)}-${phone.slice(-2)}`]) {
    assert.ok(!clinicSees.includes(personal), "the clinic sees no person");
  }
  await seen("visit, as the clinic sees it");
  await go(`/${lang}/demo/outbox`);
  await seen("outbox");

  await go(visit);
  await follow(page.locator(test("move-link")));
  await seen("move");
  await follow(firstTime(test("move-form")));
  assert.equal(new URL(page.url()).pathname, visit, "a moved visit keeps its address");
  assert.notEqual(await startOf(page, base, visit), first, "the visit has another time");
  await seen("visit, moved");

  await follow(page.locator(test("cancel-link")));
  await seen("cancel");
  await follow(page.locator(test("cancel-confirm")));
  assert.equal(new URL(page.url()).pathname, visit);
  assert.notEqual(await page.locator(test("visit-state")).innerText(), booked, "a cancelled visit says so");
  await seen("visit, cancelled");

  await go(`/${lang}/policy`);
  await seen("policy");
  await go(`/${lang}/no-such-page`);
  await seen("not found");
}

/** The steps of which every way through the pages is made. */
export function stepsOn(page, base) {
  const go = (path) => page.goto(`${base}${path}`, { waitUntil: "load" });
  /** Clicks and waits for the page that comes. */
  const follow = async (control) => {
    await Promise.all([page.waitForEvent("load"), control.click()]);
  };
  const submit = (form) => follow(page.locator(`${form} [type="submit"], ${form} button:not([type])`).first());
  /** Submits a form without the browser's own checks, so that the server's are met. */
  const submitUnchecked = async (form) => {
    await page.locator(form).first().evaluate((element) => element.setAttribute("novalidate", ""));
    await submit(form);
  };
  const firstTime = (within = "") => page.locator(`${within} ${test("slot")}`).first();
  return { go, follow, submit, submitUnchecked, firstTime };
}

/** The time behind a slot's button: whose schedule, and when. */
async function offer(slot) {
  const role = await slot.evaluate((button) => button.form.elements.role.value);
  return { role, start: await slot.getAttribute("value") };
}

/** When the visit begins, as its calendar file says. */
async function startOf(page, base, visit) {
  const file = await page.context().request.get(`${base}${visit}/calendar.ics`);
  assert.equal(file.status(), 200, "the calendar file");
  return (await file.text()).match(/DTSTART[^\r\n]*/)[0];
}
