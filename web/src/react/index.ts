export { SyncManager, useSync } from "./sync-context.js";
export { hookOf, useQuery } from "./use-query.js";
export { useConflicts, useDeadLetters, usePendingChanges } from "./use-queue.js";
export { useRow } from "./use-row.js";
export { useSyncStatus } from "./use-sync-status.js";
