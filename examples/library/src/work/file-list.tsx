import { useQuery, useSync } from "@millrace/web/react";
import { useId, useState } from "react";
import { formatBytes } from "../format";
import { type Asset, assets } from "../library";
import { useAttempt, useNotify } from "../shell/notices";
import { digestFile } from "./file-digest";
import { addFile, deleteFile } from "./library-writes";
import { useWrite } from "./use-write";

/** The files of a work: what is known of them, not their bytes. */
export function FileList({ workId }: { readonly workId: string }) {
  const sync = useSync();
  const write = useWrite();
  const attempt = useAttempt();
  const notify = useNotify();
  const [isReading, setReading] = useState(false);
  const heading = useId();
  const files = useQuery(assets, { where: { work_id: workId }, orderBy: [{ column: "file_name" }] }, [
    workId,
  ]);

  const add = (chosen: readonly File[]) =>
    attempt(async () => {
      setReading(true);
      try {
        for (const file of chosen) {
          const digest = await digestFile(file);
          await write(() => addFile(sync, workId, digest));
        }
      } finally {
        setReading(false);
      }
    });

  const remove = (file: Asset) =>
    attempt(async () => {
      const undo = await deleteFile(sync, file);
      notify({
        text: `${file.file_name} was removed from the work.`,
        action: { label: "Undo", run: () => void write(undo) },
      });
    });

  return (
    <section aria-labelledby={heading} className="children">
      <h3 id={heading}>Files</h3>
      {files?.length === 0 && <p className="hint">None yet.</p>}
      <ul aria-labelledby={heading}>
        {files?.map((file) => (
          <li key={file.id} className="child">
            <p>
              <bdi>{file.file_name}</bdi>{" "}
              <span className="hint">
                {file.media_type}, {formatBytes(Number(file.byte_size))}
              </span>
            </p>
            <code title="SHA-256 of its bytes">{file.sha256}</code>
            <button type="button" aria-label={`Remove ${file.file_name}`} onClick={() => void remove(file)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      <label className="file-input">
        <span>{isReading ? "Taking the checksum …" : "Add a file"}</span>
        <input
          type="file"
          multiple
          disabled={isReading}
          onChange={({ target }) => {
            const chosen = [...(target.files ?? [])];
            target.value = "";
            void add(chosen);
          }}
        />
      </label>
      <p className="hint">Its name, type, size and checksum are kept; the file itself stays where it is.</p>
    </section>
  );
}
