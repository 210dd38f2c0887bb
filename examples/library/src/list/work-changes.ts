import { formatCount } from "../format";
import type { Work } from "../library";

/** What distinguishes one state of the list from the one before. */
export interface WorkChanges {
  readonly arrived: readonly Work[];
  readonly changed: readonly Work[];
  readonly gone: readonly Work[];
}

/** Compares what is shown, so a work that only got its time from the server has not changed. */
export function changesBetween(
  before: ReadonlyMap<string, Work>,
  after: ReadonlyMap<string, Work>,
): WorkChanges {
  const arrived: Work[] = [];
  const changed: Work[] = [];
  for (const work of after.values()) {
    const old = before.get(work.id);
    if (old === undefined) arrived.push(work);
    else if (old !== work && !isEqual(old, work)) changed.push(work);
  }
  const gone = [...before.values()].filter((work) => !after.has(work.id));
  return { arrived, changed, gone };
}

function isEqual(a: Work, b: Work): boolean {
  return a.title === b.title && a.author === b.author && a.year === b.year && a.language === b.language;
}

/** The changes as a sentence for a person; empty if there are none. */
export function describeChanges({ arrived, changed, gone }: WorkChanges): string {
  const parts = [
    { verb: "added", works: arrived },
    { verb: "changed", works: changed },
    { verb: "removed", works: gone },
  ].filter(({ works }) => works.length > 0);
  return parts.map(({ verb, works }) => `${nameOf(works)} ${verb}`).join(", ");
}

function nameOf(works: readonly Work[]): string {
  const [first] = works;
  return works.length === 1 && first !== undefined ? `“${first.title}”` : formatCount(works.length, "work");
}
