import type { SyncManager, SyncStatus } from "@millrace/web";
import type { BrowserContext, Locator, Page } from "playwright-core";

const LIMIT_MS = 20_000;

declare global {
  var millrace: SyncManager;
}

export interface WorkFields {
  readonly title?: string;
  readonly author?: string;
  readonly year?: string;
}

/** The Library app in a window, driven by what a person sees of it. */
export class LibraryWindow {
  readonly page: Page;
  /** What the page threw; the browser's own words on failed requests are none of them. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(LIMIT_MS);
    page.on("pageerror", (error) => this.errors.push(error.stack ?? error.message));
  }

  /** Opens the app, for a guest or for who is signed in by the address. */
  static async open(context: BrowserContext, url: string, user?: string): Promise<LibraryWindow> {
    const window = new LibraryWindow(await context.newPage());
    await window.page.goto(user === undefined ? url : `${url}/?user=${user}`);
    await window.page.getByRole("grid", { name: "Works" }).waitFor();
    return window;
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.getByRole("grid", { name: "Works" }).waitFor();
  }

  /** Waits until the badge says so: `live`, `offline`, `guest`, … */
  async expectState(state: string, limit = LIMIT_MS): Promise<void> {
    await this.page.locator(`[role=status][data-status="${state}"]`).waitFor({ timeout: limit });
  }

  row(title: string): Locator {
    return this.page.getByRole("row").filter({ has: this.page.getByText(title, { exact: true }) });
  }

  async expectWork(title: string, limit = LIMIT_MS): Promise<void> {
    await this.row(title).first().waitFor({ timeout: limit });
  }

  async expectNoWork(title: string): Promise<void> {
    await this.row(title).first().waitFor({ state: "detached" });
  }

  /** Adds a work, and closes its panel. */
  async add(fields: WorkFields): Promise<void> {
    await this.page.getByRole("button", { name: "Add a work" }).click();
    await this.#fill(fields);
    await this.page.getByRole("button", { name: "Add", exact: true }).click();
    await this.closePanel();
  }

  async closePanel(): Promise<void> {
    await this.page.getByRole("button", { name: "Close", exact: true }).click();
  }

  /** Changes a work, and closes its panel. */
  async edit(title: string, fields: WorkFields): Promise<void> {
    await this.row(title).first().click();
    await this.page.getByRole("form", { name: "Work" }).waitFor();
    await this.#fill(fields);
    await this.page.getByRole("button", { name: "Save", exact: true }).click();
    await this.page.getByRole("button", { name: "Save", exact: true, disabled: true }).waitFor();
    await this.closePanel();
  }

  async #fill(fields: WorkFields): Promise<void> {
    const form = this.page.getByRole("form", { name: "Work" });
    for (const [name, value] of Object.entries(fields)) {
      await form.getByLabel(`${name.charAt(0).toUpperCase()}${name.slice(1)}`, { exact: true }).fill(value);
    }
  }

  async remove(title: string): Promise<void> {
    await this.row(title).first().click();
    await this.page.getByRole("button", { name: "Delete", exact: true }).click();
    await this.expectNoWork(title);
  }

  async workOffline(isOffline: boolean): Promise<void> {
    await this.page.getByRole("switch", { name: "Work offline" }).setChecked(isOffline);
    await this.expectState(isOffline ? "offline" : "live");
  }

  async signIn(name: string, choice?: string): Promise<void> {
    await this.page.getByRole("button", { name: "Sign in", exact: true }).first().click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByLabel(name, { exact: true }).check();
    if (choice !== undefined) await dialog.getByLabel(choice).check();
    await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
  }

  async signOut(): Promise<void> {
    await this.page.getByRole("button", { name: "Sign out" }).click();
    await this.expectState("guest");
  }

  /** Opens the panel of changes by the count that leads there. */
  async openChanges(count: RegExp): Promise<void> {
    await this.page.getByRole("navigation", { name: "Changes" }).getByRole("button", { name: count }).click();
  }

  /** Waits until a value that has lost is offered, in the panel of conflicts. */
  async expectConflict(value: string): Promise<void> {
    await this.openChanges(/conflict/);
    await this.#conflicts().getByRole("definition").getByText(value).waitFor();
  }

  /** Takes a value that has lost, the only one, in the open panel. */
  async takeInConflict(value: string): Promise<void> {
    await this.#conflicts()
      .getByRole("button", { name: /^Take / })
      .filter({ hasText: value })
      .click();
    await this.page.getByText("No two edits have met.").waitFor();
    await this.closePanel();
  }

  #conflicts(): Locator {
    return this.page.getByRole("list", { name: "Conflicts" }).getByRole("listitem");
  }

  status(): Promise<SyncStatus> {
    return this.page.evaluate(() => millrace.status);
  }

  /** How many works the list says there are. */
  async count(): Promise<number> {
    return Number(await this.page.getByRole("grid", { name: "Works" }).getAttribute("aria-rowcount")) - 1;
  }

  /** Waits until nothing waits to be sent and all streams are live. */
  async expectSynced(limit = LIMIT_MS): Promise<void> {
    const isSynced = await this.page.evaluate((millis) => millrace.awaitSynced(millis), limit);
    if (!isSynced) throw new Error(`not synced within ${limit} ms: ${JSON.stringify(await this.status())}`);
  }

  async screenshot(path: string): Promise<void> {
    await this.page.screenshot({ path });
  }
}
