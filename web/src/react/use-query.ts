import { type DependencyList, useMemo, useSyncExternalStore } from "react";
import type { AnyEntity, RowOf } from "../entity.js";
import type { LiveQuery } from "../query/live-query.js";
import type { Query } from "../query/query.js";
import { useSync } from "./sync-context.js";

/**
 * The rows that a query finds, kept up to date; undefined until they are read. The query is made anew when `deps`
 * change, not when its functions do.
 */
export function useQuery<E extends AnyEntity>(
  entity: E,
  query: Query<RowOf<E>> = {},
  deps: DependencyList = [],
): readonly RowOf<E>[] | undefined {
  const sync = useSync();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller says of what the query is made
  const live: LiveQuery<RowOf<E>> = useMemo(() => sync.live(entity, query), [sync, entity, ...deps]);
  const subscribe = useMemo(() => (listener: () => void) => live.subscribe(listener), [live]);
  return useSyncExternalStore(
    subscribe,
    () => live.rows,
    () => undefined,
  );
}

/** A hook for the rows of one entity, such as `const useWorks = hookOf(works)`. */
export function hookOf<E extends AnyEntity>(
  entity: E,
): (query?: Query<RowOf<E>>, deps?: DependencyList) => readonly RowOf<E>[] | undefined {
  return function useRows(query, deps) {
    return useQuery(entity, query, deps);
  };
}
