import { type FormEvent, useId, useState } from "react";
import { type EditedColumn, editedValues } from "./edited-values";

interface RefusedFormProps {
  readonly columns: readonly EditedColumn[];
  readonly onSend: (values: Record<string, unknown>) => void;
  readonly onCancel: () => void;
}

/** The values of a refused change, to be mended and sent again. */
export function RefusedForm({ columns, onSend, onCancel }: RefusedFormProps) {
  const prefix = useId();
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [fault, setFault] = useState<string>();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const edited = editedValues(columns, texts);
    if (edited.kind === "faulty") setFault(`${edited.name}: ${edited.reason}`);
    else onSend(edited.values);
  };

  return (
    <form className="fields" onSubmit={submit} noValidate>
      {columns.map(({ column, name, value }, index) => (
        <p key={column} className="field">
          <label htmlFor={prefix + column}>{name.charAt(0).toUpperCase() + name.slice(1)}</label>
          <input
            id={prefix + column}
            // biome-ignore lint/a11y/noAutofocus: the button that was pressed made way for it.
            autoFocus={index === 0}
            value={texts[column] ?? (value === null ? "" : String(value))}
            onChange={({ target }) => setTexts({ ...texts, [column]: target.value })}
          />
        </p>
      ))}
      {fault !== undefined && (
        <p className="reason" role="alert">
          {fault}
        </p>
      )}
      <p className="buttons">
        <button type="submit" className="primary">
          Send
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </p>
    </form>
  );
}
