// Everything works without this file. It only saves a person time: days change in place, phones are written in groups,
// a second press does nothing, and a wait that lasts is told.

const WAIT_MS = 300;

// A form goes once. The pressed button keeps its name and value, so it is not disabled, only guarded.
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  const button = event.submitter;
  if (!button) return;
  setTimeout(() => {
    button.setAttribute("aria-busy", "true");
    if (button.dataset.wait) {
      button.dataset.said = button.textContent;
      button.textContent = button.dataset.wait;
    }
  }, WAIT_MS);
});
// Back from the next page: the same form may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) sent.delete(form);
  for (const button of document.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    if (button.dataset.said) button.textContent = button.dataset.said;
  }
});

// Numbers of Russia and Kazakhstan in groups; anything else stays as typed.
const grouped = (typed) => {
  let digits = typed.replace(/\D/g, "");
  if (digits.length === 11 && digits[0] === "8") digits = `7${digits.slice(1)}`;
  if (digits.length === 10 && !typed.trim().startsWith("+")) digits = `7${digits}`;
  if (digits[0] !== "7" || digits.length > 11) return typed;
  const [, a, b, c, d] = /^7(\d{0,3})(\d{0,3})(\d{0,2})(\d{0,2})/.exec(digits);
  return ["+7", a, [b, c, d].filter(Boolean).join("-")].filter(Boolean).join(" ");
};
for (const field of document.querySelectorAll("[data-phone]")) {
  const write = () => {
    field.value = grouped(field.value);
  };
  field.addEventListener("blur", write);
  field.addEventListener("input", (event) => {
    // Only while typing at the end: a correction in the middle must not move the cursor.
    const atEnd = field.selectionStart === field.value.length;
    const typing = event.inputType?.startsWith("insert");
    if (atEnd && typing && /^\s*(\+7|8\d{10})/.test(field.value)) write();
  });
}
for (const field of document.querySelectorAll("[data-code]")) {
  field.addEventListener("input", () => {
    const digits = field.value.replace(/\D/g, "");
    if (digits !== field.value) field.value = digits;
  });
}

// Another city: its number and what is booked there.
for (const select of document.querySelectorAll("[data-reload]")) {
  select.addEventListener("change", () => {
    const to = new URLSearchParams({ city: select.value });
    const words = select.form.elements.q?.value;
    if (words) to.set("q", words);
    location.assign(`${select.dataset.reload}?${to}`);
  });
}

// Where the style sheet cannot hold the filters open on a wide screen.
const wide = matchMedia("(min-width: 64rem)");
const unfold = () => {
  for (const fold of document.querySelectorAll("[data-wide-open]")) if (wide.matches) fold.open = true;
};
wide.addEventListener("change", unfold);
unfold();

// Another day in place; when anything goes wrong the link does what links do.
const reveal = (strip) => {
  const chosen = strip?.querySelector("[aria-current]");
  if (!chosen) return;
  const end = chosen.offsetLeft + chosen.offsetWidth;
  if (end > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = end - strip.clientWidth / 2;
};
reveal(document.querySelector(".choose .days"));
document.addEventListener("click", async (event) => {
  const link = event.target.closest(".choose .days a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const place = link.closest(".choose");
  const live = place.querySelector("[aria-live]");
  const waiting = setTimeout(() => live.setAttribute("aria-busy", "true"), WAIT_MS);
  try {
    const answer = await fetch(link.href, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".choose");
    const strip = place.querySelector(".days");
    const at = strip.scrollLeft;
    live.replaceChildren(...next.querySelector("[aria-live]").childNodes);
    strip.replaceChildren(...next.querySelector(".days").childNodes);
    strip.scrollLeft = at;
    strip.querySelector("[aria-current]")?.focus({ preventScroll: true });
    history.replaceState(null, "", link.href);
  } catch {
    location.assign(link.href);
  } finally {
    clearTimeout(waiting);
    live.removeAttribute("aria-busy");
  }
});
