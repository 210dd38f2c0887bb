import { useEffect, useRef, useState } from "react";
import type { Work } from "../library";
import { changesBetween, describeChanges } from "./work-changes";

/** What came, changed or went since the list was last shown. */
export interface News {
  readonly freshIds: ReadonlySet<string>;
  /** Empty if there is none. */
  readonly sentence: string;
}

const NO_NEWS: News = { freshIds: new Set(), sentence: "" };

/** As long as a new row stands out in the style sheet. */
const FRESH_MS = 4_000;

/** Of more rows than these none stands out. */
const MOST_FRESH = 20;

/**
 * The news of a live list. The first rows of a reader are not news, nor is what comes until the server has been heard
 * out once.
 */
export function useNews(
  works: readonly Work[] | undefined,
  reader: string | undefined,
  isFirstReading: boolean,
): News {
  const [news, setNews] = useState(NO_NEWS);
  const before = useRef<{ reader: string | undefined; works: ReadonlyMap<string, Work> }>(undefined);

  useEffect(() => {
    if (works === undefined) return;
    const last = before.current;
    const now = new Map(works.map((work) => [work.id, work]));
    before.current = { reader, works: now };
    if (last === undefined || last.reader !== reader || isFirstReading) {
      setNews(NO_NEWS);
      return;
    }
    const changes = changesBetween(last.works, now);
    const sentence = describeChanges(changes);
    if (sentence === "") return;
    const fresh = [...changes.arrived, ...changes.changed].map(({ id }) => id);
    setNews({ freshIds: new Set(fresh.length > MOST_FRESH ? [] : fresh), sentence });
  }, [works, reader, isFirstReading]);

  useEffect(() => {
    if (news.freshIds.size === 0) return undefined;
    const timer = setTimeout(() => setNews((current) => ({ ...current, freshIds: new Set() })), FRESH_MS);
    return () => clearTimeout(timer);
  }, [news.freshIds]);

  return news;
}
