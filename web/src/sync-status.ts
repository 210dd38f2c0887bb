import type { StreamStatus } from "./stream/shape-follower.js";
import type { UploadStatus } from "./write-buffer/uploader.js";
import type { WriteBufferStats } from "./write-buffer/write-buffer.js";

/** How syncing is, for a person: whether all is well, and if not, why. The same in all tabs, but for the tab's own. */
export interface SyncStatus {
  /** Who is signed in; undefined for a guest. */
  readonly user: string | undefined;
  /** Whether this tab follows the server for all. */
  readonly isLeader: boolean;
  /** Whether somebody has switched the network off, by `setOffline`. */
  readonly isSwitchedOff: boolean;
  /** Whether the server cannot be reached now. */
  readonly isOffline: boolean;
  /** Whether the user has to sign in again; meanwhile everything written waits. */
  readonly needsAuth: boolean;
  /** Whether every entity has all there is, and nothing waits to be sent. */
  readonly isSynced: boolean;
  readonly streams: readonly StreamStatus[];
  readonly upload: UploadStatus;
  readonly writes: WriteBufferStats;
  readonly conflicts: number;
  /** Why the device stores nothing more, or gives nothing of what it has, if that is so. */
  readonly storage?: string;
  /** A newer version of the application runs in another tab: this one has to be loaded again. */
  readonly outdated: boolean;
  /** Since when something may be missing: epoch milliseconds. */
  readonly lastUpToDate?: number;
  /** Why not all is as it should be, in words; empty if all is. */
  readonly reasons: readonly string[];
}

export interface StatusParts {
  readonly user: string | undefined;
  readonly isLeader: boolean;
  readonly isSwitchedOff: boolean;
  readonly hasNetwork: boolean;
  readonly streams: readonly StreamStatus[];
  readonly upload: UploadStatus;
  readonly writes: WriteBufferStats;
  /** Whether the counts are older than the last write. */
  readonly isCounting: boolean;
  readonly conflicts: number;
  /** As stored. */
  readonly lastUpToDate: number | undefined;
  readonly storage: string | undefined;
  readonly outdated: boolean;
}

/** Puts together what is known. */
export function syncStatus(parts: StatusParts): SyncStatus {
  const { streams, upload, writes, user } = parts;
  const isSignedIn = user !== undefined;
  const phases: readonly string[] = [upload.phase, ...streams.map(({ phase }) => phase)];
  const isAll = streams.length > 0 && streams.every(({ phase }) => phase === "live");
  const times = streams.map(({ lastUpToDate }) => lastUpToDate);
  const isEverUpToDate = times.length > 0 && times.every((time) => time !== undefined);
  const lastUpToDate = isEverUpToDate ? Math.min(...(times as number[])) : parts.lastUpToDate;
  return {
    user,
    isLeader: parts.isLeader,
    isSwitchedOff: parts.isSwitchedOff,
    isOffline: isSignedIn && (parts.isSwitchedOff || !parts.hasNetwork || phases.includes("offline")),
    needsAuth: phases.includes("needs-auth"),
    isSynced: isAll && !parts.isCounting && writes.pending + writes.syncing === 0,
    streams,
    upload,
    writes,
    conflicts: parts.conflicts,
    ...(parts.storage === undefined ? {} : { storage: parts.storage }),
    outdated: parts.outdated,
    ...(lastUpToDate === undefined ? {} : { lastUpToDate }),
    reasons: reasons(parts),
  };
}

function reasons(parts: StatusParts): readonly string[] {
  const { streams, upload, writes } = parts;
  const all: string[] = [];
  if (parts.outdated) all.push("a newer version runs in another tab: load this page again");
  if (parts.storage !== undefined) all.push(`storage: ${parts.storage}`);
  if (parts.user !== undefined && parts.isSwitchedOff) all.push("switched off");
  for (const { entity, differences } of streams) {
    all.push(...differences.map((difference) => `${entity}: ${difference}`));
  }
  for (const { entity, reason } of streams) {
    if (reason !== undefined) all.push(`${entity}: ${reason}`);
  }
  if (upload.reason !== undefined) all.push(`writes: ${upload.reason}`);
  if (writes.errors > 0) all.push(`writes: ${writes.errors} rejected`);
  return all;
}
