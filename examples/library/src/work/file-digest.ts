import { formatBytes } from "../format";
import type { Asset } from "../library";

/** What is kept of a file. */
export type FileDigest = Pick<Asset, "file_name" | "media_type" | "byte_size" | "sha256">;

/** The browser takes a checksum of what it holds in memory at once. */
const SIZE_LIMIT = 512_000_000;

/** Reads the file whole; throws, in words for its user, if it is too big or the page is not served securely. */
export async function digestFile(file: File): Promise<FileDigest> {
  if (file.size > SIZE_LIMIT) {
    throw new Error(
      `${file.name} is larger than ${formatBytes(SIZE_LIMIT)}, too large to take its checksum here.`,
    );
  }
  if (globalThis.crypto?.subtle === undefined) {
    throw new Error("The browser takes checksums only on pages served over HTTPS or from localhost.");
  }
  const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return {
    file_name: file.name,
    media_type: file.type === "" ? "application/octet-stream" : file.type,
    byte_size: BigInt(file.size),
    sha256: Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}
