import { useEffect, useState } from "react";
import type { SyncManager } from "../sync-manager.js";
import type { WriteChange } from "../write-buffer/wire.js";
import type { DeadLetter, EditConflict } from "../write-buffer/write-buffer.js";
import { useSync } from "./sync-context.js";

/** More of what waits is not shown; how many there are says the status. */
const MOST_SHOWN = 200;

/** Reads something of the queue again whenever it may have changed. */
function useQueue<T>(read: (sync: SyncManager) => Promise<readonly T[]>): readonly T[] {
  const sync = useSync();
  const [items, setItems] = useState<readonly T[]>([]);
  useEffect(() => {
    let isEnded = false;
    let isReading = false;
    let isDue = false;
    const look = async () => {
      isDue = true;
      if (isReading) return;
      isReading = true;
      while (isDue && !isEnded) {
        isDue = false;
        // What cannot be read now is read when the next thing changes.
        const found = await read(sync).catch(() => undefined);
        if (found !== undefined && !isEnded) setItems(found);
      }
      isReading = false;
    };
    void look();
    const end = sync.onQueue(look);
    return () => {
      isEnded = true;
      end();
    };
  }, [sync, read]);
  return items;
}

const readPending = (sync: SyncManager) => sync.writeBuffer.peek(MOST_SHOWN);
const readDead = (sync: SyncManager) => sync.writeBuffer.deadLetters();
const readConflicts = (sync: SyncManager) => sync.writeBuffer.conflicts();

/** The changes that wait for the server, the next first; 200 at most. */
export function usePendingChanges(): readonly WriteChange[] {
  return useQueue(readPending);
}

/** What was rejected, the oldest first. */
export function useDeadLetters(): readonly DeadLetter[] {
  return useQueue(readDead);
}

/** Values that met others, the oldest first. */
export function useConflicts(): readonly EditConflict[] {
  return useQueue(readConflicts);
}
