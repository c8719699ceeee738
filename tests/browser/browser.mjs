// The browser and one person's window in it, watched for whatever a page must not do.

import { chromium } from "playwright-core";

/** A running Chromium. Everything that would make it speak to its maker is switched off. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", // Chromium's own sandbox refuses root, and CI is root
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A new window without cookies. `faults()` returns what was seen since the last call: requests to any host but `base`,
 * errors of scripts, of the content policy and of missing files.
 */
export async function openWindow(browser, base, options) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  // Chromium tells its console; this tells which directive, on whatever page.
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`content policy: ${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  let seen = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${base}/`) && !url.startsWith("data:") && !url.startsWith("blob:")) {
      seen.push(`asks ${new URL(url).host}`);
    }
  });
  page.on("console", (message) => {
    // The page itself may answer 404 or 422; the browser calls that an error too.
    const ownStatus = message.text().startsWith("Failed to load resource") && message.location().url === page.url();
    if (message.type() === "error" && !ownStatus) seen.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => seen.push(`script: ${error.message}`));
  return {
    page,
    close: () => context.close(),
    faults() {
      const told = [...new Set(seen)];
      seen = [];
      return told;
    },
  };
}
