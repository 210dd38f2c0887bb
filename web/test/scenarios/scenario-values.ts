import {
  type AnyEntity,
  arrayOf,
  bool,
  defineEntity,
  int4,
  int8,
  numeric,
  text,
  timestamptz,
  uuid,
} from "../../src/index.js";
import type { Json, Members } from "./step.js";

const notes = defineEntity("notes", {
  columns: {
    id: uuid(),
    owner: text().nullable(),
    title: text(),
    body: text().nullable(),
    stars: int4().nullable(),
    tags: arrayOf(text()).nullable(),
    seen: timestamptz().nullable(),
    price: numeric().nullable(),
    views: int8().nullable(),
    done: bool().nullable(),
  },
  key: ["id"],
  owner: "owner",
});

const lines = defineEntity("lines", {
  columns: { note: uuid(), number: int4(), text: text().nullable() },
  key: ["note", "number"],
  priority: 1,
});

export function entityOf(name: string): AnyEntity {
  const found = [notes, lines].find((entity) => entity.name === name);
  if (found === undefined) throw new Error(`no entity ${name}`);
  return found;
}

function typeOf(entity: AnyEntity, column: string): string {
  const type = entity.columns[column]?.type;
  return type === undefined ? "" : `${type.name}${type.isArray ? "[]" : ""}`;
}

/** What the server says of its columns, for the header `electric-schema`. */
export function schemaOf(entity: AnyEntity): string {
  const columns: Members = {};
  for (const [name, column] of Object.entries(entity.columns as AnyEntity["columns"])) {
    const { type, isNullable } = column as { type: { name: string; isArray: boolean }; isNullable: boolean };
    const place = entity.key.indexOf(name);
    columns[name] = {
      type: type.name,
      ...(type.isArray ? { dims: 1 } : {}),
      ...(place < 0 ? {} : { pk_index: place }),
      ...(isNullable ? {} : { not_null: true }),
    };
  }
  return JSON.stringify(columns);
}

/** A short name in the place of a UUID stands for the one that its letters make. */
function uuidOf(name: string): string {
  if (name.length === 36) return name;
  const hex = [...name].map((letter) => letter.charCodeAt(0).toString(16)).join("");
  return `00000000-0000-4000-8000-${hex.padStart(12, "0")}`;
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00|Z)$/;

/** A time without zeros at its end, whether Postgres or ISO 8601 says it. */
function timeOf(given: string): string {
  const parts = TIMESTAMP.exec(given);
  if (parts === null) return given;
  const digits = (parts[3] ?? "").replace(/0+$/, "");
  return `${parts[1]} ${parts[2]}${digits === "" ? "" : `.${digits}`}+00`;
}

/** What stands for values in a scenario: short names for UUIDs, and `$names` for what is only known when it is seen. */
export class ScenarioValues {
  readonly #known = new Map<string, string>();

  // --- names

  name(name: string, value: string): void {
    this.#known.set(name, value);
  }

  named(name: string): string {
    const found = this.#known.get(name);
    if (found === undefined) throw new Error(`nothing is known as ${name}`);
    return found;
  }

  /** Whether that is what has the name; it has it from now on, if nothing had, nor it another. */
  isNamed(name: string, value: string): boolean {
    const has = this.#known.get(name);
    if (has === undefined && ![...this.#known.values()].includes(value)) {
      this.#known.set(name, value);
      return true;
    }
    return value === has;
  }

  // --- values

  /** A value in the one form by which it is compared, of a scenario, of a write, or of an application. */
  plain(entity: AnyEntity, column: string, value: unknown): Json {
    if (value === null || value === undefined) return null;
    const resolved =
      typeof value === "string" && value.startsWith("$") ? (this.#known.get(value) ?? value) : value;
    switch (typeOf(entity, column)) {
      case "uuid":
        return uuidOf(String(resolved));
      case "int8":
      case "numeric":
        return String(resolved);
      case "timestamptz":
        return timeOf(String(resolved));
      default:
        return resolved as Json;
    }
  }

  plainRow(entity: AnyEntity, values: { readonly [column: string]: unknown }): Members {
    const names = Object.keys(values).sort();
    return Object.fromEntries(names.map((name) => [name, this.plain(entity, name, values[name])]));
  }

  /** Values as an application has them. */
  given(entity: AnyEntity, values: Members): { [column: string]: unknown } {
    return Object.fromEntries(
      Object.keys(values).map((name) => {
        const value = this.plain(entity, name, values[name]);
        return [name, value !== null && typeOf(entity, name) === "int8" ? BigInt(String(value)) : value];
      }),
    );
  }

  /** Values as a shape carries them; `{"text": …}` is one that is given as it is there. */
  wire(entity: AnyEntity, values: Members): Members {
    return Object.fromEntries(
      Object.entries(values).map(([name, given]): [string, Json] => {
        if (typeof given === "object" && given !== null && !Array.isArray(given))
          return [name, given.text ?? null];
        const value = this.plain(entity, name, given);
        if (value === null) return [name, null];
        if (typeof value === "boolean") return [name, value ? "t" : "f"];
        return [name, Array.isArray(value) ? arrayText(value) : String(value)];
      }),
    );
  }

  /** Whether values are as expected, a `$name` being what has that name. */
  isSame(entity: AnyEntity, column: string, expected: Json | undefined, actual: unknown): boolean {
    if (typeof expected === "string" && expected.startsWith("$"))
      return typeof actual === "string" && this.isNamed(expected, actual);
    return (
      JSON.stringify(this.plain(entity, column, expected)) ===
      JSON.stringify(this.plain(entity, column, actual))
    );
  }

  /** The same of several, of which there are no others. */
  areSame(entity: AnyEntity, expected: Members, actual: { readonly [column: string]: unknown }): boolean {
    const names = Object.keys(expected);
    return (
      names.length === Object.keys(actual).length &&
      names.every(
        (name) => Object.hasOwn(actual, name) && this.isSame(entity, name, expected[name], actual[name]),
      )
    );
  }

  /** Whether a row is the one that is expected, and says what is expected of it. */
  isRow(entity: AnyEntity, expected: Members, actual: { readonly [column: string]: unknown }): boolean {
    const same = (name: string) => this.isSame(entity, name, expected[name], actual[name]);
    return entity.key.every(same) && Object.keys(expected).every(same);
  }

  /** Whether rows are these and no others. */
  areRows(
    entity: AnyEntity,
    expected: Members[],
    actual: readonly { readonly [column: string]: unknown }[],
  ): boolean {
    return (
      expected.length === actual.length &&
      expected.every((row) => actual.some((found) => this.isRow(entity, row, found)))
    );
  }
}

function arrayText(items: Json[]): string {
  const texts = items.map((item) =>
    item === null ? "NULL" : `"${String(item).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`,
  );
  return `{${texts.join(",")}}`;
}
