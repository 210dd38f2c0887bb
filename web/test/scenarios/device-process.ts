/**
 * A process that may end: from then on its stores do nothing. Connections belong to the process that was there when
 * they were first used.
 */
export class DeviceProcess {
  static #current: DeviceProcess | undefined;
  static #isWatching = false;
  static readonly #owners = new WeakMap<IDBDatabase, DeviceProcess>();
  #writes = 0;
  #crashAt = Number.POSITIVE_INFINITY;
  #isDead = false;
  readonly #open = new Set<IDBDatabase>();

  static begin(): DeviceProcess {
    DeviceProcess.#watch();
    DeviceProcess.#current = new DeviceProcess();
    return DeviceProcess.#current;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Ends when something is to be written for that many times from now on; 1 is the next. */
  crashAt(count: number): void {
    this.#writes = 0;
    this.#crashAt = count;
  }

  kill(): void {
    this.#isDead = true;
    for (const database of this.#open) database.close();
    this.#open.clear();
  }

  #touch(isWrite: boolean): void {
    if (isWrite && ++this.#writes >= this.#crashAt) this.#isDead = true;
    if (this.#isDead) throw new Error("the process is no more");
  }

  static #watch(): void {
    if (DeviceProcess.#isWatching) return;
    DeviceProcess.#isWatching = true;
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given) {
      const owner = DeviceProcess.#owners.get(this) ?? DeviceProcess.#current;
      if (owner !== undefined) {
        DeviceProcess.#owners.set(this, owner);
        owner.#touch(given[1] === "readwrite");
        owner.#open.add(this);
      }
      return transaction.apply(this, given);
    };
    const { deleteDatabase } = IDBFactory.prototype;
    IDBFactory.prototype.deleteDatabase = function (this: IDBFactory, ...given) {
      const owner = DeviceProcess.#current;
      if (owner !== undefined) owner.#touch(true);
      return deleteDatabase.apply(this, given);
    };
  }
}
