import type { AnyEntity } from "../../src/index.js";
import { type ScenarioValues, schemaOf } from "./scenario-values.js";
import type { ScriptedRequest } from "./scripted-request.js";
import { type Members, Step } from "./step.js";
import type { VirtualTime } from "./virtual-time.js";

const PATIENCE_MS = 20_000;

/** Those of a part of the snapshot are at the same place. */
interface ScriptedMessage {
  readonly at: string;
  readonly txid: number;
  readonly json: string;
}

type Fault = (request: ScriptedRequest) => void;

/** The stream of one entity as a scenario has scripted it so far. */
export class ScriptedShape {
  /** How often it was asked for from its beginning. */
  beginnings = 0;
  readonly #entity: AnyEntity;
  readonly #values: ScenarioValues;
  readonly #time: VirtualTime;
  readonly #faults: Fault[] = [];
  #messages: ScriptedMessage[] = [];
  #held: ScriptedRequest[] = [];
  #handle = 1;
  #parts = 0;
  #isSnapshotWhole = false;
  #isOpen = false;
  #lsn = 1000;
  #operations = 0;

  constructor(entity: AnyEntity, values: ScenarioValues, time: VirtualTime) {
    this.#entity = entity;
    this.#values = values;
    this.#time = time;
  }

  // --- the script

  play(step: Step): void {
    if (step.find("rows") !== undefined) this.#snapshot(step);
    else if (step.find("changes") !== undefined) this.#transaction(step);
    else if (step.find("upToDate") !== undefined) {
      this.#lsn = Math.max(this.#lsn, step.number("upToDate"));
      if (!step.flag("onlyIfAsked")) this.#tellAll([]);
    } else if (step.find("again") !== undefined) {
      const txids = step.items("again");
      this.#tellAll(this.#messages.filter(({ txid }) => txids.includes(txid)));
    } else if (step.flag("mustRefetch")) this.#rotate();
    else if (step.flag("break")) this.#befall((request) => request.fail("the connection broke"));
    else if (step.find("refuse") !== undefined) this.#refuse(new Step(step.get("refuse")));
    else throw new Error("nothing that a stream does");
  }

