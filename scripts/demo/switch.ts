import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { GennakerError } from "../../src/errors.ts";
import type { Canary, Gate, GateCheck } from "../../src/model.ts";
import { table } from "../../src/cli/table.ts";
import { bytes, count, time } from "../../src/cli/units.ts";
import type { Passage } from "./corpus.ts";
import { output, progress, say } from "./show.ts";

/** Queries whose answer is known: the beginning of a few passages must find the passages themselves. */
export function canariesOf(passages: readonly Passage[]): Canary[] {
  const long = passages.filter(({ text }) => bodyOf(text).length > 400);
  return [0.2, 0.5, 0.8].flatMap((share) => {
    const passage = long[Math.floor(long.length * share)];
    if (!passage) return [];
    const query = { text: bodyOf(passage.text).slice(0, 200), k: 10, filter: { package: passage.metadata.package } };
    return [{ collection: "docs", query, expect: [passage.id] }];
  });
}

function bodyOf(text: Passage["text"]): string {
  return typeof text === "object" ? (text["body"] ?? "") : (text ?? "");
}

/** Builds a generation without one package, sees a gate refuse it and another let it pass, and rolls back. */
export async function switchAndBack(db: Database, left: string, gate: Gate): Promise<void> {
  const before = (await db.stats()).generation;
  const started = performance.now();
  await using next = await db.generations.begin({ from: "live" });
  const docs = await next.collection("docs");
  const { deleted } = await docs.deleteWhere({ package: left });
  const sealed = await next.seal({ progress: (report) => progress.show(report) });
  const took = time(performance.now() - started);
  say(
    `built generation ${next.number} aside without ${left}: ${count(sealed.count)} passages (${count(deleted)} fewer), ${took}`,
  );

  const required = sealed.count + 1;
  const refusal = await next.promote({ gate: { ...gate, minCount: required } }).catch((error: unknown) => error);
  assert.ok(refusal instanceof GennakerError && refusal.code === "GENNAKER_GATE_REFUSED", String(refusal));
  say(`\na gate that asks for ${count(required)} documents: ${output.paint(["red"], refusal.code)}`);
  say(checkTable(refusal.details["checks"] as readonly GateCheck[]));
  assert.equal((await db.stats()).generation, before);
  say(`generation ${before} still answers`);

  const promotion = await next.promote({ gate: { ...gate, minCount: 1 } });
  say(`\na gate that asks for what the build is: ${output.paint(["green"], "promoted")} in ${time(promotion.tookMs)}`);
  say(checkTable(promotion.checks));
  const gone = await (await db.collection("docs")).count({ package: left });
  assert.equal(gone, 0);
  say(`generation ${promotion.generation} answers; passages of ${left}: ${gone}`);

  const back = await db.generations.rollback();
  assert.equal(back.generation, before);
  const again = await (await db.collection("docs")).count({ package: left });
  assert.equal(again, deleted);
  say(`\nrolled back to generation ${back.generation} in ${time(back.tookMs)}; passages of ${left}: ${count(again)}`);

  const columns = [
    { title: "  generation" },
    { title: "state" },
    { title: "passages", isRight: true },
    { title: "size", isRight: true },
  ];
  const list = await db.generations.list();
  say(
    table(
      columns,
      list.map((one) => [`  ${one.generation}`, one.state, count(one.count), bytes(one.bytes)]),
    ),
  );
}

/** The checks of a gate as a table. */
export function checkTable(checks: readonly GateCheck[]): string {
  const cell = (value: number | string | undefined): string => (value === undefined ? "" : String(value));
  const rows = checks.map(({ name, passed, required, measured }) => [
    passed ? output.paint(["green"], "  passed") : output.paint(["red"], "  failed"),
    output.safe(name),
    output.safe(cell(required)),
    output.safe(cell(measured)),
  ]);
  return table([{ title: "  result" }, { title: "check" }, { title: "required" }, { title: "measured" }], rows);
}
