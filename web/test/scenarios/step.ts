export type Json = null | boolean | number | string | Json[] | Members;
export interface Members {
  [name: string]: Json;
}

/** An object of a scenario, whose members are looked at one by one; none may be left over. */
export class Step {
  readonly #members: Members;
  readonly #read = new Set<string>();

  constructor(given: Json | undefined) {
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new Error(`is no object: ${JSON.stringify(given)}`);
    }
    this.#members = given;
  }

  /** What it is about: the name of its first member. */
  get verb(): string {
    return Object.keys(this.#members)[0] ?? "";
  }

  find(name: string): Json | undefined {
    this.#read.add(name);
    return this.#members[name];
  }

  get(name: string): Json {
    const found = this.find(name);
    if (found === undefined) throw new Error(`${name} is missing`);
    return found;
  }

  text(name: string): string {
    return String(this.get(name));
  }

  findText(name: string): string | undefined {
    const found = this.find(name);
    return found === undefined ? undefined : String(found);
  }

  number(name: string, otherwise?: number): number {
    return Number(otherwise === undefined ? this.get(name) : (this.find(name) ?? otherwise));
  }

  flag(name: string): boolean {
    return this.find(name) === true;
  }

  members(name: string): Members {
    const found = this.get(name);
    if (typeof found !== "object" || found === null || Array.isArray(found))
      throw new Error(`${name} is no object`);
    return found;
  }

  items(name: string): Json[] {
    const found = this.get(name);
    if (!Array.isArray(found)) throw new Error(`${name} is no array`);
    return found;
  }

  steps(name: string): Step[] {
    return this.items(name).map((item) => new Step(item));
  }

  /** All there is has been looked at. */
  end(): void {
    const left = Object.keys(this.#members).filter((name) => !this.#read.has(name));
    if (left.length > 0) throw new Error(`nobody knows ${left.join(", ")}`);
  }
}
