import { useMemo, useSyncExternalStore } from "react";
import { type AnyEntity, askedKey, type KeyOf, type RowOf, type Values } from "../entity.js";
import { useSync } from "./sync-context.js";

/** One row, kept up to date; undefined until it is read, null if it is not there. */
export function useRow<E extends AnyEntity>(
  entity: E,
  key: KeyOf<E> | undefined,
): RowOf<E> | null | undefined {
  const view = useSync().view(entity);
  const subscribe = useMemo(() => (listener: () => void) => view.subscribe(listener), [view]);
  const text = key === undefined ? undefined : askedKey(entity, key as Values);
  const now = () => {
    if (!view.isRead) return undefined;
    return text === undefined ? null : ((view.row(text) as RowOf<E> | undefined) ?? null);
  };
  return useSyncExternalStore(subscribe, now, () => undefined);
}
