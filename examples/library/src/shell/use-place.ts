import { useMemo, useSyncExternalStore } from "react";
import { hashOf, type Place, placeOf } from "./place";

export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => placeOf(hash), [hash]);
}

/** From the list to a place: Back returns. From a place to another: the other takes its turn in the history. */
export function goTo(place: Place): void {
  const hash = hashOf(place);
  if (placeOf(location.hash).kind === "list") location.hash = hash;
  else location.replace(hash);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}
