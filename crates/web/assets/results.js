// The list follows its filters at once, without this file by the button. What is found comes as the same page that anybody gets at
// the address; its parts take the places of the old ones, so focus, scrolling and open folds stay. The part that has the focus is left
// as it is: numbers beside the values of one filter do not depend on that filter.

const WAIT_MS = 300;
const TYPING_MS = 150;
const POSITION_MS = 10_000;
const POSITION_AGE_MS = 600_000;
const form = document.querySelector("#filters");
const fold = form.querySelector(".filters-more");
const narrow = matchMedia("(max-width: 63.99rem)");
const said = document.querySelector("main > [data-said]");
const list = () => document.querySelector("#found");
let going = null;
let shown = location.pathname + location.search;

const addressOf = () => {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") asked.append(name, value);
  return `${form.getAttribute("action")}?${asked}`;
};

// Everything outside the panel rests while the panel is the whole screen.
const cover = () => {
  const covered = fold.open && narrow.matches;
  for (const other of document.querySelectorAll("body > :not(main), main > :not(form, script), .filters > :not(details)")) {
    other.inert = covered;
  }
};

const told = () => {
  const button = form.querySelector("[data-show]");
  if (button) button.textContent = button.dataset.said;
};

/** Puts the parts of another page in place of this one's. `all`: the focused part, too. */
const place = (next, all) => {
  const held = document.activeElement;
  const open = new Set([...document.querySelectorAll("details[open][id]")].map(({ id }) => id));
  for (const old of document.querySelectorAll("[data-part]")) {
    const own = next.querySelector(`[data-part="${old.dataset.part}"]`);
    const focused = old.contains(held) && !["list", "head"].includes(old.dataset.part);
    if (!own || (focused && !all)) continue;
    // What is being typed is not taken away.
    const typed = old.querySelector("#q")?.value;
    if (typed !== undefined && !all) own.querySelector("#q").value = typed;
    old.replaceWith(own);
  }
  for (const id of open) document.querySelector(`details#${id}`)?.setAttribute("open", "");
  const frame = [".languages", ".bottom", ".call-top"];
  for (const name of frame) {
    const own = next.querySelector(name);
    if (own) document.querySelector(name)?.replaceWith(own);
  }
  document.title = next.title;
  if (held?.id && !held.isConnected) document.getElementById(held.id)?.focus({ preventScroll: true });
  prepare();
  cover();
};

/** Shows what is found at that address. `how`: "push" a new address, or "back" to one of the history. */
const go = async (href, how, then) => {
  going?.abort();
  const mine = new AbortController();
  going = mine;
  const waiting = setTimeout(() => list().setAttribute("aria-busy", "true"), WAIT_MS);
  try {
    const answer = await fetch(href, { headers: { accept: "text/html", "recomed-in-place": "1" }, signal: mine.signal });
    if (!answer.ok) throw new Error(answer.statusText);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (going !== mine) return;
    const address = next.querySelector("[data-address]").dataset.address;
    place(next, how === "back");
    if (how === "push" && address !== shown) history.pushState(null, "", address);
    shown = address;
    said.textContent = document.querySelector("[data-total]").textContent;
    then?.();
  } catch (fault) {
    if (fault.name !== "AbortError") location.assign(href);
  } finally {
    clearTimeout(waiting);
    if (going === mine) {
      going = null;
      list().removeAttribute("aria-busy");
    }
  }
};

let soon = 0;
const later = () => {
  clearTimeout(soon);
  soon = setTimeout(() => go(addressOf(), "push"), TYPING_MS);
};

document.addEventListener("change", (event) => {
  if (event.target.form === form && event.target.name !== "q") later();
});

const toList = () => {
  fold.open = false;
  cover();
  list().focus({ preventScroll: true });
  document.querySelector(".results-head .lead").scrollIntoView();
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(soon);
  const panel = fold.open && narrow.matches;
  go(addressOf(), "push", panel ? toList : undefined);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-in-place]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const panel = form.contains(link);
  // The link goes with what it removed: the next place to read from is the list.
  go(link.href, "push", () => (panel ? form.querySelector("summary") : list()).focus({ preventScroll: true }));
});

addEventListener("popstate", () => {
  // A jump within the page is none of ours.
  if (location.pathname + location.search !== shown) go(location.href, "back");
});

fold.addEventListener("toggle", cover);
narrow.addEventListener("change", () => {
  if (narrow.matches) fold.open = false;
  cover();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !fold.open || !narrow.matches) return;
  fold.open = false;
  cover();
  fold.querySelector("summary").focus();
});

// Where somebody is, is asked only when the button is pressed, and leaves the device rounded to about a kilometre.
const near = (button) => {
  const words = button.parentElement.querySelector("[data-near-said]");
  words.textContent = button.dataset.wait;
  button.setAttribute("aria-busy", "true");
  const failed = (fault) => {
    button.removeAttribute("aria-busy");
    words.textContent = fault.code === fault.PERMISSION_DENIED ? button.dataset.denied : button.dataset.failed;
  };
  const found = ({ coords }) => {
    button.removeAttribute("aria-busy");
    words.textContent = "";
    const asked = new URL(addressOf(), location.href);
    asked.searchParams.set("near", `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`);
    asked.searchParams.set("sort", "distance");
    go(asked.href, "push", () => {
      // The part with the pressed button has the focus and stays as it was: the form gets the place here.
      const kept = form.querySelector('input[name="near"]') ?? document.createElement("input");
      Object.assign(kept, { type: "hidden", name: "near", value: asked.searchParams.get("near") });
      if (!kept.isConnected && button.isConnected) button.before(kept);
    });
  };
  navigator.geolocation.getCurrentPosition(found, failed, {
    enableHighAccuracy: false,
    timeout: POSITION_MS,
    maximumAge: POSITION_AGE_MS,
  });
};

/** What only a script can do is shown by it. */
function prepare() {
  told();
  const button = form.querySelector("[data-near]");
  if (!button || !("geolocation" in navigator) || !isSecureContext) return;
  button.hidden = false;
  button.onclick = () => near(button);
}
prepare();
cover();
