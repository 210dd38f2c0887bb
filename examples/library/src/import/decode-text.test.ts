import { expect, test } from "vitest";
import { decodeText } from "./decode-text";

test.each([
  ["UTF-8", [0x45, 0xcc, 0x81]],
  ["UTF-8 with a mark", [0xef, 0xbb, 0xbf, 0xc3, 0x89]],
  ["UTF-16, little end first", [0xff, 0xfe, 0xc9, 0x00]],
  ["UTF-16, big end first", [0xfe, 0xff, 0x00, 0xc9]],
  ["Windows-1252", [0xc9]],
])("É is read from %s", (_, bytes) => {
  expect(decodeText(new Uint8Array(bytes)).normalize("NFC")).toBe("É");
});
