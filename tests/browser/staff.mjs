// How staff come in and what they see: by password and code, by a passkey of a device that the browser plays, at a shared computer by PIN; a
// colleague is added and comes in by their link.

import assert from "node:assert/strict";

import { stepsOn, test } from "./tour.mjs";

/** Codes change every thirty seconds and count once: the last one that was used, by login. */
const used = new Map();
const PIN = "193746";

/** Comes in as one of the demo's staff, by password and a code that was not used yet. */
export async function comeIn(page, base, lang, login) {
  const { go, submit } = stepsOn(page, base);
  const { password, code } = await words();
  await go(`/${lang}/staff/sign-in`);
  await page.locator("#login").fill(login);
  await page.locator("#password").fill(password);
  await page.locator("#code").fill(code);
  await submit(test("staff-password"));
  assert.equal(new URL(page.url()).pathname, `/${lang}/staff`, `${login} is in`);

  /** What the demo shows: waits for a code that was not used yet. */
  async function words() {
    for (let tries = 0; tries < 40; tries += 1) {
      await go(`/${lang}/demo/staff`);
      const cells = page.locator(test("staff-demo-line"), { has: page.locator("th", { hasText: new RegExp(`^${login}$`) }) }).locator("code");
      const [password, code] = await cells.allTextContents();
      if (used.get(login) !== code) {
        used.set(login, code);
        return { password, code };
      }
      await page.waitForTimeout(1000);
    }
    throw new Error(`no new code for ${login}`);
  }
}

/** Signs out. */
export async function goOut(page) {
  await Promise.all([page.waitForEvent("load"), page.locator(test("staff-out")).click()]);
  assert.match(page.url(), /said=out$/);
}

/** Goes through the pages of staff in one language; `base` is this machine's name, for which alone browsers make passkeys. */
export async function staff({ page, base, lang, seen, scripts = true }) {
  const { go, follow, submit } = stepsOn(page, base);
  const signIn = (login) => comeIn(page, base, lang, login);
  const out = () => goOut(page);
  if (scripts) await device(page);

  await go(`/${lang}/staff`);
  assert.match(page.url(), /\/staff\/sign-in$/, "nobody is in yet");
  await seen("staff: sign-in");
  await signIn("operator");
  await seen("staff: first page");

  await follow(page.locator('.staff-top a[href$="/staff/account"]'));
  if (scripts) {
    const before = await page.locator(test("staff-passkey-line")).count();
    await Promise.all([page.waitForEvent("load"), page.locator(test("staff-passkey-add")).click()]);
    assert.equal(await page.locator(test("staff-passkey-line")).count(), before + 1, "the passkey is there");
  }
  await page.locator("#pin").fill("123456");
  await submitQuietly(test("staff-pin-form"));
  assert.equal(await page.locator(test("staff-error")).count(), 1, "a row of digits is no PIN");
  await seen("staff: account with a fault");
  await page.locator("#pin").fill(PIN);
  await submit(test("staff-pin-form"));
  await seen("staff: account");

  await follow(page.locator('.staff-top a[href$="/staff/workstations"]'));
  await seen("staff: shared computers");
  await page.locator("#name").fill("Reception");
  await submit(test("staff-workstation-form"));
  await seen("staff: a shared computer");

  await follow(page.locator('.staff-top a[href$="/staff/colleagues"]'));
  await seen("staff: colleagues");
  const login = `walk-${lang}${scripts ? "" : "-plain"}`;
  await page.locator("#name").fill("Walker");
  await page.locator("#login").fill(login);
  await page.locator("#role").selectOption("privacy-officer");
  await submitQuietly(test("staff-new"));
  const link = (await page.locator(`${test("staff-link")} code`).textContent()).replace(/^http:\/\/[^/]+/, "");
  await seen("staff: a colleague's link");
  await follow(page.locator(`${test("staff-colleague")} a`, { hasText: "Walker" }).first());
  await page.locator("#role").selectOption("content");
  await submit(test("staff-grant-form"));
  await seen("staff: a colleague");
  await follow(page.locator('.staff-top a[href$="/staff/events"]'));
  assert.ok((await page.locator(test("staff-event")).count()) > 3);
  await seen("staff: security events");
  await follow(page.locator('.staff-top a[href$="/staff/ledger"]'));
  await follow(page.locator(test("staff-ledger-before")));
  assert.equal(await page.locator(test("staff-ledger-none")).count(), 1, "nobody has come yet");
  await seen("staff: the ledger");

  await out();
  await seen("staff: signed out");
  // Signed in anew, at the shared computer: from there the PIN goes on.
  if (scripts) await Promise.all([page.waitForEvent("load"), page.locator(test("staff-passkey")).click()]);
  else await signIn("operator");
  assert.equal(new URL(page.url()).pathname, `/${lang}/staff`);
  await Promise.all([page.waitForEvent("load"), page.locator(test("staff-lock")).click()]);
  await seen("staff: locked, with a PIN");
  await page.locator("#pin").fill(PIN);
  await submit(test("staff-switch"));
  assert.equal(await page.locator(test("staff-role")).count(), 1, "the PIN goes on");
  await out();

  await go(link);
  await seen("staff: welcome");
  if (scripts) {
    await Promise.all([page.waitForEvent("load"), page.locator(test("staff-passkey-make")).click()]);
    assert.equal(new URL(page.url()).pathname, `/${lang}/staff`, "in by the link");
    await out();
    await go(link);
    assert.equal(await page.locator(test("staff-link-over")).count(), 1, "a link counts once");
    await seen("staff: a link that was used");
  }

  await signIn("registrar");
  await follow(page.locator('.staff-top a[href$="/staff/day"]'));
  await seen("staff: a day");
  await go(`/${lang}/staff/colleagues`);
  await seen("staff: not for this role");
  await go(`/${lang}/staff`);
  await out();
  await go(`/${lang}/demo/staff`);
  await seen("staff: the demo's sign-ins");

  /** A form whose answer is the page itself, not a way to another. */
  async function submitQuietly(form) {
    await Promise.all([page.waitForEvent("load"), page.locator(`${form} button`).last().click()]);
  }
}

/** A device with a screen lock, as far as the browser can tell. */
async function device(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  await session.send("WebAuthn.addVirtualAuthenticator", { options });
}
