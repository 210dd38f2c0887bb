import Dexie, { type Table } from "dexie";
import type { Environment } from "../environment.js";

/** What a device remembers beside rows: its name, who is signed in, who the guest is. */
interface Remembered {
  readonly clientId: string;
  readonly user?: string;
  readonly guestId: string;
  /** Who adopts the guest's rows, as long as that is not done. */
  readonly adopter?: string;
  readonly isSwitchedOff?: boolean;
  /** What a guest wrote that was discarded, as long as nobody has said that it is kept elsewhere. */
  readonly exported?: string;
}

/** What the tabs of one origin share of a device, in a database of its own. */
export class Device {
  readonly #db: Dexie;
  readonly #name: string;
  readonly #environment: Environment;
  #now: Remembered;

  private constructor(db: Dexie, name: string, environment: Environment, now: Remembered) {
    this.#db = db;
    this.#name = name;
    this.#environment = environment;
    this.#now = now;
  }

  static async open(name: string, environment: Environment): Promise<Device> {
    const db = new Dexie(name, { chromeTransactionDurability: "strict" });
    db.version(1).stores({ device: "" });
    db.on("versionchange", () => {
      db.close();
      return false;
    });
    await db.open();
    const device = new Device(db, name, environment, { clientId: "", guestId: "" });
    await device.#change((before) => ({
      ...before,
      clientId: before.clientId || environment.uuid(),
      guestId: before.guestId || environment.uuid(),
    }));
    return device;
  }

  get #table(): Table<Remembered, string> {
    return this.#db.table("device");
  }

  async #change(step: (before: Remembered) => Remembered): Promise<void> {
    this.#now = await this.#db.transaction("rw", this.#table, async () => {
      const next = step((await this.#table.get("this")) ?? { clientId: "", guestId: "" });
      await this.#table.put(next, "this");
      return next;
    });
  }

  /** Reads what another tab has changed. */
  async refresh(): Promise<void> {
    this.#now = (await this.#table.get("this")) ?? this.#now;
  }

  get clientId(): string {
    return this.#now.clientId;
  }

  get user(): string | undefined {
    return this.#now.user;
  }

  get guestId(): string {
    return this.#now.guestId;
  }

  get adopter(): string | undefined {
    return this.#now.adopter;
  }

  get isSwitchedOff(): boolean {
    return this.#now.isSwitchedOff === true;
  }

  get guestStore(): string {
    return `${this.#name}:guest:${this.#now.guestId}`;
  }

  userStore(user: string): string {
    return `${this.#name}:user:${user}`;
  }

  beginAdoption(user: string): Promise<void> {
    return this.#change((before) => ({ ...before, adopter: user }));
  }

  endAdoption(): Promise<void> {
    return this.#change(({ adopter: _, ...rest }) => rest);
  }

  get exported(): string | undefined {
    return this.#now.exported;
  }

  forgetExport(): Promise<void> {
    return this.#change(({ exported: _, ...rest }) => rest);
  }

  /** A user is signed in; the guest stays who it was. */
  signedIn(user: string): Promise<void> {
    return this.#change(({ adopter: _, ...rest }) => ({ ...rest, user }));
  }

  /** A user is signed in, and the guest has gone: the next one is another. What it wrote may be kept. */
  signedInForGuest(user: string, exported: string | undefined): Promise<void> {
    return this.#change(({ adopter: _, ...rest }) => ({
      ...rest,
      user,
      guestId: this.#environment.uuid(),
      ...(exported === undefined ? {} : { exported }),
    }));
  }

  signedOut(): Promise<void> {
    return this.#change(({ user: _, ...rest }) => rest);
  }

  switchOff(isSwitchedOff: boolean): Promise<void> {
    return this.#change((before) => ({ ...before, isSwitchedOff }));
  }

  close(): void {
    this.#db.close();
  }
}
