import { GennakerError } from "../../errors.ts";
import { checkGate, gateRefused } from "../../engine/gate.ts";
import type { Engine, EngineCall, EngineOptions } from "../../engine/port.ts";
import type { JsonValue } from "../../model.ts";
import { documentsIn } from "./carry.ts";
import { countOf, type Generation, type Generations } from "./generations.ts";

type Part = Pick<
  Engine,
  "begin" | "seal" | "promote" | "rollback" | "abandon" | "generations" | "pin" | "unpin" | "drop"
>;

/** What the engine does with generations; gates ask their questions through `engine`. `enter` begins every call. */
export function lifecycleOf(
  generations: Generations,
  engine: () => Engine,
  enter: (call?: EngineCall) => void,
  onEvent: EngineOptions["onEvent"],
): Part {
  const announce = (message: string, details: { [name: string]: JsonValue }): void =>
    onEvent({ type: "generation", message, details });
  return {
    async begin({ from = "live", collections }) {
      enter();
      return generations.begin(from, collections).number;
    },
    async seal(number, call) {
      enter(call);
      const started = performance.now();
      const generation = expectState(generations.get(number), "building", "sealed");
      generation.state = "sealed";
      generation.sealedAt = new Date().toISOString();
      generations.retain();
      const count = countOf(generation);
      call?.progress?.({ phase: "seal", done: count, total: count, rate: 0, etaMs: 0 });
      return { generation: number, sequence: generation.holds, count, bytes: 0, tookMs: performance.now() - started };
    },
    async promote(number, { gate, carry, signal }) {
      enter({ signal });
      const started = performance.now();
      const generation = generations.get(number);
      if (generation.state === "building") {
        throw gateRefused(number, [{ name: "sealed", passed: false, required: "sealed", measured: "building" }]);
      }
      expectState(generation, "sealed", "promoted");
      const candidate = { generation: number, count: countOf(generation), problems: [], recallLowerBound: 1 };
      const checks = await checkGate(engine(), candidate, gate, { signal });
      const missing = generations.missing(generation);
      if (!carry && missing.length > 0) {
        checks.push({ name: "carry", passed: false, required: 0, measured: missing.length });
      }
      if (checks.some((check) => !check.passed)) throw gateRefused(number, checks);
      const previous = generations.live.number;
      const carried = generations.switchTo(generation, missing);
      announce(`Generation ${number} is live.`, { generation: number, previous, reason: "promote" });
      return {
        generation: number,
        previous,
        sequence: generations.sequence,
        carried,
        checks,
        tookMs: performance.now() - started,
      };
    },
    async rollback({ to, writes, signal }) {
      enter({ signal });
      const started = performance.now();
      const target = to === undefined ? generations.previous() : generations.get(to);
      if (!target)
        throw new GennakerError(
          "GENNAKER_NOT_FOUND",
          "The live generation was not promoted over another one; name one with { to }.",
        );
      expectState(target, "kept", "rolled back to");
      const missing = generations.missing(target);
      const previous = generations.live.number;
      const dropped = writes === "drop" ? documentsIn(missing) : 0;
      if (writes === "drop") generations.forgetAfter(target.holds);
      const carried = generations.switchTo(target, writes === "drop" ? [] : missing);
      announce(`Generation ${target.number} is live again.`, {
        generation: target.number,
        previous,
        reason: "rollback",
      });
      return {
        generation: target.number,
        previous,
        sequence: generations.sequence,
        carried,
        dropped,
        tookMs: performance.now() - started,
      };
    },
    async abandon(number) {
      enter();
      const generation = generations.get(number);
      if (generation.state !== "building") expectState(generation, "sealed", "abandoned");
      generations.remove(generation);
    },
    async generations() {
      enter();
      return generations.list();
    },
    async pin(number) {
      enter();
      generations.get(number).pinned = true;
    },
    async unpin(number) {
      enter();
      generations.get(number).pinned = false;
      generations.retain();
    },
    async drop(number) {
      enter();
      const generation = generations.get(number);
      if (generation.state !== "sealed") expectState(generation, "kept", "dropped");
      if (generation.pinned) {
        throw new GennakerError(
          "GENNAKER_INVALID_QUERY",
          `Generation ${number} is pinned. Unpin it before dropping it.`,
          { details: { generation: number } },
        );
      }
      generations.remove(generation);
    },
  };
}

function expectState(generation: Generation, state: Generation["state"], deed: string): Generation {
  if (generation.state === state) return generation;
  throw new GennakerError(
    "GENNAKER_INVALID_QUERY",
    `Generation ${generation.number} is ${generation.state}; only a ${state} one can be ${deed}.`,
    {
      details: { generation: generation.number, state: generation.state, expected: state },
    },
  );
}
