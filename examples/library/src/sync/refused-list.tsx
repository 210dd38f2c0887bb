import type { DeadLetter } from "@millrace/web";
import { useDeadLetters, useSync } from "@millrace/web/react";
import { useState } from "react";
import { formatTime } from "../format";
import { ConfirmButton } from "../shell/confirm-button";
import { useAttempt, useNotify } from "../shell/notices";
import { describeChange, describeRefusal, describeValue, type TitleOf, toldColumns } from "./change-text";
import { RefusedForm } from "./refused-form";
import { useTitleOf } from "./use-title-of";

const SHOWN = 200;

/** The changes the database refused, kept until somebody mends or discards them. */
export function RefusedList() {
  const letters = useDeadLetters();
  const titleOf = useTitleOf();
  if (letters.length === 0) return <p className="empty">The database has refused nothing.</p>;
  return (
    <>
      <p className="hint">
        The database refused these. They are kept, and shown in the list as you wrote them, until you mend or
        discard them.
      </p>
      <ul className="changes" aria-label="Refused changes">
        {letters.slice(0, SHOWN).map((letter) => (
          <RefusedChange key={letter.id} letter={letter} titleOf={titleOf} />
        ))}
      </ul>
      {letters.length > SHOWN && (
        <p className="hint">and {(letters.length - SHOWN).toLocaleString("en")} more.</p>
      )}
    </>
  );
}

function RefusedChange({ letter, titleOf }: { readonly letter: DeadLetter; readonly titleOf: TitleOf }) {
  const sync = useSync();
  const notify = useNotify();
  const attempt = useAttempt();
  const [isEditing, setEditing] = useState(false);
  const { id, code, message, payload, failedAt, tx } = letter;
  const columns = letter.op === "delete" ? [] : toldColumns(payload);

  const discard = () =>
    attempt(async () => {
      const discarded = await sync.writeBuffer.discard(id);
      const others = discarded.length > 1 ? ` with ${discarded.length - 1} that belong to it` : "";
      notify({ text: `The change was discarded${others}.` });
    });

  return (
    <li className="change refused">
      <p>
        <strong>{describeChange(letter, titleOf)}</strong>
      </p>
      <p className="reason">{describeRefusal(code, message)}</p>
      <p className="hint">
        Refused {formatTime(new Date(failedAt), new Date())} · <code>{code}</code>
        {tx !== undefined && " · belongs to changes that go together"}
      </p>
      {isEditing ? (
        <RefusedForm
          columns={columns}
          onCancel={() => setEditing(false)}
          onSend={(values) =>
            attempt(async () => {
              await sync.writeBuffer.edit(id, { ...payload, ...values });
              setEditing(false);
            })
          }
        />
      ) : (
        <>
          {columns.length > 0 && (
            <dl className="values">
              {columns.map(({ column, name, value }) => (
                <div key={column}>
                  <dt>{name}</dt>
                  <dd>{describeValue(value)}</dd>
                </div>
              ))}
            </dl>
          )}
          <p className="buttons">
            {columns.length > 0 && (
              <button type="button" onClick={() => setEditing(true)}>
                Edit
              </button>
            )}
            <button type="button" onClick={() => void attempt(() => sync.writeBuffer.retry(id))}>
              Try again
            </button>
            <ConfirmButton
              label="Discard"
              question="Discard what you wrote?"
              confirm="Discard"
              onConfirm={() => void discard()}
            />
          </p>
        </>
      )}
    </li>
  );
}
