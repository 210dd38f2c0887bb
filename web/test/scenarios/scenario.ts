import { readdirSync, readFileSync } from "node:fs";
import type { AnyEntity } from "../../src/index.js";
import { entityOf } from "./scenario-values.js";
import { type Members, Step } from "./step.js";

const FOLDER = new URL("../../../scenarios/", import.meta.url);

/** One file of the folder `scenarios`, whose README says what is in it. */
export interface Scenario {
  readonly file: string;
  readonly name: string;
  readonly entities: readonly AnyEntity[];
  readonly steps: readonly Members[];
  readonly isCrashing: boolean;
}

export function allScenarios(): readonly Scenario[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
  return files.sort().map(readScenario);
}

function readScenario(file: string): Scenario {
  const text = readFileSync(new URL(file, FOLDER), "utf8");
  const told = new Step(JSON.parse(text));
  const entities = told.find("entities") === undefined ? ["notes"] : told.items("entities").map(String);
  const scenario = {
    file,
    name: told.text("name"),
    entities: entities.map(entityOf),
    steps: told.items("steps") as Members[],
    isCrashing: text.includes('"crash": "anywhere"'),
  };
  told.text("why");
  told.end();
  return scenario;
}
