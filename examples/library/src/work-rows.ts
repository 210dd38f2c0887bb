import { formatAdded, formatLanguage, formatYear } from "./format";
import type { Work } from "./work";

/** Makes the rows of `body` those of `works`, in that order. The element of a work that stays is kept. */
export function renderWorks(body: HTMLTableSectionElement, works: readonly Work[], now: Date): void {
  const rows = rowsById(body);
  const ids = new Set(works.map((work) => work.id));
  for (const [id, row] of rows) if (!ids.has(id)) row.remove();

  let next = body.firstElementChild;
  for (const work of works) {
    const row = rows.get(work.id) ?? newRow(work.id);
    fillRow(row, work, now);
    if (row === next) next = row.nextElementSibling;
    else body.insertBefore(row, next);
  }
}

/** Lets the rows of `works` stand out for a moment. */
export function highlightWorks(body: HTMLTableSectionElement, works: readonly Work[]): void {
  const rows = rowsById(body);
  for (const work of works) {
    const row = rows.get(work.id);
    if (row === undefined) continue;
    row.classList.add("fresh");
    for (const animation of row.getAnimations()) animation.currentTime = 0;
    row.addEventListener("animationend", () => row.classList.remove("fresh"), { once: true });
  }
}

function rowsById(body: HTMLTableSectionElement): Map<string, HTMLTableRowElement> {
  return new Map(Array.from(body.rows, (row) => [row.dataset.workId ?? "", row]));
}

function newRow(id: string): HTMLTableRowElement {
  const row = document.createElement("tr");
  row.role = "row";
  row.dataset.workId = id;
  for (const name of ["title", "author", "year", "added"]) {
    const cell = row.insertCell();
    cell.role = "cell";
    cell.className = name;
  }
  const title = document.createElement("bdi"); // A title in Arabic must not turn the rest of its cell round.
  row.cells[0]?.append(title, " ", document.createElement("small"));
  return row;
}

function fillRow(row: HTMLTableRowElement, work: Work, now: Date): void {
  const [titleCell, author, year, added] = row.cells;
  const [title, language] = titleCell?.children ?? [];
  if (title instanceof HTMLElement) title.lang = work.language ?? "";
  setText(title, work.title);
  setText(language, work.language === null ? "" : formatLanguage(work.language));
  setText(author, work.author ?? "Unknown");
  setText(year, formatYear(work.year));
  setText(added, formatAdded(work.createdAt, now));
}

/** Leaves an equal text alone, and with it what the reader may have selected. */
function setText(element: Element | undefined, text: string): void {
  if (element !== undefined && element.textContent !== text) element.textContent = text;
}
