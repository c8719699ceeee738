// A call at the desk, with the keyboard alone: somebody with a landline is booked while they talk; they call again, show who they are, move the
// visit and call it off; a child is booked for, and somebody does not agree.

import assert from "node:assert/strict";

import { comeIn, goOut } from "./staff.mjs";
import { NAMES, stepsOn, test } from "./tour.mjs";

const WORDS = { kk: "терапевт", ru: "терапевт", en: "therapist" };
/** Stops of the keyboard between two fields at most, before the way is lost. */
const STOPS_MAX = 40;
/** Numbers that nobody has. */
let numbers = 0;

/** Goes the way of a call in one language; says how many keys it took, and how long. */
export async function call({ page, base, lang, seen, scripts }) {
  const { go, follow } = stepsOn(page, base);
  numbers += 1;
  const number = `8812309${String(8000 + numbers)}`;
  let keys = 0;
  const press = async (key) => {
    keys += 1;
    await page.keyboard.press(key);
  };
  const type = async (text) => {
    keys += text.length;
    await page.keyboard.type(text);
  };
  /** Presses Enter, after which another page comes. */
  const enter = async () => {
    keys += 1;
    await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  };
  /** By Tab to the first field or button that fits. */
  const to = async (wanted) => {
    for (let stops = 0; stops < STOPS_MAX; stops += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, wanted)) return;
      await press("Tab");
    }
    throw new Error(`the keyboard does not come to ${wanted}`);
  };

  await comeIn(page, base, lang, "agent");
  await follow(page.locator('.staff-top a[href$="/staff/desk"]'));
  await seen("call: nobody on the line");
  await go(`/${lang}/staff/desk`);
  await type("12");
  await enter();
  assert.equal(await page.locator(test("call-number")).inputValue(), "12", "what was typed stands there");
  await seen("call: a number that is none");
  await go(`/${lang}/staff/desk`);

  keys = 0;
  const begun = Date.now();
  await type(number);
  await enter();
  assert.equal(await page.locator(test("new-caller")).count(), 1);
  await to("#q");
  await type(WORDS[lang]);
  await enter();
  await to("[data-time]");
  await enter();
  await to("#name");
  await type(NAMES[lang]);
  await to("#consent");
  await press("Space");
  await enter();
  const took = Date.now() - begun;
  const told = await page.locator(test("done-number")).textContent();
  assert.match(told, /^\d{4}-\d{4}$/);
  if (scripts) console.log(`        ${lang}: booked by phone with ${keys} keys in ${took} ms, of which ${number.length + WORDS[lang].length + NAMES[lang].length} are letters`);
  await seen("call: booked, to be read out");
  await go(`/${lang}/staff/desk`);
  await follow(page.locator(test("done-read")));
  await seen("call: what next");
  await follow(page.locator(test("call-end")));

  await page.locator(test("call-number")).fill(number);
  await follow(page.locator(test("call-begin")));
  assert.equal(await page.locator("main").getByText(NAMES[lang]).count(), 0, "masked");
  await seen("call: who is calling");
  await follow(page.locator(test("shown-caller_said_name")).first());
  assert.equal(await page.locator(test("caller-name")).textContent(), NAMES[lang]);
  await seen("call: a caller who has shown who they are");
  await follow(page.locator(test("visit-move")));
  await seen("call: another time");
  await follow(page.locator(test("move-time")).last());
  assert.equal(await page.locator(test("done-number")).textContent(), told, "the same visit");
  await follow(page.locator(test("done-read")));
  await page.locator(test("visit-off")).click();
  await follow(page.locator(test("visit-off-sure")));
  assert.equal(await page.locator(test("caller-visit")).count(), 0);
  await seen("call: called off");

  await go(`/${lang}/staff/desk?q=${encodeURIComponent(WORDS[lang])}`);
  await seen("call: who fits");
  await follow(page.locator(test("found-time")).first());
  await page.locator(test("whom-other")).check();
  await follow(page.locator(test("call-book")));
  assert.ok((await page.locator(".error").count()) >= 3, "each fault stands beside its field");
  await seen("call: for another person, with faults");
  await page.locator(test("call-not-agreed")).check();
  await follow(page.locator(test("call-book")));
  assert.equal(await page.locator(test("call-said")).count(), 1);
  await seen("call: not agreed");
  await go(`/${lang}/staff/desk?q=%D0%B7%D0%B7%D0%B7%D0%B7`);
  await seen("call: nobody fits");
  await follow(page.locator(test("call-end")));
  await go(`/${lang}/staff`);
  await goOut(page);
}
