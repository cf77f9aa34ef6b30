import type { Case } from "./case.ts";
import { ingest } from "./ingest.ts";
import { text } from "./text.ts";
import { vectors } from "./vectors.ts";

/** Cases by the name that `--case` takes, in the order of the report. */
export const cases: Readonly<Record<string, Case>> = { vectors, text, ingest };

/** @throws `Error` naming the cases there are */
export function caseNamed(name: string): Case {
  const found = Object.hasOwn(cases, name) ? cases[name] : undefined;
  if (found === undefined) throw new Error(`no case "${name}": ${Object.keys(cases).join(", ")}`);
  return found;
}
