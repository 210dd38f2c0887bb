import { Panel } from "../shell/panel";
import { goTo } from "../shell/use-place";
import { WorkForm } from "./work-form";

export function NewWorkPanel({ onClose }: { readonly onClose: () => void }) {
  return (
    <Panel title="New work" onClose={onClose}>
      <WorkForm id="new" onAdded={(id) => goTo({ kind: "work", id })} />
    </Panel>
  );
}
