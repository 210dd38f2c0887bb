import type { Store } from "../store/store.js";
import type { WriteBuffer } from "../write-buffer/write-buffer.js";
import type { Device } from "./device.js";

/** Whose rows are read and written now. */
export interface Session {
  readonly user: string | undefined;
  /** What new rows have as their owner: the user's id, or the guest's. */
  readonly owner: string;
  readonly store: Store;
  readonly buffer: WriteBuffer;
}

/** The name of the store of who is signed in. */
export function storeOf(device: Device): string {
  return device.user === undefined ? device.guestStore : device.userStore(device.user);
}

/** Changes who is signed in, or reads who is: one tab at a time; waits for its turn. */
export async function withSessionLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (typeof navigator === "undefined" || navigator.locks === undefined) return work();
  return (await navigator.locks.request(`${name}:session`, work)) as T;
}
