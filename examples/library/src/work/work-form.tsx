import { useSync, useSyncStatus } from "@millrace/web/react";
import { type FormEvent, useId, useMemo, useRef, useState } from "react";
import { formatLanguage } from "../format";
import type { Work } from "../library";
import { DraftStore } from "./draft-store";
import { addWork, changeWork } from "./library-writes";
import { useWrite } from "./use-write";
import {
  changedColumns,
  changedMeanwhile,
  draftFaults,
  fieldText,
  typed,
  WORK_FIELDS,
  type WorkDraft,
  type WorkField,
  withoutField,
} from "./work-draft";

interface WorkFormProps {
  readonly id: string;
  /** Undefined for a new one. */
  readonly work?: Work;
  readonly onAdded?: (id: string) => void;
  readonly onRemove?: () => void;
}

const LABELS: Readonly<Record<WorkField, string>> = {
  title: "Title",
  author: "Author",
  year: "Year",
  language: "Language",
};

const HINTS: Readonly<Partial<Record<WorkField, string>>> = {
  year: "-431 is 431 BC.",
  language: "A tag: en, grc, zh-Hant.",
};

/** The columns of a work. What others change meanwhile shows in the fields nobody has typed into. */
export function WorkForm({ id, work, onAdded, onRemove }: WorkFormProps) {
  const sync = useSync();
  const { user } = useSyncStatus();
  const write = useWrite();
  const drafts = useMemo(() => new DraftStore(sessionStorage, user), [user]);
  const [draft, setDraft] = useState(() => drafts.read(id));
  const [isJudged, setJudged] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const prefix = useId();
  const faults = draftFaults(draft, work);
  const isDrafted = Object.keys(draft).length > 0;

  const keep = (next: WorkDraft) => {
    setDraft(next);
    drafts.keep(id, next);
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setJudged(true);
    const [faulty] = faults.keys();
    if (faulty !== undefined) {
      form.current?.querySelector<HTMLInputElement>(`[name=${faulty}]`)?.focus();
      return;
    }
    const columns = changedColumns(draft, work);
    if (work !== undefined) {
      if (Object.keys(columns).length > 0 && !(await write(() => changeWork(sync, id, columns)))) return;
    } else {
      const newId = crypto.randomUUID();
      const { title = "", ...others } = columns;
      if (!(await write(() => addWork(sync, { id: newId, title, ...others })))) return;
      onAdded?.(newId);
    }
    setJudged(false);
    keep({});
  };

  return (
    <form
      ref={form}
      className="fields work-fields"
      aria-label="Work"
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      {WORK_FIELDS.map((field) => {
        const fault = isJudged ? faults.get(field) : undefined;
        const meanwhile = changedMeanwhile(draft, work, field);
        const text = draft[field]?.text ?? fieldText(work, field);
        const hint = field === "language" ? formatLanguage(text.trim()) || HINTS.language : HINTS[field];
        const hintId = `${prefix}${field}-hint`;
        return (
          <div key={field} className={`field ${field}`}>
            <label htmlFor={prefix + field}>{LABELS[field]}</label>
            <input
              id={prefix + field}
              name={field}
              dir="auto"
              autoComplete="off"
              inputMode={field === "year" ? "text" : undefined}
              required={field === "title"}
              value={text}
              aria-invalid={fault !== undefined}
              aria-describedby={hintId}
              onChange={({ target }) => keep(typed(draft, work, field, target.value))}
            />
            <p id={hintId} className={fault === undefined ? "hint" : "reason"}>
              {fault ?? hint}
            </p>
            {meanwhile !== undefined && (
              <p className="meanwhile" role="alert">
                Changed elsewhere to “<bdi>{meanwhile}</bdi>”.{" "}
                <button type="button" className="link" onClick={() => keep(withoutField(draft, field))}>
                  Take that
                </button>
              </p>
            )}
          </div>
        );
      })}
      <p className="buttons">
        <button type="submit" className="primary" disabled={work !== undefined && !isDrafted}>
          {work === undefined ? "Add" : "Save"}
        </button>
        {work !== undefined && isDrafted && (
          <button type="button" onClick={() => keep({})}>
            Revert
          </button>
        )}
        {onRemove !== undefined && (
          <button type="button" className="remove" onClick={onRemove}>
            Delete
          </button>
        )}
      </p>
    </form>
  );
}
