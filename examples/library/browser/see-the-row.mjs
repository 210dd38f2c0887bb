// Watches the Library in a headless Chromium, as Ada, for a test that drives it over stdin and reads stdout.
//
//   LIBRARY_URL   the page, for instance http://localhost:3000/ (required)
//   CHROMIUM      the browser's executable (/usr/bin/chromium)
//
// Prints READY once the page is live with Ada's works, then answers one line each:
//   expect <uuid>       SEEN <milliseconds waited>, or MISSING after ten seconds
//   screenshot <path>   SAVED <path>
//   quit                exits: 0, or 1 if the page reported an error
// An error of the page or on its console ends the run at once, with 1 and the error on stderr.

import process from "node:process";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const LEAST_WORKS = 20;
const START_TIMEOUT_MS = 30_000;
const ROW_TIMEOUT_MS = 10_000;

const url = process.env.LIBRARY_URL ?? fail("LIBRARY_URL is not set.");

const browser = await chromium
  .launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  })
  .catch((error) => fail(error.message));

try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.on("pageerror", (error) => fail(`The page threw: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") fail(`The page logged: ${message.text()} (${message.location().url})`);
  });

  await page.goto(new URL("?user=ada", url).href);
  await page.waitForSelector('[data-status="live"]', { timeout: START_TIMEOUT_MS });
  await page.waitForFunction(
    (least) => Number(document.querySelector('[role="grid"]')?.getAttribute("aria-rowcount")) > least,
    LEAST_WORKS,
    { timeout: START_TIMEOUT_MS },
  );
  console.log("READY");

  for await (const line of createInterface({ input: process.stdin })) {
    const [command, argument = ""] = line.trim().split(/\s+(.*)/);
    if (command === "expect") console.log(await expectRow(page, argument));
    else if (command === "screenshot") console.log(await saveScreenshot(page, argument));
    else if (command === "quit") break;
    else fail(`Unknown command: ${line}`);
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
} finally {
  await browser.close();
}
process.exit();

/**
 * The newest work is the first of the list, so its row is one of those that exist.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} id
 */
async function expectRow(page, id) {
  const start = performance.now();
  try {
    await page.waitForSelector(`[role="row"][data-work-id="${id}"]`, { timeout: ROW_TIMEOUT_MS });
    return `SEEN ${Math.round(performance.now() - start)}`;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return "MISSING";
    throw error;
  }
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} path
 */
async function saveScreenshot(page, path) {
  await page.screenshot({ path });
  return `SAVED ${path}`;
}

/**
 * @param {string} reason
 * @returns {never}
 */
function fail(reason) {
  console.error(reason);
  process.exit(1);
}
