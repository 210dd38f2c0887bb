/** A part of the list, by index: `first` is in it, `end` is not. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Rows kept ready above and below what is seen, so that scrolling shows no gaps. */
const SPARE = 8;

/** The rows to render for a place of the scroll bar. */
export function visibleRows(scrollTop: number, height: number, rowHeight: number, count: number): RowRange {
  const first = Math.floor(scrollTop / rowHeight) - SPARE;
  const end = Math.ceil((scrollTop + height) / rowHeight) + SPARE;
  return { first: clamp(first, 0, count), end: clamp(end, 0, count) };
}

/** Where to scroll so that a row is seen whole; where it is already if that shows it. */
export function scrollToShow(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowHeight - height);
}

/** The row that a key leads to from row `index` (-1: none), undefined for a key that leads nowhere. */
export function rowAfterKey(key: string, index: number, count: number, page: number): number | undefined {
  if (count === 0) return undefined;
  const last = count - 1;
  switch (key) {
    case "ArrowDown":
      return clamp(index + 1, 0, last);
    case "ArrowUp":
      return clamp(index < 0 ? last : index - 1, 0, last);
    case "PageDown":
      return clamp(Math.max(index, 0) + page, 0, last);
    case "PageUp":
      return clamp(index - page, 0, last);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
