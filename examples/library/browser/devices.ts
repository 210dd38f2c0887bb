import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { launch } from "./browser";
import { LibraryWindow } from "./library-window";
import { Up } from "./up";

/** A server, a browser, and the devices of a test on them. */
export class Devices {
  readonly up: Up;
  readonly #browser: Browser;
  #contexts: BrowserContext[] = [];
  #windows: LibraryWindow[] = [];

  private constructor(up: Up, browser: Browser) {
    this.up = up;
    this.#browser = browser;
  }

  static async start(): Promise<Devices> {
    const [up, browser] = await Promise.all([Up.start(), launch()]);
    return new Devices(up, browser);
  }

  /** A device: a profile of its own. */
  async device(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
    this.#contexts.push(context);
    return context;
  }

  /** A tab of a device. */
  async open(context: BrowserContext, user?: string): Promise<LibraryWindow> {
    const window = await LibraryWindow.open(context, this.up.url, user);
    this.#windows.push(window);
    return window;
  }

  /** Ends the devices of a test. Gives what their pages threw. */
  async end(): Promise<readonly string[]> {
    const errors = this.#windows.flatMap((window) => window.errors);
    await Promise.all(this.#contexts.map((context) => context.close()));
    this.#contexts = [];
    this.#windows = [];
    return errors;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.up.close();
  }
}
