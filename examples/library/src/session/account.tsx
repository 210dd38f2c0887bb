import { useSync, useSyncStatus } from "@millrace/web/react";
import { formatCount } from "../format";
import { useAttempt, useNotify } from "../shell/notices";
import { LIST } from "../shell/place";
import { goTo } from "../shell/use-place";
import { nameOfUser } from "./demo-users";

/** Who is here, and the way in or out. */
export function Account({ onSignIn }: { readonly onSignIn: () => void }) {
  const sync = useSync();
  const attempt = useAttempt();
  const notify = useNotify();
  const { user, writes } = useSyncStatus();
  if (user === undefined) {
    return (
      <p className="account">
        <span>Guest</span>
        <button type="button" onClick={onSignIn}>
          Sign in
        </button>
      </p>
    );
  }
  const name = nameOfUser(user);
  const unsent = writes.pending + writes.syncing + writes.errors;
  const signOut = () =>
    attempt(async () => {
      await sync.signOut();
      goTo(LIST);
      const kept =
        unsent === 0
          ? ""
          : ` ${formatCount(unsent, "change")} ${unsent === 1 ? "waits" : "wait"} here for the next sign-in.`;
      notify({ text: `${name} is signed out.${kept}` });
    });
  return (
    <p className="account">
      <span>
        <span className="unseen">Signed in as </span>
        {name}
      </span>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </p>
  );
}
