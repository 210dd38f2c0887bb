import { type FormEvent, useId, useState } from "react";
import type { NoteValues } from "./library-writes";
import { noteValues } from "./note-values";

interface NoteFormProps {
  readonly label: string;
  /** Undefined for a new one. */
  readonly note?: NoteValues;
  readonly onSave: (values: NoteValues) => void;
  readonly onCancel: () => void;
}

export function NoteForm({ label, note, onSave, onCancel }: NoteFormProps) {
  const [locator, setLocator] = useState(note?.locator ?? "");
  const [quote, setQuote] = useState(note?.quote ?? "");
  const [text, setText] = useState(note?.note ?? "");
  const [isJudged, setJudged] = useState(false);
  const prefix = useId();
  const values = noteValues(locator, quote, text);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setJudged(true);
    if (values !== undefined) onSave(values);
  };

  return (
    <form
      className="fields"
      aria-label={label}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onCancel();
      }}
    >
      <div className="field">
        <label htmlFor={`${prefix}locator`}>Place</label>
        <input
          id={`${prefix}locator`}
          // biome-ignore lint/a11y/noAutofocus: the button that was pressed made way for it.
          autoFocus
          value={locator}
          placeholder="page, chapter, verse"
          onChange={({ target }) => setLocator(target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${prefix}quote`}>Quote</label>
        <textarea
          id={`${prefix}quote`}
          dir="auto"
          rows={3}
          value={quote}
          onChange={({ target }) => setQuote(target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${prefix}note`}>Note</label>
        <textarea
          id={`${prefix}note`}
          dir="auto"
          rows={3}
          value={text}
          aria-describedby={`${prefix}fault`}
          onChange={({ target }) => setText(target.value)}
        />
        <p id={`${prefix}fault`} className="reason" role="alert">
          {isJudged && values === undefined && "Write a quote or a note."}
        </p>
      </div>
      <p className="buttons">
        <button type="submit" className="primary">
          Save
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </p>
    </form>
  );
}
