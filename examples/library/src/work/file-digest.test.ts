import { expect, test } from "vitest";
import { digestFile } from "./file-digest";

test("of a file its name, type, size and checksum are kept", async () => {
  const file = new File(["Call me Ishmael."], "opening.txt", { type: "text/plain" });

  expect(await digestFile(file)).toEqual({
    file_name: "opening.txt",
    media_type: "text/plain",
    byte_size: 16n,
    sha256: "458f3ceeeec730139693560ecf66c9c22d9c7bc7dcb0599e8e10b667dfeac043",
  });
});

test("a file of no known type is just bytes, and may be empty", async () => {
  expect(await digestFile(new File([], "unknown.xyz"))).toMatchObject({
    media_type: "application/octet-stream",
    byte_size: 0n,
    sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  });
});

test("one too large for the memory is refused in words", async () => {
  const file = new File([], "film.mp4");
  Object.defineProperty(file, "size", { value: 600_000_000 });

  await expect(digestFile(file)).rejects.toThrow("film.mp4 is larger than 512 MB");
});
