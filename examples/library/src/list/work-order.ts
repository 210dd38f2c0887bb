import type { Work } from "../library";

export type SortKey = "title" | "author" | "year" | "added";

export interface WorkOrder {
  readonly key: SortKey;
  readonly descending: boolean;
}

const collator = new Intl.Collator("en", { numeric: true, ignorePunctuation: true });

/** The order after a click on the header of `key`: turned round if it was sorted by that key already. */
export function orderAfterClick(order: WorkOrder, key: SortKey): WorkOrder {
  if (order.key === key) return { key, descending: !order.descending };
  return { key, descending: key === "added" };
}

/**
 * A sorted copy. Unknown authors and years come last in both directions, works the server has not dated yet are the
 * newest; the title, then the id, settle ties. What was sorted `before` helps to sort the same list with few changes:
 * a sort of what is nearly in order compares each pair of neighbours once.
 */
export function sortWorks(works: readonly Work[], order: WorkOrder, before: readonly Work[] = []): Work[] {
  return inOrderOf(works, before).sort(
    (a, b) => compareBy(order, a, b) || collator.compare(a.title, b.title) || compareTexts(a.id, b.id),
  );
}

/** Those that stood in `before` as they stood there, then the others. */
function inOrderOf(works: readonly Work[], before: readonly Work[]): Work[] {
  if (before.length === 0) return [...works];
  const left = new Map(works.map((work) => [work.id, work]));
  const arranged: Work[] = [];
  for (const { id } of before) {
    const work = left.get(id);
    if (work !== undefined && left.delete(id)) arranged.push(work);
  }
  for (const work of left.values()) arranged.push(work);
  return arranged;
}

function compareBy({ key, descending }: WorkOrder, a: Work, b: Work): number {
  const sign = descending ? -1 : 1;
  switch (key) {
    case "title":
      return sign * collator.compare(a.title, b.title);
    case "author":
      return compareKnown(a.author, b.author, (x, y) => sign * collator.compare(x, y));
    case "year":
      return compareKnown(a.year, b.year, (x, y) => sign * (x - y));
    case "added":
      return sign * compareTexts(addedOf(a), addedOf(b));
  }
}

function compareKnown<T>(x: T | null, y: T | null, compare: (x: T, y: T) => number): number {
  if (x === null || y === null) return Number(x === null) - Number(y === null);
  return compare(x, y);
}

/** An ISO text in UTC without its Z: those are in order as texts, whatever the digits of their seconds. */
function addedOf({ created_at }: Work): string {
  return created_at === null ? "~" : created_at.slice(0, -1);
}

function compareTexts(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
