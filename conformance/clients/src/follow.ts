// Follows a shape with the official client, for a test that drives it over stdin and reads stdout.
//
//   --url      the server's /v1/shape
//   --table    the table
//   --live     long-poll or sse
//   --values   text: as they were sent (the default); parsed: as the client's own parsers read them
//   --columns  the selected columns, separated by commas (all)
//   --replica  default or full
//   --where    which rows (all)
//   --param    the value of $1, then that of $2, ...
//
// Tells what happens as FollowEvents (event.ts), and answers on stdin:
//   rows   the event `rows`
//   quit   exits
// It goes on through every failure that a patient application would go on through; what the server refuses
// ends it with the event `failed`.

import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import {
  FetchError,
  isChangeMessage,
  isControlMessage,
  type Message,
  type Row,
  Shape,
  ShapeStream,
  type ShapeStreamInterface,
} from "@electric-sql/client";
import { emit } from "./event.js";
import { MaterializedRows, sortedByKey } from "./materialized-rows.js";
import { withTextColumns } from "./text-values.js";

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    table: { type: "string" },
    live: { type: "string" },
    values: { type: "string", default: "text" },
    columns: { type: "string" },
    replica: { type: "string", default: "default" },
    where: { type: "string" },
    param: { type: "string", multiple: true, default: [] },
  },
});

const rows = new MaterializedRows();
const stream = new ShapeStream({
  url: options.url ?? "",
  params: {
    table: options.table ?? "",
    ...(options.columns !== undefined && { columns: options.columns.split(",") }),
    ...(options.replica === "full" && { replica: "full" }),
    ...(options.where !== undefined && { where: options.where, params: options.param }),
  },
  liveSse: options.live === "sse",
  fetchClient: watchedFetch,
  onError: (error) => {
    if (isRefusal(error)) return;
    emit({ event: "retry", reason: error.message });
    return {};
  },
  backoffOptions: { initialDelay: 50, multiplier: 2, maxDelay: 500 },
  warnOnHttp: false,
});
// The cast: the client's own class fits its interface only without exactOptionalPropertyTypes.
const shape = new Shape(stream as ShapeStreamInterface);
// Subscribed after the shape, so that its rows hold these messages already.
stream.subscribe(
  (messages) => {
    for (const message of messages) take(message);
  },
  (error) => emit({ event: "failed", reason: error.message }),
);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "rows") {
    emit({ event: "rows", messages: rows.sorted(), shape: sortedByKey(shape.currentValue) });
  } else if (line === "quit") {
    break;
  }
}
process.exit();

function take(message: Message<Row>): void {
  const handle = stream.shapeHandle ?? "";
  if (isChangeMessage(message)) {
    const { operation, lsn, op_position } = message.headers;
    const offset = lsn === undefined ? null : `${lsn}_${op_position}`;
    emit({ event: "change", handle, key: message.key, operation, offset });
    const reason = rows.apply(message);
    if (reason !== undefined) emit({ event: "contradiction", reason });
  } else if (isControlMessage(message) && message.headers.control === "up-to-date") {
    emit({ event: "up-to-date", handle, offset: stream.lastOffset, rows: rows.size });
  } else if (isControlMessage(message) && message.headers.control === "must-refetch") {
    rows.clear();
    emit({ event: "must-refetch" });
  }
}

async function watchedFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(input, init).catch((error: unknown) => {
    if (!init?.signal?.aborted) emit({ event: "unreachable", reason: String(error) });
    throw error;
  });
  const schema = response.headers.get("electric-schema");
  emit({
    event: "response",
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    schema: schema === null ? null : JSON.parse(schema),
  });
  return options.values === "text" ? withTextColumns(response) : response;
}

/** What asking again would not change. */
function isRefusal(error: Error): boolean {
  return error instanceof FetchError && error.status >= 400 && error.status < 500;
}
