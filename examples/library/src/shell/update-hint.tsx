import { useSyncExternalStore } from "react";
import { isUpdated, onUpdated } from "./service-worker-client";

/** A newer version of the app has been installed and runs from the next load on. */
export function UpdateHint() {
  const hasUpdate = useSyncExternalStore(onUpdated, isUpdated);
  if (!hasUpdate) return null;
  return (
    <aside className="banner" aria-label="Update">
      <p role="status">A newer version of the Library is ready.</p>
      <button type="button" onClick={() => location.reload()}>
        Reload
      </button>
    </aside>
  );
}
