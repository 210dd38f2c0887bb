import { useSync, useSyncStatus } from "@millrace/web/react";
import { startTransition, useOptimistic } from "react";
import { useAttempt } from "../shell/notices";

/** Takes this device off the network, as a tunnel would. It turns at once, though the device has to note it first. */
export function OfflineSwitch() {
  const sync = useSync();
  const attempt = useAttempt();
  const { isSwitchedOff } = useSyncStatus();
  const [isOff, showOff] = useOptimistic(isSwitchedOff);

  const turn = (off: boolean) =>
    startTransition(async () => {
      showOff(off);
      await attempt(() => sync.setOffline(off));
    });

  return (
    <label className="offline-switch">
      <input
        type="checkbox"
        role="switch"
        aria-label="Work offline"
        checked={isOff}
        aria-checked={isOff}
        onChange={({ target }) => turn(target.checked)}
      />
      <span>
        <span className="wide">Work </span>offline
      </span>
    </label>
  );
}
