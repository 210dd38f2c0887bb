package dev.millrace.client;

/** What becomes of what was written as a guest when a user signs in. */
public enum GuestData {
  /** It becomes the user's, and is sent like everything the user writes. */
  ADOPT,
  /** It stays on the device as the guest's, and is there again after the sign-out. */
  KEEP_SEPARATE,
  /** It goes from the device, into a file in the folder that can be read by people and programs. */
  DISCARD
}
