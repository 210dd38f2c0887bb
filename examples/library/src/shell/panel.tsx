import { type ReactNode, type RefObject, useEffect, useId, useRef } from "react";

interface PanelProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** What stands beside the list, on a phone over it. It takes the focus when it opens; Escape closes it. */
export function Panel({ title, onClose, children }: PanelProps) {
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => heading.current?.focus(), []);
  useKeptFocus(panel, heading);
  return (
    <section
      ref={panel}
      className="panel"
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header className="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          <bdi>{title}</bdi>
        </h2>
        <button type="button" className="close" onClick={onClose}>
          Close
        </button>
      </header>
      <div className="panel-body">{children}</div>
    </section>
  );
}

/** When what has the focus goes, the focus goes to the heading, not to the top of the page. */
function useKeptFocus(panel: RefObject<HTMLElement | null>, heading: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = panel.current;
    if (element === null) return undefined;
    let wasInside = false;
    const noteFocus = (event: FocusEvent) => {
      wasInside = event.target instanceof Node && element.contains(event.target);
    };
    const observer = new MutationObserver(() => {
      if (wasInside && document.activeElement === document.body) heading.current?.focus();
    });
    document.addEventListener("focusin", noteFocus);
    observer.observe(element, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", noteFocus);
      observer.disconnect();
    };
  }, [panel, heading]);
}
