// A visit comes back answered: somebody with a landline is called by an agent, a clinic that never signs in proposes another time by its link, the
// person takes it; another clinic declines, a registrar confirms on her own page.

import assert from "node:assert/strict";

import { comeIn, goOut } from "./staff.mjs";
import { NAMES, stepsOn, test } from "./tour.mjs";

/** Numbers of landlines that nobody has, one for each way. */
let landlines = 0;

/** Goes the way of an answer in one language; `partner` books what is answered. */
export async function desk({ page, base, lang, partner, seen }) {
  const { go, follow } = stepsOn(page, base);
  const request = page.context().request;
  landlines += 1;
  const called = await book(`+7812309${String(9000 + landlines)}`, 0);
  const moved = await book(`+7000555${String(1000 + landlines)}`, 1);
  const declined = await book(`+7000555${String(2000 + landlines)}`, 2);

  await comeIn(page, base, lang, "agent");
  await follow(page.locator('.staff-top a[href$="/staff/desk/list"]'));
  const item = page.locator(test("desk-task"), { hasText: called.number }).locator("a");
  await item.waitFor();
  await seen("desk: the list of work");
  await follow(item);
  await seen("desk: an item");
  await follow(page.locator(test("desk-take")));
  await seen("desk: an item in hand");
  await follow(page.locator(test("desk-open")));
  assert.equal(await page.locator(test("desk-person")).textContent(), NAMES[lang]);
  await seen("desk: whom to call");
  await follow(page.locator(test("desk-end-told")));
  assert.equal(await page.locator(test("desk-ended")).count(), 1, "the item has ended");
  await seen("desk: an item that has ended");
  await go(`/${lang}/staff/desk/list?show=mine`);
  await seen("desk: nothing in hand");
  await goOut(page);

  await go(await link(moved));
  await seen("clinic: a visit to answer");
  const day = await page.locator("#date").inputValue();
  await page.locator("#time").fill("21:15");
  await follow(page.locator(test("clinic-propose")));
  assert.equal(await page.locator(test("clinic-said")).count(), 1, "the clinic has offered a time");
  await seen("clinic: another time offered");
  await go(`/${lang}/v/${moved.id}.${moved.manage_token}`);
  assert.match(await page.locator(test("proposed-when")).textContent(), /21:15/);
  await seen("visit: another time is offered");
  await follow(page.locator(test("proposal-accept")));
  const file = await request.get(`${base}/${lang}/visits/${moved.id}/calendar.ics`);
  assert.match(await file.text(), new RegExp(`DTSTART:${day.replaceAll("-", "")}T1[68]1500Z`), "the offered time is the visit's");
  await seen("visit: the offered time is taken");

  await go(await link(declined));
  await follow(page.locator(test("clinic-decline")));
  await seen("clinic: declined");
  await go(`/${lang}/v/${declined.id}.${declined.manage_token}`);
  assert.equal(await page.locator(test("others-link")).count(), 1, "other doctors are offered");
  await seen("visit: declined");

  await comeIn(page, base, lang, "registrar");
  await follow(page.locator('.staff-top a[href$="/staff/answers"]'));
  await seen("staff: what waits for an answer");
  await go(`/${lang}/staff`);
  await goOut(page);

  /** Books for somebody as a partner does; the visit. */
  async function book(phone, place) {
    const headers = { authorization: `Bearer ${partner}` };
    const get = async (path) => (await request.get(`${base}/api/v1${path}`, { headers })).json();
    const document = await get(`/consent-documents?purpose=P1&lang=${lang}`);
    const { items } = await get("/practitioners?city=saint-petersburg&sort=soonest&per_page=50");
    for (const one of items.slice(landlines * 3 + place)) {
      const times = (await get(`/roles/${one.role_id}/slots?days=9`)).items;
      if (times.length === 0) continue;
      const data = {
        role_id: one.role_id,
        start: times.at(-1).start,
        patient: { name: NAMES[lang], phone },
        consents: [{ purpose: "P1", version: document.version, sha256: document.sha256 }],
      };
      const answer = await request.post(`${base}/api/v1/appointments?lang=${lang}`, { headers: { ...headers, "idempotency-key": phone }, data });
      if (answer.status() === 201) return answer.json();
    }
    throw new Error(`nothing could be booked for ${phone}`);
  }

  /** The address that the visit's clinic was sent. */
  async function link({ id }) {
    for (let tries = 0; tries < 40; tries += 1) {
      const { items } = await (await request.get(`${base.replace("localhost", "127.0.0.1")}/demo/outbox`)).json();
      const found = items.map((item) => item.text.match(new RegExp(`/clinic/visits/${id}\\.\\S+`))).find(Boolean);
      if (found) return found[0];
      await page.waitForTimeout(250);
    }
    throw new Error("the clinic was told nothing");
  }
}
