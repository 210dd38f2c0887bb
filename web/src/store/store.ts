import Dexie, { type Table } from "dexie";
import type { AnyEntity } from "../entity.js";
import { tellAll } from "../listeners.js";
import { migrate } from "./migrate.js";
import { schemaOf } from "./schema.js";
import { type Touched, Tx } from "./tx.js";

/** Hears what a store's transactions have changed, once they are stored. */
export type TouchedListener = (touched: Touched) => void;

/** The session that wrote here has gone to another store: what was to be written belongs there. */
export class StoreClosed extends Error {}

/**
 * The rows of one user, or of the guest, in a database of IndexedDB. All tabs have it open; a transaction is one of
 * IndexedDB's. What is written is on the disk when its transaction ends (`durability: "strict"`).
 */
export class Store {
  readonly name: string;
  readonly entities: readonly AnyEntity[];
  /** Whether an application with other entities has stored what is here: its tabs are outdated. */
  hasMigrated = false;
  readonly #db: Dexie;
  readonly #byName: ReadonlyMap<string, AnyEntity>;
  readonly #listeners = new Set<TouchedListener>();

  private constructor(db: Dexie, entities: readonly AnyEntity[]) {
    this.#db = db;
    this.name = db.name;
    this.entities = entities;
    this.#byName = new Map(entities.map((entity) => [entity.name, entity]));
  }

  /**
   * Opens a database, made if it is absent; tables of entities that are new are added.
   *
   * @param onOutdated told when a newer version of the application, in another tab, wants to change the database:
   *     this one lets go of it
   */
  static async open(name: string, entities: readonly AnyEntity[], onOutdated: () => void): Promise<Store> {
    const db = new Dexie(name, { chromeTransactionDurability: "strict" });
    db.version(1).stores({ ...(await tablesOf(name)), ...schemaOf(entities) });
    db.on("versionchange", (event) => {
      db.close();
      // Without a version it is deleted, after its guest has become a user.
      if (event.newVersion !== null) onOutdated();
      return false; // Dexie would open it again, made anew, at the next word.
    });
    await db.open();
    const store = new Store(db, entities);
    try {
      store.hasMigrated = await store.write((tx) => migrate(tx, store), true);
    } catch (error) {
      db.close();
      throw error;
    }
    return store;
  }

  entity(name: string): AnyEntity | undefined {
    return this.#byName.get(name);
  }

  /** Tells a listener of what this tab changes. Gives what ends it. */
  onTouched(listener: TouchedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads what is stored, at one moment. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#db.transaction("r", this.#db.tables, (transaction) => work(new Tx(transaction)));
  }

  /**
   * Reads and writes in one transaction, which is undone if `work` throws.
   *
   * @param evenIfClosed also after {@link closeForWriting}
   */
  async write<T>(work: (tx: Tx) => Promise<T>, evenIfClosed = false): Promise<T> {
    let done: Tx | undefined;
    const result = await this.#db.transaction("rw", this.#db.tables, async (transaction) => {
      done = new Tx(transaction);
      if (!evenIfClosed && (await done.meta.get("closed")) !== undefined) throw new StoreClosed(this.name);
      return work(done);
    });
    if (done !== undefined) this.#announce(done);
    return result;
  }

  /** Adds nothing more, from whichever tab: what follows belongs elsewhere. */
  async closeForWriting(isClosed: boolean): Promise<void> {
    await this.write(async (tx) => {
      if (isClosed) await tx.meta.put({ name: "closed", value: true });
      else await tx.meta.delete("closed");
    }, true);
  }

  #announce(tx: Tx): void {
    tellAll(tx.worksAfterCommit);
    if (tx.touched.size > 0) tellAll(this.#listeners, tx.touched);
  }

  get isOpen(): boolean {
    return this.#db.isOpen();
  }

  close(): void {
    this.#listeners.clear();
    this.#db.close();
  }

  /** For whoever wants the tables themselves, such as to look into them. */
  table(name: string): Table {
    return this.#db.table(name);
  }

  /** Whether there is one of that name; to open one makes it. */
  static exists(name: string): Promise<boolean> {
    return Dexie.exists(name);
  }

  static delete(name: string): Promise<void> {
    return Dexie.delete(name);
  }
}

/**
 * The tables of entities that are there: Dexie would delete those that are not named, which another version of the
 * application has, when it adds one.
 */
async function tablesOf(name: string): Promise<Record<string, string>> {
  const db = new Dexie(name);
  try {
    await db.open();
    const ofEntities = db.tables.filter((table) => /^[A-Za-z]/.test(table.name));
    return Object.fromEntries(ofEntities.map((table) => [table.name, ""]));
  } catch (error) {
    if (error instanceof Dexie.NoSuchDatabaseError) return {};
    throw error;
  } finally {
    db.close();
  }
}
