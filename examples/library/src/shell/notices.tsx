import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from "react";

/** A sentence about what just happened, with at most one thing to do about it. */
export interface Notice {
  readonly text: string;
  readonly tone?: "plain" | "bad";
  readonly action?: { readonly label: string; readonly run: () => void };
}

const PLAIN_MS = 8_000;
/** Long enough to reach the button by keyboard. */
const ACTION_MS = 30_000;

const Notify = createContext<(notice: Notice) => void>(() => {});

/** Shows a notice in place of the one before. */
export function useNotify(): (notice: Notice) => void {
  return useContext(Notify);
}

/** Runs what a person asked for; what it throws is told instead of lost. True if it went well. */
export function useAttempt(): (task: () => Promise<unknown>) => Promise<boolean> {
  const notify = useNotify();
  return useCallback(
    async (task) => {
      try {
        await task();
        return true;
      } catch (error) {
        notify({ text: error instanceof Error ? error.message : String(error), tone: "bad" });
        return false;
      }
    },
    [notify],
  );
}

export function Notices({ children }: { readonly children: ReactNode }) {
  const [notice, setNotice] = useState<Notice>();
  const [isHeld, setHeld] = useState(false);
  const cameFrom = useRef<HTMLElement>(null);

  useEffect(() => {
    if (notice === undefined || isHeld) return undefined;
    const timer = setTimeout(() => setNotice(undefined), notice.action === undefined ? PLAIN_MS : ACTION_MS);
    return () => clearTimeout(timer);
  }, [notice, isHeld]);

  const close = () => {
    setNotice(undefined);
    setHeld(false);
    cameFrom.current?.focus();
    cameFrom.current = null;
  };
  return (
    <Notify value={setNotice}>
      {children}
      <div className="notices" role="status" aria-label="Notice">
        {notice !== undefined && (
          // biome-ignore lint/a11y/noStaticElementInteractions: it only waits while somebody reads.
          <div
            className={`notice ${notice.tone ?? "plain"}`}
            onPointerEnter={() => setHeld(true)}
            onPointerLeave={() => setHeld(false)}
            onFocus={({ currentTarget, relatedTarget }) => {
              setHeld(true);
              const isOutside =
                relatedTarget instanceof HTMLElement && !currentTarget.contains(relatedTarget);
              if (isOutside) cameFrom.current = relatedTarget;
            }}
            onBlur={() => setHeld(false)}
          >
            <p>{notice.text}</p>
            {notice.action !== undefined && (
              <button
                type="button"
                onClick={() => {
                  notice.action?.run();
                  close();
                }}
              >
                {notice.action.label}
              </button>
            )}
            <button type="button" aria-label="Close this notice" onClick={close}>
              ×
            </button>
          </div>
        )}
      </div>
    </Notify>
  );
}
