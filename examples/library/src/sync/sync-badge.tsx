import { useSync, useSyncStatus } from "@millrace/web/react";
import { formatCount } from "../format";
import { goTo } from "../shell/use-place";
import { summarise } from "./sync-summary";

/** How the sync stands and why, and how many changes wait, were refused or met others. */
export function SyncBadge() {
  const status = useSyncStatus();
  const sync = useSync();
  const { state, label, detail } = summarise(status, new Date());
  const waiting = status.writes.pending + status.writes.syncing;
  const { errors } = status.writes;
  return (
    <div className="sync">
      <p className="sync-badge" role="status" aria-label="Sync" data-status={state}>
        <strong>{label}</strong> <span>{detail}</span>
      </p>
      {state === "outdated" && (
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      )}
      {(state === "needs-sign-in" || state === "refused") && (
        <button type="button" onClick={() => sync.reconnect()}>
          {state === "refused" ? "Try again" : "Sign in again"}
        </button>
      )}
      <nav aria-label="Changes" className="sync-counts">
        {waiting > 0 && (
          <button type="button" onClick={() => goTo({ kind: "changes", tab: "waiting" })}>
            {formatCount(waiting, "change")} waiting
          </button>
        )}
        {errors > 0 && (
          <button type="button" className="bad" onClick={() => goTo({ kind: "changes", tab: "refused" })}>
            {errors.toLocaleString("en")} refused
          </button>
        )}
        {status.conflicts > 0 && (
          <button type="button" className="busy" onClick={() => goTo({ kind: "changes", tab: "conflicts" })}>
            {formatCount(status.conflicts, "conflict")}
          </button>
        )}
      </nav>
    </div>
  );
}
