import { SyncManager } from "@millrace/web";
import { SyncManager as SyncProvider } from "@millrace/web/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { ENTITIES } from "./library";
import { demoTokens } from "./session/demo-tokens";
import { userOfAddress } from "./session/demo-users";
import { Notices } from "./shell/notices";
import { registerServiceWorker } from "./shell/service-worker-client";
import { StartFailure } from "./shell/start-failure";
import "./style/style.css";

const root = createRoot(document.getElementById("root") ?? document.body);

/**
 * Opens the device's library. An address that names a user opens one of that user's own, so that two users, or one
 * user on two devices, can be shown side by side in one browser.
 */
async function openLibrary(): Promise<SyncManager> {
  const named = userOfAddress(location.search);
  const sync = await SyncManager.open({
    name: named === undefined ? "library" : `library-${named.slug}`,
    entities: ENTITIES,
    tokens: demoTokens(location.origin),
  });
  if (named !== undefined && isFirstLoad()) await sync.signIn(named.id, "keep-separate");
  return sync;
}

/** Of this window: who signs out and loads the page again stays signed out. */
function isFirstLoad(): boolean {
  const key = "library-loaded";
  const isFirst = sessionStorage.getItem(key) === null;
  sessionStorage.setItem(key, "yes");
  return isFirst;
}

try {
  const sync = await openLibrary();
  // For whoever looks closer, in the browser's console: `await millrace.dump()`.
  Object.assign(globalThis, { millrace: sync });
  root.render(
    <StrictMode>
      <SyncProvider sync={sync}>
        <Notices>
          <App />
        </Notices>
      </SyncProvider>
    </StrictMode>,
  );
} catch (error) {
  root.render(<StartFailure reason={error instanceof Error ? error.message : String(error)} />);
}
if (import.meta.env.PROD) registerServiceWorker();
