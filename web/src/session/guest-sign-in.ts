import type { Environment } from "../environment.js";
import { Store } from "../store/store.js";
import { WriteBuffer } from "../write-buffer/write-buffer.js";
import type { Device } from "./device.js";
import { adopt, exportGuest, type GuestData } from "./guest-move.js";

/** Opens a store of the application's. */
export type OpenStore = (name: string) => Promise<Store>;

/** Signs a user in where a guest was. If it fails the guest goes on. */
export async function signInGuest(
  device: Device,
  guests: Store,
  user: string,
  guestData: GuestData,
  openStore: OpenStore,
  environment: Environment,
): Promise<void> {
  if (guestData === "keep-separate") {
    await device.signedIn(user);
    return;
  }
  try {
    if (guestData === "adopt") {
      await device.beginAdoption(user);
      await adoptInto(device, guests, user, openStore, environment);
    } else {
      await guests.closeForWriting(true);
      await device.signedInForGuest(user, await exportGuest(guests));
    }
  } catch (error) {
    // The guest goes on.
    await device.endAdoption();
    await guests.closeForWriting(false);
    throw error;
  }
}

/** Goes on with an adoption, unless somebody else has been signed in since. Gives whether it has. */
export async function adoptAfterCrash(
  device: Device,
  openStore: OpenStore,
  environment: Environment,
): Promise<boolean> {
  await device.refresh();
  const { adopter, user } = device;
  const isGivenUp = adopter !== undefined && user !== undefined && user !== adopter;
  if (isGivenUp) await device.endAdoption();
  if (adopter === undefined || isGivenUp) {
    // A sign-in that broke off has left it closed.
    if (user === undefined || isGivenUp) await reopenGuest(await openStore(device.guestStore));
    return false;
  }
  const guests = await openStore(device.guestStore);
  try {
    await adoptInto(device, guests, adopter, openStore, environment);
  } finally {
    guests.close();
  }
  await Store.delete(guests.name);
  return true;
}

async function reopenGuest(guests: Store): Promise<void> {
  try {
    await guests.closeForWriting(false);
  } finally {
    guests.close();
  }
}

/** Deletes a guest's database that has been adopted or exported, and that alone. */
export async function deleteGone(name: string, openStore: OpenStore): Promise<void> {
  if (!(await Store.exists(name))) return; // Another tab has.
  const guests = await openStore(name);
  const isClosed = await guests.read(async (tx) => (await tx.meta.get("closed")) !== undefined);
  guests.close();
  if (isClosed) await Store.delete(name);
}

async function adoptInto(
  device: Device,
  guests: Store,
  user: string,
  openStore: OpenStore,
  environment: Environment,
): Promise<void> {
  await guests.closeForWriting(true);
  const users = await openStore(device.userStore(user));
  try {
    const silent = { onEnqueued: () => {}, onTold: () => {} };
    const buffer = new WriteBuffer(users, environment, silent);
    await adopt(guests, device.guestId, users, user, buffer);
  } finally {
    users.close();
  }
  await device.signedInForGuest(user, undefined);
}
