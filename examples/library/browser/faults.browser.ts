import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Devices } from "./devices";
import { ADA, tokenOf, type Up } from "./up";

/** What goes wrong on real devices: servers, tokens and tabs that end. */

/** How long after its end the server believes a token, since clocks differ. */
const LEEWAY_S = 60;

let devices: Devices;
let up: Up;

beforeAll(async () => {
  devices = await Devices.start();
  up = devices.up;
}, 180_000);

afterAll(async () => {
  await devices?.close();
});

afterEach(async () => {
  const errors = await devices.end();
  expect(errors).toEqual([]);
});

/** How many works there are of that title in the database. */
function works(title: string): string {
  return up.value(`select count(*) from works where title = '${title}'`);
}

test("the server is killed and comes back: nothing is lost, nothing is twice", async () => {
  const one = await devices.open(await devices.device(), "ada");
  const other = await devices.open(await devices.device(), "ada");
  await Promise.all([one.expectState("live"), other.expectState("live")]);

  await up.kill();
  await one.expectState("offline");
  await one.add({ title: "While it was down" });
  await one.expectWork("While it was down");
  await up.start();

  await one.expectState("live", 60_000);
  await one.expectSynced(60_000);
  await other.expectWork("While it was down", 60_000);
  expect(works("While it was down")).toBe("1");
});

test("a token that expires is replaced, and without another one what is written waits for it", async () => {
  const context = await devices.device();
  let answer: "short" | "none" | "good" = "short";
  const lives = { short: 2 - LEEWAY_S, good: 600 };
  await context.route("**/dev/token**", (route) => {
    if (answer === "none") return route.fulfill({ status: 401, body: "" });
    return route.fulfill({ status: 200, body: tokenOf(ADA, lives[answer]) });
  });
  const window = await devices.open(context, "ada");
  await window.expectState("live");
  const old = () => new Promise((resolve) => setTimeout(resolve, 2_500)); // The server has to find it too old.
  await old();
  await window.add({ title: "With the second token" });
  await window.expectSynced();
  answer = "none";
  await old();
  await window.add({ title: "Without a token" });
  await window.expectState("needs-sign-in", 60_000);
  expect(works("Without a token")).toBe("0");
  answer = "good";
  await window.page.getByRole("button", { name: "Sign in again" }).click();

  await window.expectState("live", 60_000);
  await window.expectSynced(60_000);
  expect(works("Without a token")).toBe("1");
  expect(works("With the second token")).toBe("1");
});

test("of three tabs one leads; when it is closed another goes on, and all show the same", async () => {
  const context = await devices.device();
  const tabs = [
    await devices.open(context, "ada"),
    await devices.open(context, "ada"),
    await devices.open(context, "ada"),
  ];
  await Promise.all(tabs.map((tab) => tab.expectState("live")));
  const leads = await Promise.all(tabs.map(async (tab) => (await tab.status()).isLeader));
  expect(leads.filter(Boolean).length).toBe(1);
  const leader = tabs[leads.indexOf(true)];
  const [one, other] = tabs.filter((tab) => tab !== leader);
  if (leader === undefined || one === undefined || other === undefined) throw new Error("three tabs");
  await one.add({ title: "Written in a tab that follows" });
  await leader.expectWork("Written in a tab that follows");
  await other.expectWork("Written in a tab that follows");
  await one.expectSynced();

  await leader.page.close();
  await one.add({ title: "Written after the leader" });

  await other.expectWork("Written after the leader");
  await one.expectSynced();
  expect(works("Written after the leader")).toBe("1");
  const after = await Promise.all([one.status(), other.status()]);
  expect(after.filter(({ isLeader }) => isLeader).length).toBe(1);
});

test("a leading tab that is suspended is replaced, and has it all when it wakes up", async () => {
  const context = await devices.device();
  const leader = await devices.open(context, "ada");
  await leader.expectState("live");
  const other = await devices.open(context, "ada");
  await other.expectState("live");
  expect((await leader.status()).isLeader).toBe(true);

  const session = await context.newCDPSession(leader.page);
  await session.send("Debugger.enable");
  await session.send("Debugger.pause"); // Nothing of the page runs, as on a phone that suspends it.
  await other.add({ title: "While the leader slept" });
  await expect.poll(() => works("While the leader slept"), { timeout: 150_000, interval: 1_000 }).toBe("1");
  expect((await other.status()).isLeader).toBe(true);

  await session.send("Debugger.disable");
  await leader.expectWork("While the leader slept");
  await expect.poll(async () => (await leader.status()).isLeader).toBe(false);
  await leader.add({ title: "By who led once" });
  await other.expectWork("By who led once");
  await other.expectSynced();
  expect(works("By who led once")).toBe("1");
});

test("whoever is signed in or out in one tab is so in all", async () => {
  const context = await devices.device();
  const [one, other] = [await devices.open(context), await devices.open(context)];
  await one.add({ title: "By a guest in one tab" });
  await other.expectWork("By a guest in one tab");

  await one.signIn("Ada", "Take it along");
  await other.expectState("live");
  await other.expectWork("By a guest in one tab");
  await other.add({ title: "In the other tab, signed in" });
  await one.expectWork("In the other tab, signed in");
  await one.signOut();

  await other.expectState("guest");
  await other.expectNoWork("By a guest in one tab");
  expect(works("In the other tab, signed in")).toBe("1");
});

test("a tab whose database a newer version changes lets go of it and says so", async () => {
  const context = await devices.device();
  const window = await devices.open(context, "ada");
  await window.expectState("live");
  const other = await devices.open(context, "ada");

  await other.page.evaluate(async (user) => {
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open(`library-ada:user:${user}`, 1_000);
      request.onupgradeneeded = () => request.result.createObjectStore("of_a_newer_version");
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("a tab held on to it"));
    });
  }, ADA);

  await window.expectState("outdated");
});

test("when the device has no room left that is said, and nothing that was stored is lost", async () => {
  const context = await devices.device();
  // What IndexedDB says then; to fill a disk takes longer.
  await context.addInitScript(() => {
    for (const method of ["add", "put"] as const) {
      const store = IDBObjectStore.prototype[method];
      IDBObjectStore.prototype[method] = function (this: IDBObjectStore, ...written: [unknown]) {
        if ((globalThis as { isFull?: boolean }).isFull) throw new DOMException("full", "QuotaExceededError");
        return store.apply(this, written);
      };
    }
  });
  const window = await devices.open(context, "ada");
  await window.expectState("live");
  await window.workOffline(true);
  await window.add({ title: "Before the disk was full" });

  await window.page.evaluate(() => Object.assign(globalThis, { isFull: true }));
  await window.page.getByRole("button", { name: "Add a work" }).click();
  await window.page.getByRole("form", { name: "Work" }).getByLabel("Title", { exact: true }).fill("Too much");
  await window.page.getByRole("button", { name: "Add", exact: true }).click();
  await window.expectState("storage-full");
  await window.page.evaluate(() => Object.assign(globalThis, { isFull: false }));
  // The form kept what could not be stored.
  await window.page.getByRole("button", { name: "Add", exact: true }).click();
  await window.closePanel();
  await window.expectState("offline");
  await window.reload();

  await window.expectWork("Before the disk was full");
  await window.expectWork("Too much");
  await window.workOffline(false);
  await window.expectSynced();
  expect(works("Before the disk was full")).toBe("1");
  expect(works("Too much")).toBe("1");
});
