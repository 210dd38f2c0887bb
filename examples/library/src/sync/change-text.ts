/** What a change, sent or not, has to be told about. */
export interface ToldChange {
  readonly entity: string;
  readonly op: "insert" | "update" | "delete";
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The title of a work by its id; undefined if there is none. */
export type TitleOf = (workId: unknown) => string | undefined;

const COLUMN_NAMES: ReadonlyMap<string, string> = new Map([
  ["title", "title"],
  ["author", "author"],
  ["year", "year"],
  ["language", "language"],
  ["file_name", "file name"],
  ["media_type", "media type"],
  ["byte_size", "size"],
  ["sha256", "checksum"],
  ["locator", "place"],
  ["quote", "quote"],
  ["note", "note"],
]);

/** The columns a person knows of, with their values, in the order above. */
export function toldColumns(
  payload: ToldChange["payload"],
): { column: string; name: string; value: unknown }[] {
  return [...COLUMN_NAMES].flatMap(([column, name]) =>
    payload[column] === undefined ? [] : [{ column, name, value: payload[column] }],
  );
}

export function nameOfColumn(column: string): string {
  return COLUMN_NAMES.get(column) ?? column;
}

/** `Add the work “Emma”`, `Change the year of “Emma”`, `Delete a note on “Emma”`. */
export function describeChange({ entity, op, payload }: ToldChange, titleOf: TitleOf): string {
  const thing = describeThing(entity, payload, titleOf);
  switch (op) {
    case "insert":
      return `Add ${thing}`;
    case "delete":
      return `Delete ${thing}`;
    case "update": {
      const names = toldColumns(payload).map(({ name }) => name);
      return names.length === 0 ? `Change ${thing}` : `Change the ${listed(names)} of ${thing}`;
    }
  }
}

/** A row in words. */
export function describeThing(entity: string, payload: ToldChange["payload"], titleOf: TitleOf): string {
  switch (entity) {
    case "works": {
      const title = titleOf(payload.id) ?? payload.title;
      return typeof title === "string" ? `the work “${title}”` : "a work";
    }
    case "assets":
      return typeof payload.file_name === "string"
        ? `the file ${payload.file_name}${onWork(payload, titleOf)}`
        : `a file${onWork(payload, titleOf)}`;
    case "annotations":
      return `a note${onWork(payload, titleOf)}`;
    default:
      return `a row of ${entity}`;
  }
}

function onWork(payload: ToldChange["payload"], titleOf: TitleOf): string {
  const title = titleOf(payload.work_id);
  return title === undefined ? "" : ` on “${title}”`;
}

/** A value as a person writes it; “nothing” if there is none. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  return typeof value === "string" ? `“${value}”` : String(value);
}

/** Why the server refused a change, in words; its own sentence where we have none. */
export function describeRefusal(code: string, message: string): string {
  if (message.includes("works_year_check")) return "There is no year 0: 1 BC is followed by AD 1.";
  switch (code) {
    case "row_deleted":
      return "Somebody deleted it meanwhile.";
    case "row_not_found":
      return "It is not in the database, or not yours.";
    case "foreign_key_violation":
      return "The work it belongs to is not in the database.";
    case "unique_violation":
      return "There is one with this key already.";
    case "forbidden":
      return "You may not do this.";
    case "tx_failed":
      return "Another change that belongs to it was refused.";
    default:
      return message;
  }
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
