import { type DragEvent, useState, useSyncExternalStore } from "react";
import { download } from "../shell/download";
import { useNotify } from "../shell/notices";
import { Panel } from "../shell/panel";
import { placeOf } from "../shell/place";
import { goTo } from "../shell/use-place";
import { describeReport, reportCsv } from "./import-report";
import type { ImportSession, ImportState } from "./import-session";
import { ReportTable } from "./report-table";

interface ImportPanelProps {
  readonly session: ImportSession;
  readonly onClose: () => void;
}

/** Takes the works of a BibTeX or CSV file into the library. To close it ends no import. */
export function ImportPanel({ session, onClose }: ImportPanelProps) {
  const notify = useNotify();
  const state = useSyncExternalStore(session.subscribe, session.state);
  const [isOver, setOver] = useState(false);

  const start = async (file: File) => {
    const ended = await session.start(file);
    if (placeOf(location.hash).kind === "import" || ended.kind === "running") return;
    notify({
      text: ended.kind === "done" ? describeReport(ended.report) : (ended.fault ?? ""),
      action: { label: "See the report", run: () => goTo({ kind: "import" }) },
    });
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
        <Running state={state} onCancel={() => session.cancel()} />
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

interface RunningProps {
  readonly state: Extract<ImportState, { kind: "running" }>;
  readonly onCancel: () => void;
}

function Running({ state: { fileName, progress }, onCancel }: RunningProps) {
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
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </p>
    </div>
  );
}
