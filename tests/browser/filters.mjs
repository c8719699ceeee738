// The filters of the results page: by keyboard alone, on a phone, without JavaScript, for a screen reader; and the place of the
// person, asked for, refused and not had.

import assert from "node:assert/strict";

const PHONE = { width: 360, height: 740 };
const WIDE = { width: 1280, height: 900 };
const total = (page) => page.locator("[data-total]").getAttribute("data-total").then(Number);

/** Each way a person filters: its name, its window, and what is done. `check(name)` looks at the page as the walk does. */
export const WAYS = [
  { name: "by keyboard alone", window: { viewport: WIDE }, go: byKeyboard },
  { name: "on a phone", window: { viewport: PHONE, hasTouch: true }, go: onPhone },
  { name: "without JavaScript, on a phone", window: { viewport: PHONE, javaScriptEnabled: false }, go: withoutScript },
  { name: "near me", window: { viewport: WIDE, permissions: ["geolocation"], geolocation: { latitude: 55.7512, longitude: 37.6184 } }, go: nearMe },
  { name: "near me, refused", window: { viewport: PHONE }, go: refused },
];

/** What happens in place is over when the address is new: it changes after the page. */
async function settled(page, act) {
  const before = page.url();
  await act();
  await page.waitForFunction((before) => location.href !== before, before);
}

/** Presses Tab until the element with this id has the focus. */
async function tabTo(page, id) {
  for (let steps = 0; steps < 120; steps += 1) {
    await page.keyboard.press("Tab");
    const held = await page.evaluate(() => {
      const one = document.activeElement;
      const box = (one.closest("label") ?? one).getBoundingClientRect();
      const outlined = [one, one.nextElementSibling].some((seen) => seen && getComputedStyle(seen).outlineStyle !== "none");
      return { id: one.id, outlined, seen: box.bottom > 0 && box.top < innerHeight };
    });
    assert.ok(held.outlined && held.seen, `the focus on ${held.id || "a link"} can be seen`);
    if (held.id === id) return;
  }
  throw new Error(`Tab never came to ${id}`);
}

async function byKeyboard({ page, base, lang, check }) {
  await page.goto(`${base}/${lang}/search?city=moscow`, { waitUntil: "load" });
  const all = await total(page);
  await tabTo(page, "date-any");
  await settled(page, () => page.keyboard.press("ArrowRight"));
  assert.match(page.url(), /date=\d{4}-\d\d-\d\d/, "an arrow chooses a day at once");
  const first = new URL(page.url()).searchParams.get("date");
  // Late in the evening hardly a time is left of the first day, and a filter that brings nobody cannot be chosen: on to the next.
  await settled(page, () => page.keyboard.press("ArrowRight"));
  assert.match(await page.evaluate(() => document.activeElement.id), /^date-/, "the focus stays");
  await tabTo(page, "child-true");
  const promised = Number(await page.locator("#child-true + span .count").innerText());
  await settled(page, () => page.keyboard.press("Space"));
  assert.equal(await total(page), promised, "the number beside a value is what it brings");
  assert.equal(await page.evaluate(() => document.activeElement.id), "child-true");
  assert.equal(await page.locator("main > [data-said]").innerText(), await page.locator("[data-total]").innerText(), "the number is told");
  await check("by keyboard");
  await page.goBack();
  await page.locator("#child-true:not(:checked)").waitFor({ state: "attached" });
  assert.match(page.url(), /date=/, "Back takes the last filter away");
  await page.goBack();
  await page.locator(`#date-${first}:checked`).waitFor({ state: "attached" });
  await page.goBack();
  await page.locator("#date-any:checked").waitFor({ state: "attached" });
  assert.equal(await total(page), all, "and the one before it");
}

async function onPhone({ page, base, lang, check }) {
  await page.goto(`${base}/${lang}/search?city=almaty`, { waitUntil: "load" });
  const fold = page.locator(".filters-more > summary");
  await fold.click();
  const box = await page.locator(".filters-more").boundingBox();
  assert.deepEqual([box.width, box.height], [PHONE.width, PHONE.height], "the filters are the whole screen");
  assert.ok(await page.evaluate(() => document.querySelector("#found").inert), "what lies below rests");
  await settled(page, () => page.locator("label", { has: page.locator("#sex-f") }).click());
  const show = page.locator("[data-show]");
  const end = await show.boundingBox();
  assert.ok(end.y + end.height <= PHONE.height, "the button stays in sight");
  assert.match(await show.innerText(), new RegExp(String(await total(page))), "and says how many");
  await check("filters on a phone");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".filters-more").evaluate((details) => details.open), false, "Escape closes");
  assert.ok(await fold.evaluate((summary) => summary === document.activeElement), "and gives the focus back");
  await fold.click();
  await page.locator("[data-show]").click();
  await page.locator(".filters-more:not([open])").waitFor();
  await page.waitForFunction(() => document.activeElement.id === "found");
  const chips = page.locator(".chips a:not(.bare)");
  assert.equal(await chips.count(), 1);
  await settled(page, () => chips.first().click());
  assert.equal(await chips.count(), 0, "a chip takes its filter away");
  await check("results on a phone");
}

async function withoutScript({ page, base, lang }) {
  await page.goto(`${base}/${lang}/search?city=almaty`, { waitUntil: "load" });
  await page.locator(".filters-more > summary").click();
  await page.locator("label", { has: page.locator("#sex-f") }).click();
  await page.locator("#all-district summary, #district-alm-medeu").first().scrollIntoViewIfNeeded();
  await page.locator("#district-alm-medeu").check();
  await Promise.all([page.waitForEvent("load"), page.locator("[data-show]").click()]);
  assert.equal(new URL(page.url()).search, "?city=almaty&district=alm-medeu&sex=f", "an address without empty fields");
  assert.equal(await page.locator(".chips a:not(.bare)").count(), 2);
  const cards = await page.locator("article.card").count();
  assert.equal(cards, Math.min(20, await total(page)));
  await page.locator("#sort").selectOption("price");
  await Promise.all([page.waitForEvent("load"), page.locator(".order button").click()]);
  assert.match(page.url(), /sort=price/);
}

async function nearMe({ page, base, lang, check }) {
  await page.goto(`${base}/${lang}/search?city=moscow`, { waitUntil: "load" });
  assert.ok(!page.url().includes("near"), "nothing is asked before the press");
  await settled(page, () => page.locator("[data-near]").click());
  assert.match(page.url(), /near=55\.75,37\.62&sort=distance/, "the place is rounded");
  const far = await page.locator(".distance").allInnerTexts();
  const numbers = far.map((text) => Number(text.match(/\d+/)?.[0] ?? 0));
  assert.ok(numbers.length > 10 && numbers.every((one, at) => at === 0 || numbers[at - 1] <= one), `${numbers} stand in order`);
  await settled(page, () => page.locator("label", { has: page.locator("#sex-f") }).click());
  assert.match(page.url(), /near=55\.75,37\.62/, "another filter keeps the place");
  await check("near me");
}

async function refused({ page, base, lang, check }) {
  await page.goto(`${base}/${lang}/search?city=moscow`, { waitUntil: "load" });
  await page.locator(".filters-more > summary").click();
  const button = page.locator("[data-near]");
  await button.click();
  const denied = await button.getAttribute("data-denied");
  await page.locator("[data-near-said]", { hasText: denied }).waitFor();
  assert.ok(!page.url().includes("near="));
  await check("near me, refused");
}
