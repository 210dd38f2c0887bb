import { createContext, type ReactNode, use, useContext } from "react";
import type { SyncManager as Manager } from "../sync-manager.js";

const Context = createContext<Manager | undefined>(undefined);

/**
 * Gives the application's manager to the hooks below it. With a promise of one it suspends until it is open, so that
 * it has to stand in a `Suspense`.
 */
export function SyncManager({
  sync,
  children,
}: {
  readonly sync: Manager | Promise<Manager>;
  readonly children: ReactNode;
}): ReactNode {
  const manager = sync instanceof Promise ? use(sync) : sync;
  return <Context.Provider value={manager}>{children}</Context.Provider>;
}

/** The manager of the nearest `<SyncManager>`. Throws where there is none. */
export function useSync(): Manager {
  const manager = useContext(Context);
  if (manager === undefined) throw new Error("useSync needs a <SyncManager> around it");
  return manager;
}
