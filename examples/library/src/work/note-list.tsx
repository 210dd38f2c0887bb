import { useQuery, useSync } from "@millrace/web/react";
import { useId, useState } from "react";
import { type Annotation, annotations } from "../library";
import { useAttempt, useNotify } from "../shell/notices";
import { addNote, changeNote, deleteNote } from "./library-writes";
import { NoteForm } from "./note-form";
import { changedNote } from "./note-values";
import { useWrite } from "./use-write";

/** A reader's notes on a work, the oldest first. */
export function NoteList({ workId }: { readonly workId: string }) {
  const sync = useSync();
  const write = useWrite();
  const [isAdding, setAdding] = useState(false);
  const heading = useId();
  const notes = useQuery(annotations, { where: { work_id: workId }, orderBy: [{ column: "created_at" }] }, [
    workId,
  ]);
  return (
    <section aria-labelledby={heading} className="children">
      <h3 id={heading}>Notes</h3>
      {notes?.length === 0 && !isAdding && <p className="hint">None yet.</p>}
      <ul aria-labelledby={heading}>
        {notes?.map((note) => (
          <Note key={note.id} note={note} />
        ))}
      </ul>
      {isAdding ? (
        <NoteForm
          label="New note"
          onCancel={() => setAdding(false)}
          onSave={async (values) => {
            if (await write(() => addNote(sync, workId, values))) setAdding(false);
          }}
        />
      ) : (
        <button type="button" onClick={() => setAdding(true)}>
          Add a note
        </button>
      )}
    </section>
  );
}

function Note({ note }: { readonly note: Annotation }) {
  const sync = useSync();
  const write = useWrite();
  const attempt = useAttempt();
  const notify = useNotify();
  const [isEditing, setEditing] = useState(false);

  const remove = () =>
    attempt(async () => {
      const undo = await deleteNote(sync, note);
      notify({ text: "The note was deleted.", action: { label: "Undo", run: () => void write(undo) } });
    });

  if (isEditing) {
    return (
      <li className="child">
        <NoteForm
          label="Note"
          note={note}
          onCancel={() => setEditing(false)}
          onSave={async (values) => {
            const changed = changedNote(note, values);
            const isNone = Object.keys(changed).length === 0;
            if (isNone || (await write(() => changeNote(sync, note.id, changed)))) setEditing(false);
          }}
        />
      </li>
    );
  }
  const name = note.locator ?? note.quote ?? note.note ?? "";
  return (
    <li className="child note">
      {note.locator !== null && <p className="locator">{note.locator}</p>}
      {note.quote !== null && <blockquote dir="auto">{note.quote}</blockquote>}
      {note.note !== null && <p dir="auto">{note.note}</p>}
      <p className="buttons">
        <button type="button" aria-label={`Edit the note ${name}`} onClick={() => setEditing(true)}>
          Edit
        </button>
        <button type="button" aria-label={`Delete the note ${name}`} onClick={() => void remove()}>
          Delete
        </button>
      </p>
    </li>
  );
}
