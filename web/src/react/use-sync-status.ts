import { useMemo, useSyncExternalStore } from "react";
import type { SyncStatus } from "../sync-status.js";
import { useSync } from "./sync-context.js";

/** How syncing is, kept up to date. */
export function useSyncStatus(): SyncStatus {
  const sync = useSync();
  const subscribe = useMemo(() => (listener: () => void) => sync.onStatus(listener), [sync]);
  return useSyncExternalStore(
    subscribe,
    () => sync.status,
    () => sync.status,
  );
}
