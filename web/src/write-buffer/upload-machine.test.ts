import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  STOPPED,
  stepUpload,
  type UploadEffect,
  type UploadEvent,
  type UploadState,
  type UploadStep,
} from "./upload-machine.js";

const { track } = STOPPED;
const reason = "why";

const states: Record<string, UploadState> = {
  Stopped: STOPPED,
  Idle: { kind: "idle", track },
  Gathering: { kind: "gathering", track },
  Authorizing: { kind: "authorizing", track },
  Sending: { kind: "sending", track },
  Pausing: { kind: "pausing", track, reason },
  NeedsAuth: { kind: "needs-auth", track, reason },
  Refused: { kind: "refused", track, code: "schema_too_old", reason },
};

const events: Record<string, UploadEvent> = {
  Start: { kind: "start" },
  Stop: { kind: "stop" },
  Enqueued: { kind: "enqueued" },
  Flush: { kind: "flush" },
  Elapsed: { kind: "elapsed" },
  TokenReady: { kind: "token-ready" },
  TokenFailed: { kind: "token-failed", reason },
  NothingToSend: { kind: "nothing-to-send" },
  Settled: { kind: "settled", hasProgress: true },
  "Settled, nothing": { kind: "settled", hasProgress: false },
  "Unauthorized (401)": { kind: "unauthorized", reason },
  "TooLarge (413, 400)": { kind: "too-large" },
  GivenUp: { kind: "given-up" },
  "Refusal (403, 404, 409)": { kind: "refusal", code: "schema_too_old", reason },
  "Busy (429, 5xx)": { kind: "busy", retryAfter: 7_000, reason },
  Broken: { kind: "broken", reason },
  Silence: { kind: "silence" },
  Reconnect: { kind: "reconnect" },
};

function name(effect: UploadEffect): string {
  switch (effect.kind) {
    case "ask-token":
      return effect.isRefresh ? "refresh token" : "ask token";
    case "pause":
      return effect.atLeast === 0 ? "pause" : `pause ${effect.atLeast / 1000} s and more`;
    case "gather":
    case "send":
    case "cancel":
      return effect.kind;
  }
}

function cell(state: UploadState, event: UploadEvent): string {
  const step = stepUpload(state, event);
  if (step.state === state && step.effects.length === 0) return "-";
  const called = Object.keys(states).find((key) => states[key]?.kind === step.state.kind);
  return step.effects.length === 0 ? `${called}` : `${called}: ${step.effects.map(name).join(", ")}`;
}

function table(): string {
  const kinds = Object.values(states);
  return [
    `| | ${Object.keys(states).join(" | ")} |`,
    `|---|${"---|".repeat(kinds.length)}`,
    ...Object.entries(events).map(
      ([called, event]) => `| ${called} | ${kinds.map((state) => cell(state, event)).join(" | ")} |`,
    ),
  ].join("\n");
}

test("every cell is as the document says, as it is for the Java client", () => {
  const document = readFileSync(new URL("../../../docs/client.md", import.meta.url), "utf8");

  expect(document).toContain(table());
});

/** What comes of events one after another. */
function after(state: UploadState, ...all: readonly UploadEvent[]): UploadStep {
  return all.reduce<UploadStep>((step, event) => stepUpload(step.state, event), { state, effects: [] });
}

test("a batch that is too large is halved until it is taken, and grows again", () => {
  const sending: UploadState = { kind: "sending", track };

  const halved = after(
    sending,
    { kind: "too-large" },
    { kind: "token-ready" },
    { kind: "too-large" },
    { kind: "token-ready" },
  );

  expect(halved.effects).toEqual([{ kind: "send", halvings: 2 }]);
  expect(after(halved.state, { kind: "settled", hasProgress: true }).state.track.halvings).toBe(1);
});

test("failures in a row are counted until an answer comes", () => {
  const again: readonly UploadEvent[] = [
    { kind: "broken", reason },
    { kind: "elapsed" },
    { kind: "token-ready" },
  ];
  const sending: UploadState = { kind: "sending", track };

  const failed = after(sending, ...again, ...again, { kind: "broken", reason });

  expect(failed.effects).toContainEqual({ kind: "pause", failures: 3, atLeast: 0 });
  expect(after(sending, ...again, { kind: "settled", hasProgress: true }).state.track.failures).toBe(0);
});
