import type { Work } from "./work";

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

/** A sorted copy. Unknown authors and years come last in both directions; the title, then the id, settle ties. */
export function sortWorks(works: Iterable<Work>, order: WorkOrder): Work[] {
  return [...works].sort(
    (a, b) => compareBy(order, a, b) || collator.compare(a.title, b.title) || compare(a.id, b.id),
  );
}

function compareBy({ key, descending }: WorkOrder, a: Work, b: Work): number {
  const [x, y] = [sortValue(key, a), sortValue(key, b)];
  if (x === null || y === null) return Number(x === null) - Number(y === null);
  return descending ? compare(y, x) : compare(x, y);
}

function sortValue(key: SortKey, work: Work): string | number | null {
  switch (key) {
    case "title":
      return work.title;
    case "author":
      return work.author;
    case "year":
      return work.year;
    case "added":
      return Date.parse(work.createdAt);
  }
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return collator.compare(String(a), String(b));
}
