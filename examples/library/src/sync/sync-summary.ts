import type { SyncStatus } from "@millrace/web";
import { formatCount, formatTime } from "../format";

/** The state of the sync, in one word for programs, two for people, and a sentence that says why. */
export interface SyncSummary {
  readonly state:
    | "guest"
    | "live"
    | "catching-up"
    | "offline"
    | "needs-sign-in"
    | "refused"
    | "storage-full"
    | "outdated";
  readonly label: string;
  readonly detail: string;
}

/** What a person has to act on comes first. */
export function summarise(status: SyncStatus, now: Date): SyncSummary {
  if (status.outdated) {
    return {
      state: "outdated",
      label: "Reload needed",
      detail: "A newer version of this app runs in another tab. Reload this one to go on.",
    };
  }
  if (status.storage !== undefined) {
    return {
      state: "storage-full",
      label: "Storage trouble",
      detail: `This device does not keep its data: ${status.storage}`,
    };
  }
  if (status.user === undefined) {
    return {
      state: "guest",
      label: "On this device only",
      detail: "Sign in to keep your works in the database.",
    };
  }
  if (status.isSwitchedOff) {
    return {
      state: "offline",
      label: "Offline",
      detail: `You switched the network off.${since(status, now)}`,
    };
  }
  if (status.isOffline) {
    return {
      state: "offline",
      label: "Offline",
      detail: `The server cannot be reached.${since(status, now)}`,
    };
  }
  if (status.needsAuth) {
    return {
      state: "needs-sign-in",
      label: "Sign-in needed",
      detail: "The server no longer accepts your sign-in. What you write is kept on this device.",
    };
  }
  const refusal = refusalOf(status);
  if (refusal !== undefined) return { state: "refused", label: "Refused", detail: refusal };
  if (!isLive(status)) {
    return { state: "catching-up", label: "Catching up", detail: "Reading what the server has." };
  }
  return { state: "live", label: "Live", detail: liveDetail(status) };
}

function isLive({ streams }: SyncStatus): boolean {
  return streams.length > 0 && streams.every(({ phase }) => phase === "live");
}

function since({ lastUpToDate }: SyncStatus, now: Date): string {
  return lastUpToDate === undefined ? "" : ` Up to date at ${formatTime(new Date(lastUpToDate), now)}.`;
}

function refusalOf({ streams, upload }: SyncStatus): string | undefined {
  const stream = streams.find(({ phase }) => phase === "refused");
  if (stream !== undefined)
    return `The server refuses to send ${stream.entity}: ${stream.reason ?? "no reason given"}`;
  if (upload.phase !== "refused") return undefined;
  return `The server takes no changes: ${upload.reason ?? upload.code ?? "no reason given"}`;
}

function liveDetail({ writes, isLeader }: SyncStatus): string {
  const waiting = writes.pending + writes.syncing;
  const but = writes.errors > 0 ? ", but for what was refused" : "";
  const state =
    waiting > 0
      ? `Sending ${formatCount(waiting, "change")}.`
      : `This device has what the database has${but}.`;
  return isLeader ? state : `${state} Another tab talks to the server for this one.`;
}
