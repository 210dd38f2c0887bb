import type { AnyEntity } from "../../src/index.js";
import type { ScenarioValues } from "./scenario-values.js";
import { ScriptedBatches } from "./scripted-batches.js";
import { ScriptedRequest } from "./scripted-request.js";
import { ScriptedShape } from "./scripted-shape.js";
import type { VirtualTime } from "./virtual-time.js";

/** A server that does what a scenario says. */
export class ScriptedServer {
  readonly batches: ScriptedBatches;
  /** All requests that have arrived. */
  requests = 0;
  readonly #shapes: ReadonlyMap<string, ScriptedShape>;

  constructor(entities: readonly AnyEntity[], values: ScenarioValues, time: VirtualTime) {
    this.batches = new ScriptedBatches(values);
    this.#shapes = new Map(entities.map((entity) => [entity.table, new ScriptedShape(entity, values, time)]));
  }

  shape(entity: string): ScriptedShape {
    const shape = this.#shapes.get(entity);
    if (shape === undefined) throw new Error(`not an entity of this scenario: ${entity}`);
    return shape;
  }

  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = new ScriptedRequest(input, init);
    this.requests++;
    if (request.isWrite) this.batches.arrive(request);
    else this.shape(request.table).arrive(request);
    return request.response;
  }

  /** The process that had sent them is no more. */
  forgetRequests(): void {
    this.batches.forget();
    for (const shape of this.#shapes.values()) shape.forget();
  }
}
