// Drives the Library in a headless Chromium, as Ada, for a test that talks to it over stdin and reads stdout.
//
//   LIBRARY_URL   the page, for instance http://localhost:3000/ (required)
//   CHROMIUM      the browser's executable (/usr/bin/chromium)
//
// Prints READY once the page is live with Ada's works, then answers each of these in one line: DONE <milliseconds>, or
// MISSING <what it has waited for in vain>. An arrow takes a word to the other side of it: a work to its author.
//   expect <uuid>                waits for the row of this work
//   see <title> [-> <text>]      waits for the row of this title, which has this text
//   gone <title>                 waits until there is no such row
//   add <title> [-> <author>]
//   rename <title> -> <title>
//   author <title> -> <author>
//   remove <title>
//   offline on|off               turns the app's switch
//   state <state>                waits until the badge says so: live, offline, …
//   synced                       waits until nothing waits to be sent
//   conflict <value>             waits until this value, which has lost, is offered
//   take <value>                 takes it
//   screenshot <path>
//   quit                         exits: 0, or 1 if the page reported an error
// An error of the page or on its console ends the run at once, with 1 and the error on stderr; a request that finds no
// server, or one that wants another token, is none.

import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const LEAST_WORKS = 20;
const START_TIMEOUT_MS = 30_000;
/** A client that has lost its server asks again ever less often. */
const STATE_TIMEOUT_MS = 60_000;
/** What a browser says of a server that is away, and of one that has come back with another secret. */
const REQUEST_IN_VAIN = /^Failed to load resource: (net::ERR_|.* status of 401 )/;

const url = process.env.LIBRARY_URL ?? fail("LIBRARY_URL is not set.");

// Node 20 reads no TypeScript; what builds the app does.
/** @type {{ module: typeof import("./library-window") }} */
const { module: driver } = await runnerImport(besides("library-window.ts"), { configFile: false });
/** @type {{ module: typeof import("./browser") }} */
const { module: starter } = await runnerImport(besides("browser.ts"), { configFile: false });

const browser = await starter.launch().catch((error) => fail(error.message));
try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  context.on("weberror", (error) => fail(`The page threw: ${error.error().stack ?? error.error().message}`));
  context.on("console", (message) => {
    if (message.type() === "error" && !REQUEST_IN_VAIN.test(message.text()))
      fail(`The page logged: ${message.text()} (${message.location().url})`);
  });
  const window = await driver.LibraryWindow.open(context, new URL(url).origin, "ada");
  await window.expectState("live", START_TIMEOUT_MS);
  await window.page.waitForFunction(
    (least) => Number(document.querySelector('[role="grid"]')?.getAttribute("aria-rowcount")) > least,
    LEAST_WORKS,
    { timeout: START_TIMEOUT_MS },
  );
  console.log("READY");

  const commands = commandsOf(window);
  for await (const line of createInterface({ input: process.stdin })) {
    const [name = "", rest = ""] = line.trim().split(/\s+(.*)/);
    if (name === "quit") break;
    const command = commands[name] ?? fail(`Unknown command: ${line}`);
    const [left = "", right] = rest.split(" -> ");
    console.log(await answer(() => command(left, right)));
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
} finally {
  await browser.close();
}
process.exit();

/**
 * @param {import("./library-window").LibraryWindow} window
 * @returns {Record<string, (left: string, right?: string) => Promise<unknown>>}
 */
function commandsOf(window) {
  return {
    // The newest work is the first of the list, so its row is one of those that exist.
    expect: (id) => window.page.waitForSelector(`[role="row"][data-work-id="${id}"]`),
    see: (title, text) =>
      text === undefined
        ? window.expectWork(title)
        : window.row(title).getByText(text, { exact: true }).waitFor(),
    gone: (title) => window.expectNoWork(title),
    add: (title, author) => window.add(author === undefined ? { title } : { title, author }),
    rename: (title, other = "") => window.edit(title, { title: other }),
    author: (title, author = "") => window.edit(title, { author }),
    remove: (title) => window.remove(title),
    offline: (state) => window.workOffline(state === "on"),
    state: (state) => window.expectState(state, STATE_TIMEOUT_MS),
    synced: () => window.expectSynced(),
    conflict: (value) => window.expectConflict(value),
    take: (value) => window.takeInConflict(value),
    screenshot: (path) => window.screenshot(path),
  };
}

/** @param {() => Promise<unknown>} command */
async function answer(command) {
  const start = performance.now();
  try {
    await command();
    return `DONE ${Math.round(performance.now() - start)}`;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      return `MISSING ${error.message.replace(/\s+/g, " ")}`;
    throw error;
  }
}

/** @param {string} name */
function besides(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/**
 * @param {string} reason
 * @returns {never}
 */
function fail(reason) {
  console.error(reason);
  process.exit(1);
}
