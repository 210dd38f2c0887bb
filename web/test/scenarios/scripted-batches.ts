import { entityOf, type ScenarioValues } from "./scenario-values.js";
import type { ScriptedRequest } from "./scripted-request.js";
import { type Json, type Members, Step } from "./step.js";

interface SentChange {
  readonly id: string;
  readonly table: string;
  readonly op: string;
  readonly payload: Members;
  readonly created_at: number;
  readonly base?: Members;
  readonly tx?: string;
  readonly retry_count: number;
}

interface Batch {
  readonly client_id?: string;
  readonly schema_version?: number;
  readonly changes: readonly SentChange[];
}

function batchOf(request: ScriptedRequest): Batch {
  return JSON.parse(request.body) as Batch;
}

/** The batches of a scenario: what must be in them, and what is answered. */
export class ScriptedBatches {
  readonly #values: ScenarioValues;
  readonly #standing = new Map<string, Json>();
  readonly #createdAt = new Map<string, number>();
  #arrived: ScriptedRequest[] = [];
  #open: ScriptedRequest | undefined;

  constructor(values: ScenarioValues) {
    this.#values = values;
  }

  arrive(request: ScriptedRequest): void {
    const changes = batchOf(request).changes;
    for (const [name, answer] of this.#standing) {
      if (changes.some(({ id }) => id === this.#values.named(name))) {
        this.#answer(request, answer);
        return;
      }
    }
    this.#arrived.push(request);
  }

  get hasArrived(): boolean {
    return this.#arrived.length > 0;
  }

  /** Batches with a certain change are answered so from now on, and expected by nobody. */
  whenever(step: Step): void {
    this.#standing.set(step.text("whenever"), step.get("answer"));
  }

  expectNone(): void {
    const shown = this.#arrived.map((request) => JSON.stringify(batchOf(request).changes));
    if (shown.length > 0) throw new Error(`nobody expected these batches: ${shown.join("\n")}`);
  }

  forget(): void {
    this.#arrived = [];
    this.#open = undefined;
  }

  /** The next batch is that one; it waits for its answer. */
  expect(step: Step, user: string | undefined, refreshes: number): void {
    const request = this.#arrived.shift();
    if (request === undefined) throw new Error("no batch came");
    const batch = batchOf(request);
    const shown = JSON.stringify(batch.changes);
    if (batch.schema_version !== 1 || !batch.client_id) throw new Error("no version, or no client");
    const claims = atob(request.token.split(".")[1] ?? "");
    const wanted = JSON.stringify({ sub: user ?? "", n: refreshes });
    if (claims !== wanted) throw new Error(`a token with ${claims}, not ${wanted}`);
    const expected = step.steps("expectBatch");
    if (expected.length !== batch.changes.length) throw new Error(`other changes: ${shown}`);
    batch.changes.forEach((change, i) => {
      const one = expected[i];
      if (one !== undefined) this.#expect(one, change);
    });
    this.#open = request;
  }

  #expect(expected: Step, change: SentChange): void {
    const op = expected.verb;
    const entity = entityOf(expected.findText("table") ?? "notes");
    const wrong: string[] = [];
    const check = (what: string, isRight: boolean) => {
      if (!isRight) wrong.push(what);
    };
    check("op", change.op === op);
    check("table", change.table === entity.table);
    check("payload", this.#values.areSame(entity, expected.members(op), change.payload));
    const id = expected.findText("id");
    check("id", id === undefined || this.#values.isNamed(id, change.id));
    const base = expected.find("base") as Members | undefined;
    check(
      "base",
      base === undefined
        ? change.base === undefined
        : change.base !== undefined && this.#values.areSame(entity, base, change.base),
    );
    const tx = expected.findText("tx");
    check(
      "tx",
      tx === undefined
        ? change.tx === undefined
        : change.tx !== undefined && this.#values.isNamed(tx, change.tx),
    );
    const count = expected.findText("retry_count") ?? "0";
    check("retry_count", count === "any" || count === String(change.retry_count));
    const created = this.#createdAt.get(change.id) ?? change.created_at;
    this.#createdAt.set(change.id, created);
    check("created_at", created > 0 && created === change.created_at);
    expected.end();
    if (wrong.length > 0) throw new Error(`${wrong.join(", ")}: ${JSON.stringify(change)}`);
  }

  // --- answers

  /** Answers the batch that was expected last. */
  answer(answer: Json): void {
    const request = this.#open;
    if (request === undefined) throw new Error("no batch waits for an answer");
    this.#open = undefined;
    this.#answer(request, answer);
  }

  #answer(request: ScriptedRequest, answer: Json): void {
    if (answer === "lost") {
      request.fail("the answer was lost");
      return;
    }
    const script = new Step(answer);
    switch (script.verb) {
      case "status":
        refuse(request, script);
        break;
      case "garbage":
        request.answer(200, { "content-type": "application/json" }, script.text("garbage"));
        break;
      case "applied": {
        const all = script.members("applied");
        respond(
          request,
          batchOf(request).changes.map(({ id }) => result(id, "applied", new Step(all))),
        );
        break;
      }
      case "results":
        respond(
          request,
          script.steps("results").map((given) => {
            const told = result(this.#values.named(given.text("id")), given.text("status"), given);
            given.end();
            return told;
          }),
        );
        break;
      default:
        throw new Error("no such answer");
    }
    script.end();
  }
}

function refuse(request: ScriptedRequest, answer: Step): void {
  const seconds = answer.findText("retryAfter");
  const code = answer.findText("code");
  const body = { ...(code === undefined ? {} : { code }), error: answer.findText("error") ?? "refused" };
  request.answer(
    answer.number("status"),
    { "content-type": "application/json", ...(seconds === undefined ? {} : { "retry-after": seconds }) },
    JSON.stringify(body),
  );
}

function result(id: string, status: string, given: Step): Members {
  const told: Members = { id, status };
  for (const name of ["txid", "lsn"]) {
    const text = given.findText(name);
    if (text !== undefined) told[name] = text;
  }
  for (const name of ["conflicts", "row"]) {
    const value = given.find(name);
    if (value !== undefined) told[name] = value;
  }
  if (status === "rejected" || status === "retry") {
    told.code = given.get("code");
    told.error = given.find("error") ?? "not as it should be";
    told.retryable = status === "retry";
  }
  return told;
}

function respond(request: ScriptedRequest, results: Members[]): void {
  const errors = results.filter((one) => one.error !== undefined);
  const applied = results.filter((one) => one.error === undefined).map((one) => one.id ?? null);
  request.answer(200, { "content-type": "application/json" }, JSON.stringify({ applied, errors, results }));
}
