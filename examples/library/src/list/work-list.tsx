import { type RefObject, useDeferredValue, useEffect, useState } from "react";
import { formatCount } from "../format";
import type { Work } from "../library";
import { useMedia } from "../shell/use-media";
import { goTo } from "../shell/use-place";
import { whenIdle } from "../shell/when-idle";
import { useNews } from "./use-news";
import { useSortedWorks } from "./use-sorted-works";
import { WorkGrid } from "./work-grid";
import { orderAfterClick, type WorkOrder } from "./work-order";
import { prepareSearch, searchWorks } from "./work-search";

interface WorkListProps {
  /** Undefined until they have been read. */
  readonly works: readonly Work[] | undefined;
  readonly user: string | undefined;
  /** Whether the server has not sent all it has, for the first time. */
  readonly isFirstReading: boolean;
  readonly openId: string | undefined;
  readonly gridRef: RefObject<HTMLDivElement | null>;
}

/** The heights of the style sheet. */
const ROW_HEIGHT = 44;
const PHONE_ROW_HEIGHT = 64;

const NONE: readonly Work[] = [];

/** The search box and the list. What is typed shows at once; the list follows when there is time. */
export function WorkList({ works, user, isFirstReading, openId, gridRef }: WorkListProps) {
  const [typed, setTyped] = useState("");
  const query = useDeferredValue(typed);
  const [order, setOrder] = useState<WorkOrder>({ key: "added", descending: true });
  const isPhone = useMedia("(max-width: 48rem)");
  const current = useDeferredValue(works) ?? NONE;
  const sorted = useSortedWorks(current, order);
  const found = searchWorks(sorted, query);
  const news = useNews(works, user, isFirstReading);

  usePreparedSearch(current);

  return (
    <>
      <search className="toolbar">
        <label className="search">
          <span className="unseen">Search works</span>
          <input
            type="search"
            placeholder="Search title, author, year, language"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
            onKeyDown={(event) => {
              if (event.key === "ArrowDown") {
                event.preventDefault();
                gridRef.current?.focus();
              }
            }}
          />
        </label>
        <button type="button" className="primary" onClick={() => goTo({ kind: "new-work" })}>
          Add a work
        </button>
        <button type="button" onClick={() => goTo({ kind: "import" })}>
          Import
        </button>
      </search>
      <p className="count">
        <strong>
          {query.trim() === ""
            ? formatCount(current.length, "work")
            : `${found.length.toLocaleString("en")} of ${formatCount(current.length, "work")}`}
        </strong>{" "}
        <span aria-live="polite">{news.sentence}</span>
      </p>
      <WorkGrid
        works={found}
        order={order}
        query={query}
        rowHeight={isPhone ? PHONE_ROW_HEIGHT : ROW_HEIGHT}
        openId={openId}
        freshIds={news.freshIds}
        gridRef={gridRef}
        onSort={(key) => setOrder(orderAfterClick(order, key))}
        onOpen={(id) => goTo({ kind: "work", id })}
      />
      {works !== undefined && found.length === 0 && (
        <p className="empty">
          {current.length > 0
            ? "No work has all of these words."
            : "No works yet. Add one, or import a file."}
        </p>
      )}
    </>
  );
}

function usePreparedSearch(works: readonly Work[]): void {
  useEffect(() => {
    let next = 0;
    const step = (hasTime: () => boolean) => {
      next = prepareSearch(works, next, hasTime);
      if (next < works.length) takeBack = whenIdle(step);
    };
    let takeBack = whenIdle(step);
    return () => takeBack();
  }, [works]);
}