  #snapshot(step: Step): void {
    const at = `0_${this.#parts++}`;
    for (const row of step.items("rows")) this.#add(at, 0, "insert", row as Members, {});
    this.#isOpen = step.flag("more");
    if (!this.#isOpen) {
      this.#isSnapshotWhole = true;
      const seen = (step.find("snapshot") ?? { xmin: "3", xmax: "3", xip_list: [] }) as Members;
      const json = JSON.stringify({ headers: { control: "snapshot-end", ...seen } });
      this.#messages.push({ at, txid: 0, json });
    }
    this.#lookAll();
  }

  #transaction(step: Step): void {
    const isContinued = this.#isOpen;
    this.#isOpen = step.flag("more");
    const txid = step.number("txid");
    if (!isContinued) {
      this.#lsn = step.number("lsn", this.#lsn + 10);
      this.#operations = 0;
    }
    const changes = step.steps("changes");
    for (const change of changes) {
      const isLast = !this.#isOpen && change === changes.at(-1);
      const position = 2 * this.#operations++;
      this.#add(`${this.#lsn}_${position}`, txid, change.verb, change.members(change.verb), {
        txids: [txid],
        lsn: String(this.#lsn),
        op_position: position,
        ...(isLast ? { last: true } : {}),
      });
      change.end();
    }
    this.#lookAll();
  }

  #add(at: string, txid: number, operation: string, row: Members, headers: Members): void {
    const { key: keyColumns, table } = this.#entity;
    const value = this.#values.wire(this.#entity, operation === "insert" ? this.#whole(row) : row);
    if (operation === "delete" && Object.keys(value).length !== keyColumns.length)
      throw new Error("a delete has the key alone");
    const key = `"public"."${table}"${keyColumns.map((name: string) => `/"${value[name]}"`).join("")}`;
    const relation = ["public", table];
    const json = JSON.stringify({ key, value, headers: { operation, ...headers, relation } });
    this.#messages.push({ at, txid, json });
  }

  /** Columns that are not said are null. */
  #whole(row: Members): Members {
    return { ...Object.fromEntries(Object.keys(this.#entity.columns).map((name) => [name, null])), ...row };
  }

  #rotate(): void {
    this.#handle++;
    this.#messages = [];
    this.#parts = 0;
    this.#isSnapshotWhole = false;
    this.#isOpen = false;
    this.#lookAll();
  }

  #refuse(answer: Step): void {
    const status = answer.number("status");
    const seconds = answer.findText("retryAfter");
    const headers = seconds === undefined ? {} : { "retry-after": seconds };
    const body = answer.findText("body") ?? '{"message":"refused"}';
    answer.end();
    this.#befall((request) => request.answer(status, headers, body));
  }

  /** Whoever waits meets it; if nobody does, the next. */
  #befall(fault: Fault): void {
    this.#held = this.#held.filter(({ isOver }) => !isOver);
    const request = this.#held.shift();
    if (request === undefined) this.#faults.push(fault);
    else if (request.isStream) {
      request.end();
      this.#faults.push(fault); // An event stream that has begun can only end.
    } else fault(request);
  }

  // --- requests

  arrive(request: ScriptedRequest): void {
    const fault = this.#faults.shift();
    if (fault !== undefined) {
      fault(request);
      return;
    }
    if (request.offset === "-1") this.beginnings++;
    this.#held.push(request);
    if (request.isLive) this.#time.after(PATIENCE_MS, () => this.#saySomething(request));
    this.#look(request);
  }

  /** A server leaves nobody without a word for longer than that. */
  #saySomething(request: ScriptedRequest): void {
    if (request.isOver || !this.#held.includes(request)) return;
    if (request.isStream) {
      request.events(": keep-alive\n\n");
      this.#time.after(PATIENCE_MS, () => this.#saySomething(request));
    } else if (!this.#isOpen) this.#answer(request, [], later(this.#end, request.offset), true);
  }

  forget(): void {
    this.#held = [];
  }

  #lookAll(): void {
    for (const request of [...this.#held]) this.#look(request);
  }

  #release(request: ScriptedRequest): void {
    this.#held = this.#held.filter((held) => held !== request);
  }

  #look(request: ScriptedRequest): void {
    if (request.isOver) {
      this.#release(request);
      return;
    }
    if (request.offset === "-1") {
      const first = this.#messages.filter(({ at }) => at.startsWith("0_"));
      if (this.#parts > 0) this.#answer(request, first, `0_${this.#parts - 1}`, false);
      return;
    }
    if (request.handle !== this.#shapeHandle) {
      this.#release(request);
      if (request.hasBegun) request.end();
      else
        request.answer(
          409,
          { "electric-handle": this.#shapeHandle },
          '[{"headers":{"control":"must-refetch"}}]',
        );
      return;
    }
    const after = this.#messages.filter(({ at }) =>
      isAfter(at, request.isStream ? request.told : request.offset),
    );
    if (request.isStream) {
      request.begin(this.#headers(request, request.offset));
      if (after.length > 0) this.#tell(request, after);
    } else if (after.length > 0) this.#answer(request, after, this.#end, !this.#isOpen);
    else if (!request.isLive && !this.#isOpen)
      this.#answer(request, [], later(this.#end, request.offset), true);
  }

  get #end(): string {
    const last = this.#messages.at(-1)?.at ?? "0_inf";
    return last.startsWith("0_") && this.#isSnapshotWhole ? "0_inf" : last;
  }

  get #shapeHandle(): string {
    return `${this.#handle}-${this.#entity.name}`;
  }

  #headers(request: ScriptedRequest, offset: string): Record<string, string> {
    return {
      "content-type": request.isStream ? "text/event-stream" : "application/json; charset=utf-8",
      "electric-handle": this.#shapeHandle,
      "electric-offset": offset,
      ...(request.isLive ? { "electric-cursor": "1" } : { "electric-schema": schemaOf(this.#entity) }),
    };
  }

  get #upToDate(): string {
    return JSON.stringify({
      headers: { control: "up-to-date", global_last_seen_lsn: String(this.#lsn) },
    });
  }

  #answer(
    request: ScriptedRequest,
    told: readonly ScriptedMessage[],
    offset: string,
    isUpToDate: boolean,
  ): void {
    this.#release(request);
    const headers = this.#headers(request, offset);
    const body = told.map(({ json }) => json);
    if (isUpToDate) {
      headers["electric-up-to-date"] = "";
      body.push(this.#upToDate);
    }
    request.answer(200, headers, `[${body.join(",")}]`);
  }

  /** Those who wait hear of it and that it is all. */
  #tellAll(told: readonly ScriptedMessage[]): void {
    const live = this.#held.filter(({ isLive, isOver }) => isLive && !isOver);
    for (const request of live) {
      if (request.isStream) this.#tell(request, told);
      else this.#answer(request, told, later(this.#end, request.offset), true);
    }
    if (live.length === 0 && told.length > 0) throw new Error("nobody follows the stream");
  }

  #tell(request: ScriptedRequest, told: readonly ScriptedMessage[]): void {
    const frames = told.map(({ json }) => `data: ${json}\n\n`);
    for (const { at } of told) request.told = later(at, request.told);
    if (!this.#isOpen) frames.push(`data: ${this.#upToDate}\n\n`);
    request.events(frames.join(""));
  }
}

function parts(offset: string): [number, number] {
  const [tx = "", op = ""] = offset.split("_");
  return [Number(tx), op === "inf" ? Number.POSITIVE_INFINITY : Number(op)];
}

/** `L_0` is read as all of L: the official client makes such places of event streams. */
function isAfter(at: string, offset: string): boolean {
  const [tx, op] = parts(at);
  const [ofTx, ofOp] = parts(offset);
  return tx > ofTx || (tx === ofTx && op > ofOp && !(ofTx > 0 && ofOp === 0));
}

function later(one: string, other: string): string {
  const [tx, op] = parts(one);
  const [ofTx, ofOp] = parts(other);
  return tx > ofTx || (tx === ofTx && op > ofOp) ? one : other;
}
