import { hookOf, useSync, useSyncStatus } from "@millrace/web/react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { ImportSession, loadParsers } from "./import/import-session";
import { type Work, works } from "./library";
import { WorkList } from "./list/work-list";
import { Account } from "./session/account";
import { GuestBanner } from "./session/guest-banner";
import { SignInDialog } from "./session/sign-in-dialog";
import { LIST, type Place } from "./shell/place";
import { ThemeSwitch } from "./shell/theme-switch";
import { UpdateHint } from "./shell/update-hint";
import { goTo, usePlace } from "./shell/use-place";
import { whenIdle } from "./shell/when-idle";
import { OfflineSwitch } from "./sync/offline-switch";
import { SyncBadge } from "./sync/sync-badge";
import { importTarget } from "./work/library-writes";

const loadPanel = () => import("./shell/place-panel");
const loadAll = () => Promise.all([loadPanel(), loadParsers()]);
const PlacePanel = lazy(async () => ({ default: (await loadPanel()).PlacePanel }));

const useWorks = hookOf(works);

export function App() {
  const all = useWorks();
  const { user, isSwitchedOff, lastUpToDate } = useSyncStatus();
  const place = usePlace();
  const [isSigningIn, setSigningIn] = useState(false);
  const sync = useSync();
  const [imports] = useState(() => new ImportSession(importTarget(sync)));
  const grid = useRef<HTMLDivElement>(null);
  useDocumentTitle(place, all);
  useSoon(loadAll);

  const close = () => {
    goTo(LIST);
    grid.current?.focus();
  };

  return (
    <div className="app" data-place={place.kind}>
      <button type="button" className="skip" onClick={() => grid.current?.focus()}>
        Skip to the works
      </button>
      <header className="masthead">
        <h1>Library</h1>
        <SyncBadge />
        <div className="controls">
          <OfflineSwitch />
          <ThemeSwitch />
          <Account onSignIn={() => setSigningIn(true)} />
        </div>
      </header>
      <UpdateHint />
      {user === undefined && <GuestBanner works={all?.length ?? 0} onSignIn={() => setSigningIn(true)} />}
      <main className="split">
        <section className="list" aria-label="Your works">
          <WorkList
            works={all}
            user={user}
            isFirstReading={user !== undefined && !isSwitchedOff && lastUpToDate === undefined}
            openId={place.kind === "work" ? place.id : undefined}
            gridRef={grid}
          />
        </section>
        <Suspense>
          <PlacePanel place={place} imports={imports} onClose={close} />
        </Suspense>
      </main>
      {isSigningIn && (
        <SignInDialog
          guestWorks={all?.length ?? 0}
          onSignedIn={() => grid.current?.focus()}
          onClose={() => setSigningIn(false)}
        />
      )}
    </div>
  );
}

/**
 * The first page comes without what stands beside the list; that is loaded right after, before a newer version of the
 * app can take its place.
 */
function useSoon(load: () => Promise<unknown>): void {
  // Who opens it tries again.
  useEffect(() => whenIdle(() => void load().catch(() => {})), [load]);
}

function useDocumentTitle(place: Place, all: readonly Work[] | undefined): void {
  const title = titleOf(place, all);
  useEffect(() => {
    document.title = title === "" ? "Library" : `${title} · Library`;
  }, [title]);
}

function titleOf(place: Place, all: readonly Work[] | undefined): string {
  switch (place.kind) {
    case "list":
      return "";
    case "work":
      return all?.find(({ id }) => id === place.id)?.title ?? "";
    case "new-work":
      return "New work";
    case "changes":
      return "Changes";
    case "import":
      return "Import";
  }
}
