import { useSync } from "@millrace/web/react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { formatBytes } from "../format";
import { works } from "../library";
import { download } from "../shell/download";
import { Panel } from "../shell/panel";
import { addWorks } from "../work/library-writes";
import { decodeText } from "./decode-text";
import { describeReport, type ImportReport, reportCsv } from "./import-report";
import { type ImportProgress, importWorks } from "./import-works";
import { ReportTable } from "./report-table";

const SIZE_LIMIT = 64_000_000;

type ImportState =
  | { readonly kind: "idle"; readonly fault?: string }
  | {
      readonly kind: "running";
      readonly fileName: string;
      readonly progress: ImportProgress;
      readonly cancel: () => void;
    }
  | { readonly kind: "done"; readonly report: ImportReport };

const IDLE: ImportState = { kind: "idle" };
const NOTHING_YET: ImportProgress = { read: 0, imported: 0, duplicates: 0, refused: 0 };

/** Takes the works of a BibTeX or CSV file into the library. */
export function ImportPanel({ onClose }: { readonly onClose: () => void }) {
  const sync = useSync();
  const [state, setState] = useState<ImportState>(IDLE);
  const [isOver, setOver] = useState(false);
  const cancelOnClose = useRef(() => {});
  useEffect(() => () => cancelOnClose.current(), []);

  const start = async (file: File) => {
    if (file.size > SIZE_LIMIT) {
      setState({
        kind: "idle",
        fault: `${file.name} is larger than ${formatBytes(SIZE_LIMIT)}: split it first.`,
      });
      return;
    }
    const abort = new AbortController();
    const cancel = () => abort.abort();
    cancelOnClose.current = cancel;
    setState({ kind: "running", fileName: file.name, progress: NOTHING_YET, cancel });
    try {
      const text = decodeText(new Uint8Array(await file.arrayBuffer()));
      const report = await importWorks(file.name, text, {
        existing: await sync.rows(works).all(),
        write: (batch) => addWorks(sync, batch),
        onProgress: (progress) => setState({ kind: "running", fileName: file.name, progress, cancel }),
        signal: abort.signal,
        now: () => performance.now(),
        pause: nextTask,
      });
      setState({ kind: "done", report });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      setState({ kind: "idle", fault: `${file.name} cannot be read: ${reason}` });
    }
  };

  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined && state.kind !== "running") void start(file);
  };

  return (
    <Panel title="Import" onClose={onClose}>
      {state.kind === "running" ? (
        <Running state={state} />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way to its input.
        <div
          className={`drop${isOver ? " over" : ""}`}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <label className="file-input">
            <span>Choose a BibTeX or CSV file</span>
            <input
              type="file"
              accept=".bib,.bibtex,.csv,.tsv,.txt,text/csv,text/tab-separated-values,application/x-bibtex"
              onChange={({ target }) => {
                const file = target.files?.[0];
                target.value = "";
                if (file !== undefined) void start(file);
              }}
            />
          </label>
          <p className="hint">
            or drop it here. The first row of a CSV file names its columns: title, author, year, language.
            Works that are in your library already are left out.
          </p>
        </div>
      )}
      <p role="status" className="import-outcome">
        {state.kind === "done" && describeReport(state.report)}
      </p>
      {state.kind === "idle" && state.fault !== undefined && (
        <p className="reason" role="alert">
          {state.fault}
        </p>
      )}
      {state.kind === "done" && state.report.lines.length > 0 && (
        <>
          <ReportTable lines={state.report.lines} />
          <p className="buttons">
            <button
              type="button"
              onClick={() =>
                download(`report-of-${state.report.fileName}.csv`, "text/csv", reportCsv(state.report))
              }
            >
              Download the report
            </button>
          </p>
        </>
      )}
    </Panel>
  );
}

function Running({ state }: { readonly state: Extract<ImportState, { kind: "running" }> }) {
  const { fileName, progress, cancel } = state;
  return (
    <div className="running">
      <p>
        Reading <bdi>{fileName}</bdi>
      </p>
      <progress aria-label={`Import of ${fileName}`} max={1} value={progress.read} />
      <p className="hint">
        {progress.imported.toLocaleString("en")} imported · {progress.duplicates.toLocaleString("en")}{" "}
        duplicates · {progress.refused.toLocaleString("en")} refused
      </p>
      <p className="buttons">
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      </p>
    </div>
  );
}

/** A later task: the page paints and answers its user in between. A timer would be held back in the background. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
