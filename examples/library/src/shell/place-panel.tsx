import { ImportPanel } from "../import/import-panel";
import type { ImportSession } from "../import/import-session";
import { ChangesPanel } from "../sync/changes-panel";
import { NewWorkPanel } from "../work/new-work-panel";
import { WorkPanel } from "../work/work-panel";
import type { Place } from "./place";

interface PlacePanelProps {
  readonly place: Place;
  readonly imports: ImportSession;
  readonly onClose: () => void;
}

/** What stands beside the list. */
export function PlacePanel({ place, imports, onClose }: PlacePanelProps) {
  switch (place.kind) {
    case "list":
      return null;
    case "work":
      return <WorkPanel key={place.id} id={place.id} onClose={onClose} />;
    case "new-work":
      return <NewWorkPanel onClose={onClose} />;
    case "changes":
      return <ChangesPanel tab={place.tab} onClose={onClose} />;
    case "import":
      return <ImportPanel session={imports} onClose={onClose} />;
  }
}
