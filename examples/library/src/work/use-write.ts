import type { WriteHandle } from "@millrace/web";
import { useCallback } from "react";
import { useAttempt, useNotify } from "../shell/notices";
import { goTo } from "../shell/use-place";
import { describeRefusal } from "../sync/change-text";

/** Writes, and tells when the database later refuses what was written. True if the device has stored it. */
export function useWrite(): (write: () => Promise<WriteHandle>) => Promise<boolean> {
  const notify = useNotify();
  const attempt = useAttempt();
  return useCallback(
    (write) =>
      attempt(async () => {
        const handle = await write();
        void handle.settled.then((state) => {
          if (state.kind !== "rejected") return;
          notify({
            text: `The database refused the change. ${describeRefusal(state.code, state.message)}`,
            tone: "bad",
            action: { label: "See what was refused", run: () => goTo({ kind: "changes", tab: "refused" }) },
          });
        });
      }),
    [notify, attempt],
  );
}
