// One engine on one case in a process of its own: answers the requests of runner.ts, one at a time.
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type Prepared, WrongAnswer } from "./cases/case.ts";
import { caseNamed } from "./cases/registry.ts";
import { readSet } from "./data/prepared.ts";
import { Unavailable } from "./engines/engine.ts";
import { loadEngine } from "./engines/registry.ts";
import type { FailureKind, Reply, Request } from "./protocol.ts";

/** The engine cannot take part in the case. */
class Refused extends Error {
  override readonly name = "Refused";
}

let prepared: Prepared | null = null;

async function answer(request: Request): Promise<Reply> {
  switch (request.ask) {
    case "prepare": {
      const engine = await loadEngine(request.engine);
      const chosen = caseNamed(request.case);
      const reason = chosen.refuses(engine.abilities);
      if (reason !== null) throw new Refused(reason);
      const folder = () => mkdtempSync(join(request.folder, "store-"));
      prepared = await chosen.prepare({ engine, set: readSet(request.set), pace: request.pace, folder });
      const points = prepared.points.map(({ serves, parameters, fixed }) => ({ serves, parameters, fixed }));
      return { ok: true, value: { version: engine.version, points, notes: prepared.notes } };
    }
    case "measure": {
      const point = prepared?.points[request.point];
      if (point === undefined) throw new Error(`there is no point ${request.point}`);
      return { ok: true, value: await point.measure() };
    }
    case "close":
      await prepared?.close();
  }
  return { ok: true, value: null };
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof Unavailable) return "unavailable";
  if (error instanceof Refused) return "refused";
  return error instanceof WrongAnswer ? "wrong" : "failed";
}

process.on("message", (request: Request) => {
  void answer(request)
    .catch((error: unknown): Reply => {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, kind: kindOf(error), message };
    })
    .then((reply) => {
      process.send?.(reply, () => {
        // engines keep threads and timers of their own; nothing of them is waited for
        if (request.ask === "close") process.exit(0);
      });
    });
});
