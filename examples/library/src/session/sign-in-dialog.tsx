import { useSync } from "@millrace/web/react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { formatCount } from "../format";
import { download } from "../shell/download";
import { useNotify } from "../shell/notices";
import { DEMO_USERS } from "./demo-users";

interface SignInDialogProps {
  /** How many works the guest has. */
  readonly guestWorks: number;
  readonly onSignedIn: () => void;
  readonly onClose: () => void;
}

type GuestChoice = "adopt" | "keep-separate" | "discard";

const CHOICES: readonly { choice: GuestChoice; label: string; effect: string }[] = [
  { choice: "adopt", label: "Take it along", effect: "It becomes yours, and goes to the database." },
  { choice: "keep-separate", label: "Leave it here", effect: "It stays with the guest on this device." },
  { choice: "discard", label: "Delete it", effect: "It is saved to a file first." },
];

export function SignInDialog({ guestWorks, onSignedIn, onClose }: SignInDialogProps) {
  const sync = useSync();
  const notify = useNotify();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [user, setUser] = useState(DEMO_USERS[0]);
  const [choice, setChoice] = useState<GuestChoice>("adopt");
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (user === undefined) return;
    setBusy(true);
    try {
      const exported = await sync.signIn(user.id, guestWorks === 0 ? "keep-separate" : choice);
      if (typeof exported === "string") download("library-of-guest.jsonl", "application/jsonl", exported);
      notify({ text: `You are signed in as ${user.name}.` });
      dialog.current?.close();
      onSignedIn();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id={heading}>Sign in</h2>
        <p className="hint">This is a demonstration: no password is asked.</p>
        <fieldset>
          <legend>Who are you?</legend>
          {DEMO_USERS.map((one) => (
            <label key={one.id} className="choice">
              <input type="radio" name="user" checked={one === user} onChange={() => setUser(one)} />
              <span>{one.name}</span>
            </label>
          ))}
        </fieldset>
        {guestWorks > 0 && (
          <fieldset>
            <legend>
              You have {formatCount(guestWorks, "work")} as a guest. What shall become of all that?
            </legend>
            {CHOICES.map(({ choice: one, label, effect }) => (
              <label key={one} className="choice">
                <input type="radio" name="choice" checked={one === choice} onChange={() => setChoice(one)} />
                <span>
                  {label} <small>{effect}</small>
                </span>
              </label>
            ))}
          </fieldset>
        )}
        {fault !== undefined && (
          <p className="reason" role="alert">
            {fault}
          </p>
        )}
        <p className="buttons">
          <button type="submit" className="primary" disabled={isBusy}>
            Sign in
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
