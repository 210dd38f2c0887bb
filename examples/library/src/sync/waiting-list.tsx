import { usePendingChanges, useSync, useSyncStatus } from "@millrace/web/react";
import { formatTime } from "../format";
import { describeChange } from "./change-text";
import { useTitleOf } from "./use-title-of";

/** The changes on their way to the database, the oldest first; of many, those that are sent next. */
export function WaitingList() {
  const sync = useSync();
  const changes = usePendingChanges();
  const { writes, isSwitchedOff } = useSyncStatus();
  const titleOf = useTitleOf();
  if (changes.length === 0) return <p className="empty">No change waits: the database has them all.</p>;
  const now = new Date();
  const others = writes.pending + writes.syncing - changes.length;
  return (
    <>
      <p className="hint">
        These are kept on this device and sent, in this order, as soon as the server takes them.
      </p>
      <p className="buttons">
        <button type="button" disabled={isSwitchedOff} onClick={() => sync.flush()}>
          Send now
        </button>
      </p>
      <ol className="changes" aria-label="Waiting changes">
        {changes.map((change) => (
          <li key={change.id} className="change">
            <p>{describeChange({ ...change, entity: change.table }, titleOf)}</p>
            <p className="hint">
              {formatTime(new Date(change.created_at), now)}
              {change.status === "syncing" && " · being sent"}
              {change.retry_count > 0 && ` · tried ${change.retry_count} times`}
            </p>
          </li>
        ))}
      </ol>
      {others > 0 && <p className="hint">and {others.toLocaleString("en")} more.</p>}
    </>
  );
}
