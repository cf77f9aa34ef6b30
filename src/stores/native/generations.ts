import { GennakerError } from "../../errors.ts";
import { checkGate, gateRefused } from "../../engine/gate.ts";
import type { Engine, EngineOptions } from "../../engine/port.ts";
import type { GateCheck, GenerationInfo, GenerationState } from "../../model.ts";
import type { Database } from "./binding.d.ts";
import { abortable, plain } from "./call.ts";
import type { Binding } from "./load.ts";
import { watched } from "./progress.ts";

type Part = Pick<
  Engine,
  "begin" | "seal" | "promote" | "rollback" | "abandon" | "generations" | "pin" | "unpin" | "drop"
>;

/** What the engine does with generations; gates ask their questions through `engine`. */
export function generationsOf(
  binding: Binding,
  database: Database,
  engine: () => Engine,
  onEvent: EngineOptions["onEvent"],
): Part {
  const list = async (): Promise<GenerationInfo[]> => {
    const all = await plain(() => database.generations());
    return all.map(({ generation, state, sequence, documents, bytes, pinned, createdMs }) => ({
      generation,
      state,
      sequence,
      count: documents,
      bytes,
      pinned,
      ...(createdMs === 0 ? {} : { createdAt: new Date(createdMs).toISOString() }),
    }));
  };
  const find = async (generation: number): Promise<GenerationInfo | undefined> =>
    (await list()).find((one) => one.generation === generation);
  const announce = (generation: number, previous: number, reason: string): void =>
    onEvent({
      type: "generation",
      message: `Generation ${generation} is live.`,
      details: { generation, previous, reason },
    });

  return {
    async begin({ from = "live", collections }) {
      return await plain(() => database.begin(from === "empty", collections && [...collections]));
    },
    async seal(generation, call) {
      const started = performance.now();
      const total = call?.progress ? ((await find(generation))?.count ?? 0) : 0;
      const sealed = await watched("seal", total, call ?? {}, (signal, report) =>
        abortable(binding, signal, (cancel) => database.seal(generation, cancel, report)),
      );
      const { sequence, documents, bytes } = sealed;
      return { generation, sequence, count: documents, bytes, tookMs: performance.now() - started };
    },
    async promote(generation, { gate, carry, signal }) {
      const started = performance.now();
      const info = await find(generation);
      if (info?.state === "building") {
        throw gateRefused(generation, [{ name: "sealed", passed: false, required: "sealed", measured: "building" }]);
      }
      if (info) expectState(info, "sealed", "promoted");
      const problems = await abortable(binding, signal, (cancel) => database.verifyGeneration(generation, cancel));
      const candidate = { generation, count: info?.count ?? 0, problems, recallLowerBound: 1 };
      const checks = await checkGate(engine(), candidate, gate, { signal });
      if (checks.some(({ passed }) => !passed)) throw gateRefused(generation, checks);
      const done = await plain(() => database.promote(generation, carry)).catch((error: unknown) => {
        throw behind(generation, checks, error);
      });
      announce(generation, done.previous, "promote");
      const { previous, sequence, carried } = done;
      return { generation, previous, sequence, carried, checks, tookMs: performance.now() - started };
    },
    async rollback({ to, writes, signal }) {
      const started = performance.now();
      if (to !== undefined) {
        const info = await find(to);
        if (info) expectState(info, "kept", "rolled back to");
      }
      const done = await abortable(binding, signal, () => database.rollback(to, writes === "keep"));
      announce(done.generation, done.previous, "rollback");
      return { ...done, tookMs: performance.now() - started };
    },
    async abandon(generation) {
      const info = await find(generation);
      if (info && info.state !== "building") expectState(info, "sealed", "abandoned");
      await plain(() => database.abandon(generation));
    },
    generations: list,
    async pin(generation) {
      await plain(() => database.pin(generation, true));
    },
    async unpin(generation) {
      await plain(() => database.pin(generation, false));
    },
    async drop(generation) {
      await plain(() => database.dropGeneration(generation));
    },
  };
}

/** Live writes that may not be carried are one more refused check. */
function behind(generation: number, checks: readonly GateCheck[], error: unknown): unknown {
  if (!(error instanceof GennakerError) || error.code !== "GENNAKER_GATE_REFUSED") return error;
  const measured = Number(error.details["writes"] ?? 0);
  return gateRefused(generation, [...checks, { name: "carry", passed: false, required: 0, measured }]);
}

function expectState({ generation, state }: GenerationInfo, expected: GenerationState, deed: string): void {
  if (state === expected) return;
  throw new GennakerError(
    "GENNAKER_INVALID_QUERY",
    `Generation ${generation} is ${state}; only a ${expected} one can be ${deed}.`,
    { details: { generation, state, expected } },
  );
}
