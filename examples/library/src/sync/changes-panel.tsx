import { useSyncStatus } from "@millrace/web/react";
import type { ReactNode } from "react";
import { Panel } from "../shell/panel";
import type { ChangesTab } from "../shell/place";
import { goTo } from "../shell/use-place";
import { ConflictList } from "./conflict-list";
import { RefusedList } from "./refused-list";
import { WaitingList } from "./waiting-list";

interface ChangesPanelProps {
  readonly tab: ChangesTab;
  readonly onClose: () => void;
}

export function ChangesPanel({ tab, onClose }: ChangesPanelProps) {
  const { writes, conflicts } = useSyncStatus();
  const tabs: readonly { tab: ChangesTab; label: string; count: number }[] = [
    { tab: "waiting", label: "Waiting", count: writes.pending + writes.syncing },
    { tab: "refused", label: "Refused", count: writes.errors },
    { tab: "conflicts", label: "Conflicts", count: conflicts },
  ];
  return (
    <Panel title="Changes" onClose={onClose}>
      <nav className="tabs" aria-label="Kinds of changes">
        {tabs.map(({ tab: other, label, count }) => (
          <button
            key={other}
            type="button"
            aria-current={other === tab ? "page" : undefined}
            onClick={() => goTo({ kind: "changes", tab: other })}
          >
            {label} <span className="count">{count.toLocaleString("en")}</span>
          </button>
        ))}
      </nav>
      {listOf(tab)}
    </Panel>
  );
}

function listOf(tab: ChangesTab): ReactNode {
  switch (tab) {
    case "waiting":
      return <WaitingList />;
    case "refused":
      return <RefusedList />;
    case "conflicts":
      return <ConflictList />;
  }
}
