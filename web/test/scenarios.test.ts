import "./scenarios/quiet.js";
import "fake-indexeddb/auto";
import { describe, expect, it, vi } from "vitest";
import { allScenarios, type Scenario } from "./scenarios/scenario.js";
import { ScenarioPlay } from "./scenarios/scenario-play.js";

/** A step that may crash anywhere has no more places than that. */
const MOST_PLACES = 100;

// A process that has ended hears nothing of the next, and holds no lock.
vi.stubGlobal("BroadcastChannel", undefined);
vi.stubGlobal("navigator", undefined);

async function play(scenario: Scenario, mayStream: boolean): Promise<void> {
  let place = 1;
  while (await new ScenarioPlay(scenario, mayStream, place).play()) {
    place++;
    expect(place).toBeLessThan(MOST_PLACES);
  }
  expect(place > 1).toBe(scenario.isCrashing);
}

/** The scenarios that the Java client plays too, each with both ways to follow a stream. */
describe.each([
  ["long polls", false],
  ["event streams", true],
])("by %s", (_, mayStream) => {
  it.each(allScenarios().map((scenario) => ({ name: scenario.name, scenario })))("$name", ({ scenario }) =>
    play(scenario, mayStream),
  );
});
