import { useDeadLetters, usePendingChanges, useSyncStatus } from "@millrace/web/react";
import { formatCount } from "../format";
import { goTo } from "../shell/use-place";

/** Whether the database has what this device shows of a work. */
export function WorkSyncLine({ id }: { readonly id: string }) {
  const { user } = useSyncStatus();
  const waiting = usePendingChanges().filter(({ payload }) => isAbout(payload, id)).length;
  const refused = useDeadLetters().filter(({ payload }) => isAbout(payload, id)).length;
  if (user === undefined) return <p className="hint">Kept on this device only.</p>;
  return (
    <p className="hint" data-waiting={waiting} data-refused={refused}>
      {waiting > 0
        ? `${formatCount(waiting, "change")} of it ${waiting === 1 ? "waits" : "wait"} to be sent.`
        : refused === 0 && "The database has it."}
      {refused > 0 && (
        <>
          {" "}
          <button
            type="button"
            className="link bad"
            onClick={() => goTo({ kind: "changes", tab: "refused" })}
          >
            {formatCount(refused, "change")} of it {refused === 1 ? "was" : "were"} refused
          </button>
        </>
      )}
    </p>
  );
}

function isAbout(payload: Readonly<Record<string, unknown>>, workId: string): boolean {
  return payload.id === workId || payload.work_id === workId;
}
