import {
  type ChangeMessage,
  isChangeMessage,
  isControlMessage,
  type Message,
  type Row,
  Shape,
  ShapeStream,
  type ShapeStreamInterface,
  type ShapeStreamOptions,
} from "@electric-sql/client";
import { expect, onTestFinished } from "vitest";
import { type RecordedFetch, recordedFetch } from "./recorded-fetch.js";
import { surroundings } from "./surroundings.js";

export type FollowOptions = Partial<Omit<ShapeStreamOptions, "fetchClient">> & {
  readonly fetchClient?: typeof fetch;
};

/** A stream that the end of the test aborts, with all it said. */
export type Followed = {
  readonly stream: ShapeStream;
  readonly messages: readonly Message[];
  readonly fetch: RecordedFetch;
  readonly errors: readonly Error[];
  readonly abort: () => void;
  readonly changes: () => readonly ChangeMessage<Row>[];
  readonly untilUpToDate: () => Promise<void>;
};

/** Both ways in which a client waits for changes. */
export const liveModes = [
  { mode: "long poll", liveSse: false },
  { mode: "event stream", liveSse: true },
] as const;

/** Opens a stream without anybody who reads it. */
export function open(
  table: string | undefined,
  options: FollowOptions = {},
): Pick<Followed, "stream" | "fetch" | "abort"> {
  const aborter = new AbortController();
  onTestFinished(() => aborter.abort());
  const fetch = recordedFetch(options.fetchClient);
  const stream = new ShapeStream({
    url: surroundings.shapeUrl,
    signal: aborter.signal,
    backoffOptions: { initialDelay: 50, multiplier: 2, maxDelay: 500 },
    ...options,
    ...(table !== undefined && { params: { table, ...options.params } }),
    fetchClient: fetch,
  } as ShapeStreamOptions);
  return { stream, fetch, abort: () => aborter.abort() };
}

/** Opens a stream and keeps its messages. */
export function follow(table: string | undefined, options: FollowOptions = {}): Followed {
  const opened = open(table, options);
  const messages: Message[] = [];
  const errors: Error[] = [];
  opened.stream.subscribe(
    (batch) => {
      messages.push(...batch);
    },
    (error) => errors.push(error),
  );
  return {
    ...opened,
    messages,
    errors,
    changes: () => messages.filter((message) => isChangeMessage(message)),
    untilUpToDate: () => expect.poll(() => messages.some(isUpToDate)).toBe(true),
  };
}

export type FollowedShape = Pick<Followed, "stream" | "fetch" | "abort"> & { readonly shape: Shape };

/** Opens a shape, which keeps the rows. */
export function followShape(table: string | undefined, options: FollowOptions = {}): FollowedShape {
  const opened = open(table, options);
  return { ...opened, shape: asShape(opened.stream) };
}

/** The cast: the client's own class fits its interface only without exactOptionalPropertyTypes. */
export function asShape(stream: ShapeStream): Shape {
  return new Shape(stream as ShapeStreamInterface);
}

export function isUpToDate(message: Message): boolean {
  return isControlMessage(message) && message.headers.control === "up-to-date";
}

export function controls(messages: readonly Message[]): string[] {
  return messages.filter((message) => isControlMessage(message)).map((message) => message.headers.control);
}

/** `operation id` of each change, for short comparisons. */
export function operations(followed: Followed): string[] {
  return followed.changes().map((change) => `${change.headers.operation} ${change.value.id}`);
}

/** The values of one column, in the order of the numbers in `id`. */
export function column(rows: readonly Row[], name: string): unknown[] {
  return [...rows].sort((a, b) => Number(a.id) - Number(b.id)).map((row) => row[name]);
}
