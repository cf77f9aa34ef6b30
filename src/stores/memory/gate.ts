import { GennakerError } from "../../errors.ts";
import type { EngineCanary, EngineGate } from "../../engine/port.ts";
import type { GateCheck } from "../../model.ts";
import { countOf, type Generation } from "./generations.ts";

/**
 * Every check of a gate with what was measured. Recall passes: every answer here is exact. `behind`: live changes that
 * may not be carried. `find`: ids that a canary's query finds in the generation.
 */
export function checkGate(
  generation: Generation,
  gate: EngineGate,
  behind: number,
  find: (canary: EngineCanary) => readonly string[],
): GateCheck[] {
  const checks: GateCheck[] = [{ name: "checksums", passed: true }];
  if (gate.latency !== undefined) {
    throw new GennakerError("GENNAKER_UNSUPPORTED", "The memory engine measures no latency; leave gate.latency out.");
  }
  if (behind > 0) checks.push({ name: "carry", passed: false, required: 0, measured: behind });
  if (gate.minCount !== undefined) {
    const measured = countOf(generation);
    checks.push({ name: "minCount", passed: measured >= gate.minCount, required: gate.minCount, measured });
  }
  if (gate.recall !== undefined) checks.push({ name: "recall", passed: true, required: gate.recall, measured: 1 });
  gate.canaries.forEach((canary, i) => {
    const found = new Set(find(canary));
    const measured = canary.expect.filter((id) => found.has(id)).length;
    checks.push({ name: `canaries[${i}]`, passed: measured >= canary.atLeast, required: canary.atLeast, measured });
  });
  return checks;
}

/** The error of a gate that was not passed: `details.checks` has every check. */
export function refused(generation: number, checks: readonly GateCheck[]): GennakerError {
  const failed = checks.filter((check) => !check.passed);
  const reasons = failed.map(
    ({ name, required, measured }) => `${name} is ${measured ?? "not met"}, required ${required ?? "true"}`,
  );
  return new GennakerError(
    "GENNAKER_GATE_REFUSED",
    `Generation ${generation} was not promoted: ${reasons.join("; ")}.`,
    {
      details: { generation, checks },
    },
  );
}
