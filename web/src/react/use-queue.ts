import { useEffect, useState } from "react";
import type { WriteChange } from "../write-buffer/wire.js";
import type { DeadLetter, EditConflict, WriteBuffer } from "../write-buffer/write-buffer.js";
import { useSync } from "./sync-context.js";

/** More of what waits is not shown; how many there are says the status. */
const MOST_SHOWN = 200;

interface Found<T> {
  readonly items: readonly T[];
  /** Whose they are: another user's are shown to nobody. */
  readonly of: WriteBuffer | undefined;
}

const NONE: readonly never[] = [];

/** Reads something of the queue again whenever it may have changed. */
function useQueue<T>(read: (buffer: WriteBuffer) => Promise<readonly T[]>): readonly T[] {
  const sync = useSync();
  const [found, setFound] = useState<Found<T>>({ items: NONE, of: undefined });
  useEffect(() => {
    let isEnded = false;
    let isReading = false;
    let isDue = false;
    const look = async () => {
      const now = sync.writeBuffer;
      // Of the last user nothing is shown any more, however long it takes to read the next one's.
      setFound((before) => (before.of === now ? before : { items: NONE, of: now }));
      isDue = true;
      if (isReading) return;
      isReading = true;
      while (isDue && !isEnded) {
        isDue = false;
        const of = sync.writeBuffer;
        // What cannot be read now is read when the next thing changes.
        const items = await read(of).catch(() => undefined);
        if (items !== undefined && !isEnded) setFound({ items, of });
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
  return found.of === sync.writeBuffer ? found.items : NONE;
}

const readPending = (buffer: WriteBuffer) => buffer.peek(MOST_SHOWN);
const readDead = (buffer: WriteBuffer) => buffer.deadLetters();
const readConflicts = (buffer: WriteBuffer) => buffer.conflicts();

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
