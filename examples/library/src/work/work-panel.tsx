import { useRow, useSync } from "@millrace/web/react";
import { works } from "../library";
import { useAttempt, useNotify } from "../shell/notices";
import { Panel } from "../shell/panel";
import { FileList } from "./file-list";
import { deleteWork, restoreWork } from "./library-writes";
import { NoteList } from "./note-list";
import { WorkForm } from "./work-form";
import { WorkSyncLine } from "./work-sync-line";

interface WorkPanelProps {
  readonly id: string;
  readonly onClose: () => void;
}

/** A work with its files and notes. */
export function WorkPanel({ id, onClose }: WorkPanelProps) {
  const sync = useSync();
  const notify = useNotify();
  const attempt = useAttempt();
  const work = useRow(works, { id });
  if (work === undefined) return null;
  if (work === null) {
    return (
      <Panel title="Not here" onClose={onClose}>
        <p className="empty">This work is not in your library. It may have been deleted.</p>
      </Panel>
    );
  }

  const remove = () =>
    attempt(async () => {
      const deleted = await deleteWork(sync, id);
      onClose();
      if (deleted === undefined) return;
      const children = deleted.files.length + deleted.notes.length;
      notify({
        text: `“${deleted.work.title}” was deleted${children > 0 ? " with its files and notes" : ""}.`,
        action: { label: "Undo", run: () => void attempt(() => restoreWork(sync, deleted)) },
      });
    });

  return (
    <Panel title={work.title} onClose={onClose}>
      <WorkSyncLine id={id} />
      <WorkForm key={id} id={id} work={work} onRemove={() => void remove()} />
      <FileList workId={id} />
      <NoteList workId={id} />
    </Panel>
  );
}
