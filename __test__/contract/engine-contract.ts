import { describe } from "vitest";
import { badInputContract } from "./bad-input.ts";
import { documentsContract } from "./documents.ts";
import { generationsContract } from "./generations.ts";
import { goldenContract } from "./golden.ts";
import { ingestContract } from "./ingest.ts";
import { lifecycleContract } from "./lifecycle.ts";
import { propertiesContract } from "./properties.ts";
import { searchContract } from "./search.ts";
import type { Subject } from "./subject.ts";

/** What every engine fulfils, through the public API. Later engines add a file that calls this. */
export function engineContract(subject: Subject): void {
  const { name, missing = "" } = subject;
  describe.skipIf(missing !== "")(`${name} engine`, { meta: { skip: missing } }, () => {
    documentsContract(subject);
    ingestContract(subject);
    goldenContract(subject);
    searchContract(subject);
    generationsContract(subject);
    badInputContract(subject);
    lifecycleContract(subject);
    propertiesContract(subject);
  });
}
