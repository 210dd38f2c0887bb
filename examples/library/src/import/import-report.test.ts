import { expect, test } from "vitest";
import { describeReport, type ImportReport, reportCsv } from "./import-report";

const report: ImportReport = {
  fileName: "books.bib",
  imported: 12_000,
  duplicates: 1,
  refused: 2,
  endedBy: undefined,
  lines: [
    { line: 3, outcome: "refused", title: '=cmd("x")', reason: "a, b" },
    { line: 9, outcome: "duplicate", title: "Emma", reason: "It is there already" },
  ],
};

test("it is told in one sentence", () => {
  expect(describeReport(report)).toBe("12,000 works imported, 1 duplicate left out, 2 entries refused.");
  expect(
    describeReport({ ...report, imported: 1, duplicates: 0, refused: 0, endedBy: "it was cancelled" }),
  ).toBe("1 work imported; it was cancelled.");
});

test("as a file it has a row for each line, and no formula", () => {
  expect(reportCsv(report)).toBe(
    '"line","outcome","title","reason"\r\n' +
      '"3","refused","\'=cmd(""x"")","a, b"\r\n' +
      '"9","duplicate","Emma","It is there already"\r\n',
  );
});
