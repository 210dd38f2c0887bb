import { memo } from "react";
import { formatAdded, formatLanguage, formatYear } from "../format";
import type { Work } from "../library";

interface WorkRowProps {
  readonly work: Work;
  readonly index: number;
  readonly top: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly isFresh: boolean;
}

/** One row of the grid. Its clicks are heard by the grid. */
export const WorkRow = memo(function WorkRow({ work, index, top, isActive, isOpen, isFresh }: WorkRowProps) {
  const language = work.language === null ? "" : formatLanguage(work.language) || work.language;
  return (
    <div
      role="row"
      id={rowId(work.id)}
      data-work-id={work.id}
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      className={`work-row${isActive ? " active" : ""}${isFresh ? " fresh" : ""}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" aria-colindex={1} className="title">
        <bdi lang={work.language ?? undefined}>{work.title}</bdi> <small>{language}</small>
      </span>
      <span role="gridcell" aria-colindex={2} className="author">
        <bdi>{work.author ?? "Unknown"}</bdi>
      </span>
      <span role="gridcell" aria-colindex={3} className="year">
        {formatYear(work.year)}
      </span>
      <span role="gridcell" aria-colindex={4} className="added">
        {formatAdded(work.created_at, new Date())}
      </span>
    </div>
  );
});

export function rowId(workId: string): string {
  return `work-${workId}`;
}
