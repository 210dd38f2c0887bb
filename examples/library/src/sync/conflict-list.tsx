import type { EditConflict } from "@millrace/web";
import { useConflicts, useSync } from "@millrace/web/react";
import { formatTime } from "../format";
import { useAttempt } from "../shell/notices";
import { writeValue } from "../work/library-writes";
import { describeThing, describeValue, nameOfColumn, type TitleOf } from "./change-text";
import { useTitleOf } from "./use-title-of";

/** Edits of two devices that met in one field: both values, of which one was kept. */
export function ConflictList() {
  const conflicts = useConflicts();
  const titleOf = useTitleOf();
  if (conflicts.length === 0) return <p className="empty">No two edits have met.</p>;
  return (
    <>
      <p className="hint">
        Two devices changed the same field. One value was kept; the other is here for you to take.
      </p>
      <ul className="changes" aria-label="Conflicts">
        {conflicts.map((conflict) => (
          <Conflict key={conflict.id} conflict={conflict} titleOf={titleOf} />
        ))}
      </ul>
    </>
  );
}

function Conflict({ conflict, titleOf }: { readonly conflict: EditConflict; readonly titleOf: TitleOf }) {
  const sync = useSync();
  const attempt = useAttempt();
  const { id, entity, key, column, base, yours, theirs, kept, at } = conflict;
  const [keptValue, otherValue] = kept === "yours" ? [yours, theirs] : [theirs, yours];
  const labels = { yours: "Yours", theirs: "The other device’s" };
  const other = kept === "yours" ? "theirs" : "yours";

  const keep = () => attempt(() => sync.writeBuffer.settleConflict(id));
  const take = () =>
    attempt(async () => {
      await writeValue(sync, conflict, otherValue);
      await sync.writeBuffer.settleConflict(id);
    });

  return (
    <li className="change conflict">
      <p>
        <strong>
          The {nameOfColumn(column)} of {describeThing(entity, key, titleOf)}
        </strong>
      </p>
      <dl className="values">
        <div>
          <dt>{labels[kept]}, kept</dt>
          <dd>{describeValue(keptValue)}</dd>
        </div>
        <div>
          <dt>{labels[other]}</dt>
          <dd>{describeValue(otherValue)}</dd>
        </div>
        <div>
          <dt>Before</dt>
          <dd>{describeValue(base)}</dd>
        </div>
      </dl>
      <p className="hint">Met {formatTime(new Date(at), new Date())}</p>
      <p className="buttons">
        <button type="button" onClick={() => void keep()}>
          Keep {describeValue(keptValue)}
        </button>
        <button type="button" onClick={() => void take()}>
          Take {describeValue(otherValue)} instead
        </button>
      </p>
    </li>
  );
}
