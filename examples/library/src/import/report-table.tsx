import type { ReportLine } from "./import-report";

/** More than this is read in the file that can be downloaded. */
const SHOWN = 100;

const OUTCOMES: Readonly<Record<ReportLine["outcome"], string>> = {
  refused: "Refused",
  duplicate: "Duplicate",
  remark: "Imported, but",
};

/** What was refused first, then what else there is to know. */
export function ReportTable({ lines }: { readonly lines: readonly ReportLine[] }) {
  const refused = lines.filter(({ outcome }) => outcome === "refused");
  const others = lines.filter(({ outcome }) => outcome !== "refused");
  const shown = [...refused, ...others].slice(0, SHOWN);
  return (
    <>
      <table className="report">
        <caption className="unseen">What was not just imported</caption>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Entry</th>
            <th scope="col">What became of it</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ line, outcome, title, reason }) => (
            <tr key={`${line} ${outcome}`} className={outcome}>
              <td>{line}</td>
              <td>
                <bdi>{title}</bdi>
              </td>
              <td>
                <strong>{OUTCOMES[outcome]}:</strong> {reason}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > SHOWN && (
        <p className="hint">
          The first {SHOWN} of {lines.length.toLocaleString("en")}; the file has them all.
        </p>
      )}
    </>
  );
}
