import { useSync, useSyncStatus } from "@millrace/web/react";
import { useAttempt } from "../shell/notices";

/** Takes this device off the network, as a tunnel would. */
export function OfflineSwitch() {
  const sync = useSync();
  const attempt = useAttempt();
  const { isSwitchedOff } = useSyncStatus();
  return (
    <label className="offline-switch">
      <input
        type="checkbox"
        role="switch"
        checked={isSwitchedOff}
        aria-checked={isSwitchedOff}
        onChange={({ target }) => {
          const isOff = target.checked;
          void attempt(() => sync.setOffline(isOff));
        }}
      />
      <span>Work offline</span>
    </label>
  );
}
