// The desk by keyboard: `/` goes to the words, digits take a time, Esc steps back. Everything works without it.

const typing = (at) => at.closest("input:not([type=radio], [type=checkbox]), select, textarea") !== null;

const press = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = event.target instanceof Element ? event.target : document.body;
  if (event.key === "Escape") {
    document.querySelector('[data-key="Escape"]')?.click();
    return;
  }
  if (typing(at)) return;
  if (event.key === "/") {
    const words = document.querySelector('[data-key="/"]');
    if (!words) return;
    event.preventDefault();
    words.focus();
    words.select();
    return;
  }
  if (/^[1-9]$/.test(event.key)) {
    const times = document.querySelectorAll("[data-time]");
    times[Number(event.key) - 1]?.click();
  }
};

document.addEventListener("keydown", press);

// After a search the first time is at hand: Enter takes it.
if (document.querySelector("[data-test=found-total]")) document.querySelector("[data-time]")?.focus();

// What is wrong comes before what is next.
document.querySelector('[aria-invalid="true"]')?.focus();
