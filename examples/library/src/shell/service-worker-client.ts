const listeners = new Set<() => void>();
let updated = false;

/** Whether the service worker that answers this page is newer than the page. */
export function isUpdated(): boolean {
  return updated;
}

export function onUpdated(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Lets the app be loaded without a network. A browser that cannot, or is told not to, goes on without. */
export function registerServiceWorker(): void {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (container === undefined) return; // Pages that are not served securely have none.
  let isFirst = container.controller === null;
  container.addEventListener("controllerchange", () => {
    if (isFirst) isFirst = false;
    else announce();
  });
  container.register("/service-worker.js", { updateViaCache: "none" }).catch(() => {});
}

function announce(): void {
  updated = true;
  for (const listener of listeners) listener();
}
