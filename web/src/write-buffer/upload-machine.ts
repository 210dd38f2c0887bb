/** What the sender remembers: failures and refused tokens in a row, and how often a batch was too large. */
export interface UploadTrack {
  readonly failures: number;
  readonly refusedTokens: number;
  readonly halvings: number;
}

/** What the sender of a write buffer is doing. */
export type UploadState = { readonly track: UploadTrack } & (
  | { readonly kind: "stopped" | "idle" | "gathering" | "authorizing" | "sending" }
  | { readonly kind: "pausing" | "needs-auth"; readonly reason: string }
  /** The server takes no writes of this application or at all, such as one that is too old. */
  | { readonly kind: "refused"; readonly code: string; readonly reason: string }
);

/** What happens to the sender. */
export type UploadEvent =
  | { readonly kind: "start" | "stop" | "enqueued" | "flush" | "elapsed" | "token-ready" | "nothing-to-send" }
  | { readonly kind: "token-failed" | "unauthorized" | "broken"; readonly reason: string }
  | { readonly kind: "settled"; readonly hasProgress: boolean }
  /** 413, or 400 for what is no batch: it is not taken as a whole, and has more than one part. */
  | { readonly kind: "too-large" }
  /** The batch cannot be made smaller; its changes are dead letters now. */
  | { readonly kind: "given-up" }
  /** Writes are not taken at all: 403, 404, 409. */
  | { readonly kind: "refusal"; readonly code: string; readonly reason: string }
  /** 429, 5xx, or what no server of ours says. */
  | { readonly kind: "busy"; readonly retryAfter: number; readonly reason: string }
  /** No answer comes; or the network, or the user, is back. */
  | { readonly kind: "silence" | "reconnect" };

/** What is done for it. */
export type UploadEffect =
  /** Waits for what else is written in the next moment. */
  | { readonly kind: "gather" }
  | { readonly kind: "ask-token"; readonly isRefresh: boolean }
  /** Sends the next batch, its bounds halved so often. */
  | { readonly kind: "send"; readonly halvings: number }
  /** Gives up request, token and pause, whichever there is. */
  | { readonly kind: "cancel" }
  | { readonly kind: "pause"; readonly failures: number; readonly atLeast: number };

export interface UploadStep {
  readonly state: UploadState;
  readonly effects: readonly UploadEffect[];
}

const REFUSED_PAUSE_MS = 5 * 60_000;
const TOKEN_PAUSE_MS = 5_000;
const CANCEL = { kind: "cancel" } as const;

export const STOPPED: UploadState = {
  kind: "stopped",
  track: { failures: 0, refusedTokens: 0, halvings: 0 },
};

/**
 * Decides what the sender does: from a state and an event to a state and effects, for all of both (the table of "The
 * sender" in docs/client.md). A pure function. Late news of what was given up changes nothing; what is written while
 * a batch is on its way goes with the next.
 */
export function stepUpload(state: UploadState, event: UploadEvent): UploadStep {
  if (event.kind === "stop") return to({ kind: "stopped", track: state.track }, CANCEL);
  switch (state.kind) {
    case "stopped":
      return event.kind === "start"
        ? to({ kind: "gathering", track: state.track }, { kind: "gather" })
        : to(state);
    case "idle":
      return idle(state, event);
    case "gathering":
      return gathering(state, event);
    case "authorizing":
      return authorizing(state, event);
    case "sending":
      return sending(state, event);
    case "pausing":
    case "refused":
      return waiting(state, event, false);
    case "needs-auth":
      return waiting(state, event, true);
  }
}

function idle(state: UploadState, event: UploadEvent): UploadStep {
  switch (event.kind) {
    case "enqueued":
      return to({ kind: "gathering", track: state.track }, { kind: "gather" });
    case "flush":
    case "reconnect":
      return authorize(state.track, false);
    default:
      return to(state);
  }
}

function gathering(state: UploadState, event: UploadEvent): UploadStep {
  switch (event.kind) {
    case "elapsed":
      return authorize(state.track, false);
    case "flush":
      return authorize(state.track, false, CANCEL);
    default:
      return to(state);
  }
}

function authorizing(state: UploadState, event: UploadEvent): UploadStep {
  const { track } = state;
  switch (event.kind) {
    case "token-ready":
      return to({ kind: "sending", track }, { kind: "send", halvings: track.halvings });
    case "token-failed":
      return needsAuth(failed(track), event.reason);
    case "silence":
      return needsAuth(failed(track), "no token came in time");
    default:
      return to(state);
  }
}

function sending(state: UploadState, event: UploadEvent): UploadStep {
  const { track } = state;
  switch (event.kind) {
    case "nothing-to-send":
      return to({ kind: "idle", track }, CANCEL);
    case "settled":
      return event.hasProgress
        ? authorize(answered(track), false, CANCEL)
        : pause(failed(track), 0, "an answer settled nothing");
    case "unauthorized":
      return unauthorized(track, event.reason);
    case "too-large":
      return authorize({ ...track, refusedTokens: 0, halvings: track.halvings + 1 }, false, CANCEL);
    case "given-up":
      return authorize(answered(track), false, CANCEL);
    case "refusal":
      return to({ kind: "refused", track, code: event.code, reason: event.reason }, CANCEL, {
        kind: "pause",
        failures: 1,
        atLeast: REFUSED_PAUSE_MS,
      });
    case "busy":
      return pause(failed(track), event.retryAfter, event.reason);
    case "broken":
      return pause(failed(track), 0, event.reason);
    case "silence":
      return pause(failed(track), 0, "the server fell silent");
    default:
      return to(state);
  }
}

/** The states that a timer ends. A flush waits for it too: a server asked for the time. */
function waiting(state: UploadState, event: UploadEvent, isRefresh: boolean): UploadStep {
  switch (event.kind) {
    case "elapsed":
      return authorize(state.track, isRefresh);
    case "reconnect":
      return authorize(state.track, isRefresh, CANCEL);
    default:
      return to(state);
  }
}

const failed = (track: UploadTrack): UploadTrack => ({ ...track, failures: track.failures + 1 });

/** An answer came; batches grow again. */
const answered = ({ halvings }: UploadTrack): UploadTrack => ({
  failures: 0,
  refusedTokens: 0,
  halvings: Math.max(0, halvings - 1),
});

function to(state: UploadState, ...effects: UploadEffect[]): UploadStep {
  return { state, effects };
}

function authorize(track: UploadTrack, isRefresh: boolean, ...before: UploadEffect[]): UploadStep {
  return to({ kind: "authorizing", track }, ...before, { kind: "ask-token", isRefresh });
}

function unauthorized(track: UploadTrack, reason: string): UploadStep {
  const refused = { ...track, refusedTokens: track.refusedTokens + 1 };
  return refused.refusedTokens === 1 ? authorize(refused, true, CANCEL) : needsAuth(failed(refused), reason);
}

function needsAuth(track: UploadTrack, reason: string): UploadStep {
  const failures = Math.max(1, track.failures);
  return to({ kind: "needs-auth", track, reason }, CANCEL, {
    kind: "pause",
    failures,
    atLeast: TOKEN_PAUSE_MS,
  });
}

function pause(track: UploadTrack, atLeast: number, reason: string): UploadStep {
  return to({ kind: "pausing", track, reason }, CANCEL, { kind: "pause", failures: track.failures, atLeast });
}
