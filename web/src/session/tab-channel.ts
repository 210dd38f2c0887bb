import type { StreamStatus } from "../stream/shape-follower.js";
import type { UploadStatus } from "../write-buffer/uploader.js";
import type { WriteState } from "../write-buffer/write-handle.js";

/** What the leading tab knows, and all show. */
export interface LeaderStatus {
  readonly streams: readonly StreamStatus[];
  readonly upload: UploadStatus;
  readonly isHidden: boolean;
}

/** What tabs tell each other of a session, which `store` names. */
export type SessionMessage = { readonly store: string } & (
  | { readonly kind: "touched"; readonly entity: string; readonly keys: readonly string[] | "all" }
  | { readonly kind: "told"; readonly states: readonly { readonly id: string; readonly state: WriteState }[] }
  | { readonly kind: "enqueued" | "flush" | "reconnect" }
  /** An application with other entities has it now: those of before are outdated. */
  | { readonly kind: "migrated" }
  | { readonly kind: "nudge"; readonly entity: string }
  | { readonly kind: "status"; readonly status: LeaderStatus }
);

/** What tabs tell each other. */
export type TabMessage =
  | SessionMessage
  /** Who is new asks for the status; who comes in sight wants to lead in place of one that is hidden. */
  | { readonly kind: "hello" | "in-sight" }
  /** Somebody was signed in or out, or the switch was turned. */
  | { readonly kind: "device" };

/** The tabs of one origin, for messages. */
export class TabChannel {
  #channel: BroadcastChannel | undefined;

  constructor(name: string, onMessage: (message: TabMessage) => void) {
    if (typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => onMessage(data);
  }

  post(message: TabMessage): void {
    this.#channel?.postMessage(message);
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
