// What other people do while the person of the tour looks at a page, over the JSON API; and the messages that were sent.

/** Somebody else takes this time first. */
export async function takeFirst(base, { role, start }) {
  await call(base, "POST", "/api/v1/holds", { role_id: role, start });
}

/** The person books another doctor by way of a partner, so that both visits fall on one time. */
export async function bookElsewhere(base, key, { role, start }, { name, phone, lang }) {
  const moment = new Date(start);
  // An answer tells the first times of a day only, so it is asked about the hour that matters.
  const hour = Number(start.slice(11, 13));
  const minute = start.slice(14, 16) < "30" ? "00" : "30";
  const when = `date=${start.slice(0, 10)}&from=${start.slice(11, 13)}:${minute}&to=${hour < 23 ? `${String(hour + 1).padStart(2, "0")}:${minute}` : "24:00"}`;
  const items = [];
  // City by city: the same hour of the wall comes earlier in the east and would fill the list.
  for (const city of ["almaty", "moscow", "saint-petersburg"]) {
    items.push(...(await call(base, "GET", `/api/v1/practitioners?per_page=50&city=${city}&${when}`)).items);
  }
  const person = items.find((item) => item.role_id === role)?.practitioner.id;
  const offers = items
    .filter((item) => item.role_id !== role && item.practitioner?.id !== person)
    .flatMap((item) => item.slots.map((slot) => ({ role_id: item.role_id, ...slot })));
  const same = offers.find((offer) => new Date(offer.start) <= moment && moment < new Date(offer.end));
  if (!same) throw new Error(`no other doctor is free at ${start}`);
  const { purpose, version, sha256 } = await call(base, "GET", `/api/v1/consent-documents?purpose=P1&lang=${lang}`);
  const body = { role_id: same.role_id, start: same.start, patient: { name, phone }, consents: [{ purpose, version, sha256 }] };
  await call(base, "POST", `/api/v1/appointments?lang=${lang}`, body, {
    authorization: `Bearer ${key}`,
    "idempotency-key": `tour-${phone}`,
  });
}

/** What `pattern` finds in the newest message to this phone (to any, when null): the demo keeps its messages, since none leaves. */
export async function inOutbox(base, phone, pattern) {
  for (let tries = 0; tries < 50; tries += 1) {
    const { items } = await call(base, "GET", "/demo/outbox");
    const own = items.filter((item) => phone === null || item.phone === phone);
    const [found] = own.map((item) => item.text.match(pattern)?.[0]).filter(Boolean);
    if (found) return found;
    // Messages leave by jobs: a moment after the answer.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no message with ${pattern} came to the outbox within 5 s`);
}

async function call(base, method, path, body, headers = {}) {
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: body ? { "content-type": "application/json", ...headers } : headers,
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}
