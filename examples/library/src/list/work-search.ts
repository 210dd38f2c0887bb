import { formatLanguage } from "../format";
import type { Work } from "../library";

const MARKS = /\p{M}+/gu;

/** What is searched of a work, by the row itself: a row that changes is another. */
const haystacks = new WeakMap<Work, string>();

/** The works in which every word of the query is found, in the order given; the very same list for an empty query. */
export function searchWorks(works: readonly Work[], query: string): readonly Work[] {
  const words = plain(query)
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return works;
  return works.filter((work) => {
    const haystack = haystackOf(work);
    return words.every((word) => haystack.includes(word));
  });
}

/**
 * Makes the first search as fast as those after it, as long as there is time.
 *
 * @returns the index to go on from
 */
export function prepareSearch(works: readonly Work[], from: number, hasTime: () => boolean): number {
  let next = from;
  for (let work = works[next]; work !== undefined && hasTime(); work = works[next]) {
    haystackOf(work);
    next++;
  }
  return next;
}

function haystackOf(work: Work): string {
  const known = haystacks.get(work);
  if (known !== undefined) return known;
  const { title, author, year, language } = work;
  const name = language === null ? "" : formatLanguage(language);
  const haystack = plain([title, author, year, language, name].join("\n"));
  haystacks.set(work, haystack);
  return haystack;
}

/** Without accents and letter case. */
function plain(text: string): string {
  return text.normalize("NFD").replace(MARKS, "").toLowerCase();
}
