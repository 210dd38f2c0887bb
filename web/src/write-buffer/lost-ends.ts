import type { Store } from "../store/store.js";
import type { WriteHandles } from "./write-handle.js";

/** Tells handles what became of writes of which nobody told this tab: the one that sent them may have ended before it could. */
export async function findLostEnds(store: Store, handles: WriteHandles): Promise<void> {
  const ids = handles.unsettled;
  if (ids.length === 0) return;
  const [buffered, written] = await store.read((tx) =>
    Promise.all([tx.buffer.where("id").anyOf(ids).toArray(), tx.overlay.where("id").anyOf(ids).toArray()]),
  );
  const waiting = new Map(buffered.map((change) => [change.id, change]));
  const shown = new Map(written.map((change) => [change.id, change]));
  for (const id of ids) {
    const change = waiting.get(id);
    const isApplied = change === undefined && shown.get(id)?.lsn !== undefined;
    if (isApplied) handles.tell(id, { kind: "confirmed" });
    if (change?.status === "error") {
      handles.tell(id, { kind: "rejected", code: change.code ?? "", message: change.error ?? "" });
    }
  }
}
