import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { Work } from "../library";
import { useElementHeight } from "./use-element-height";
import { rowAfterKey, scrollToShow, visibleRows } from "./visible-rows";
import type { SortKey, WorkOrder } from "./work-order";
import { rowId, WorkRow } from "./work-row";

interface WorkGridProps {
  readonly works: readonly Work[];
  readonly order: WorkOrder;
  /** What was searched for. */
  readonly query: string;
  readonly rowHeight: number;
  readonly openId: string | undefined;
  readonly freshIds: ReadonlySet<string>;
  readonly gridRef: RefObject<HTMLDivElement | null>;
  readonly onSort: (key: SortKey) => void;
  readonly onOpen: (id: string) => void;
}

const COLUMNS: readonly { key: SortKey; label: string }[] = [
  { key: "title", label: "Title" },
  { key: "author", label: "Author" },
  { key: "year", label: "Year" },
  { key: "added", label: "Added" },
];

/** The active row: the work, and where it stood, for when the work goes. */
interface Active {
  readonly id: string;
  readonly index: number;
}

/**
 * The works as a grid of which only the visible rows exist. The grid itself keeps the focus and points at its active
 * row, so nothing that comes or goes takes the focus away.
 */
export function WorkGrid(props: WorkGridProps) {
  const { works, order, query, rowHeight, openId, freshIds, gridRef, onSort, onOpen } = props;
  const viewport = useRef<HTMLDivElement>(null);
  const height = useElementHeight(viewport);
  const [scrollTop, setScrollTop] = useState(0);
  const [active, setActive] = useState<Active>();
  useStillRows(viewport, works, order, query, rowHeight);

  const activeIndex = indexOfActive(works, active);
  const activeWork = works[activeIndex];
  const { first, end } = visibleRows(scrollTop, height, rowHeight, works.length);
  const indices = Array.from({ length: end - first }, (_, offset) => first + offset);
  if (activeWork !== undefined && (activeIndex < first || activeIndex >= end)) indices.push(activeIndex);

  const activate = (index: number) => {
    const work = works[index];
    const scroller = viewport.current;
    if (work === undefined || scroller === null) return;
    setActive({ id: work.id, index });
    scroller.scrollTop = scrollToShow(index, scroller.scrollTop, height, rowHeight);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && activeWork !== undefined) {
      event.preventDefault();
      onOpen(activeWork.id);
      return;
    }
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const next = rowAfterKey(event.key, activeIndex, works.length, page);
    if (next === undefined) return;
    event.preventDefault();
    activate(next);
  };

  const onClick = (event: MouseEvent) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-work-id]") : null;
    const id = row?.dataset.workId;
    const index = works.findIndex((work) => work.id === id);
    if (index < 0 || id === undefined) return;
    activate(index);
    onOpen(id);
  };

  return (
    <div
      ref={gridRef}
      role="grid"
      className="work-grid"
      tabIndex={0}
      aria-label="Works"
      aria-rowcount={works.length + 1}
      aria-colcount={COLUMNS.length}
      aria-activedescendant={activeWork === undefined ? undefined : rowId(activeWork.id)}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target === event.currentTarget && activeWork === undefined)
          activate(first === 0 ? 0 : first);
      }}
    >
      <div role="rowgroup" className="work-head">
        <div role="row" aria-rowindex={1} className="work-columns">
          {COLUMNS.map(({ key, label }, column) => (
            <div
              key={key}
              role="columnheader"
              aria-colindex={column + 1}
              aria-sort={order.key !== key ? "none" : order.descending ? "descending" : "ascending"}
              className={key}
            >
              <button type="button" onClick={() => onSort(key)}>
                {label}
              </button>
            </div>
          ))}
        </div>
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys. */}
      <div
        ref={viewport}
        role="rowgroup"
        className="work-viewport"
        tabIndex={-1}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onClick={onClick}
      >
        <div role="presentation" className="work-rows" style={{ height: works.length * rowHeight }}>
          {indices.map((index) => {
            const work = works[index];
            return work === undefined ? null : (
              <WorkRow
                key={work.id}
                work={work}
                index={index}
                top={index * rowHeight}
                isActive={index === activeIndex}
                isOpen={work.id === openId}
                isFresh={freshIds.has(work.id)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Where the active work stands now; where it stood, if it is gone; -1 if there is none. */
function indexOfActive(works: readonly Work[], active: Active | undefined): number {
  if (active === undefined) return -1;
  if (works[active.index]?.id === active.id) return active.index;
  const index = works.findIndex((work) => work.id === active.id);
  return index >= 0 ? index : Math.min(active.index, works.length - 1);
}

/**
 * Rows that come or go above what is seen do not move it, unless the list stands at its top. Another order or search
 * begins at the top.
 */
function useStillRows(
  viewport: RefObject<HTMLDivElement | null>,
  works: readonly Work[],
  order: WorkOrder,
  query: string,
  rowHeight: number,
): void {
  const before = useRef({ works, order, query, rowHeight });
  useLayoutEffect(() => {
    const last = before.current;
    before.current = { works, order, query, rowHeight };
    const scroller = viewport.current;
    if (scroller === null || last.works === works || scroller.scrollTop === 0) return;
    if (last.order !== order || last.query !== query) {
      scroller.scrollTop = 0;
      return;
    }
    const top = Math.floor(scroller.scrollTop / last.rowHeight);
    const anchor = last.works[top];
    if (anchor === undefined || works[top]?.id === anchor.id) return;
    const index = works.findIndex((work) => work.id === anchor.id);
    if (index >= 0) scroller.scrollTop += index * rowHeight - top * last.rowHeight;
  }, [viewport, works, order, query, rowHeight]);
}
