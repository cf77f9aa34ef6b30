// npm run demo: the whole product on the documentation that is installed under node_modules.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Meter } from "../src/cli/progress.ts";
import { bytes, count, time } from "../src/cli/units.ts";
import { type Database, GennakerError, open } from "../src/index.ts";
import { build } from "./build.ts";
import { METADATA, readCorpus, type Corpus } from "./demo/corpus.ts";
import { askAll, type Asked, expectSame } from "./demo/questions.ts";
import { chapter, progress, say } from "./demo/show.ts";
import { canariesOf, checkTable, switchAndBack } from "./demo/switch.ts";
import { root } from "./root.ts";

const path = join(root, ".gennaker");

/** Takes away what an earlier run left, damaged or of another format as it may be; not while another process writes to it. */
async function startFresh(): Promise<void> {
  try {
    await (await open(path)).close();
  } catch (error) {
    if (
      !(error instanceof GennakerError) ||
      error.code === "GENNAKER_LOCKED" ||
      error.code === "GENNAKER_NATIVE_MISSING"
    )
      throw error;
  }
  rmSync(path, { recursive: true, force: true });
}

/** Reads the corpus, with progress: how many passages there will be is not known before. */
async function read(): Promise<Corpus> {
  const meter = new Meter("reading node_modules", 0);
  const started = performance.now();
  const corpus = await readCorpus(join(root, "node_modules"), (_, passages) => {
    const { total: _total, etaMs: _etaMs, ...report } = meter.at(passages);
    progress.show(report, "passages");
  });
  const readmes = corpus.passages.filter(({ metadata }) => metadata.kind === "readme").length;
  say(
    `${count(corpus.passages.length)} passages of ${count(corpus.files)} files in ${count(corpus.packages)} packages ` +
      `(${count(readmes)} from Markdown, ${count(corpus.passages.length - readmes)} doc comments), ${time(performance.now() - started)}`,
  );
  return corpus;
}

/** Builds the corpus as a generation and promotes it through a gate. */
async function index(db: Database, { passages }: Corpus): Promise<void> {
  const started = performance.now();
  await using next = await db.generations.begin({ from: "empty" });
  const docs = await next.collection("docs", { embed: "lsa", text: ["title", "body"], metadata: METADATA });
  const { accepted, tookMs } = await docs.ingest(passages, {
    total: passages.length,
    durability: "none",
    progress: (report) => progress.show(report, "passages"),
  });
  say(`indexed ${count(accepted)} passages in ${time(tookMs)} (${count(Math.round((1000 * accepted) / tookMs))}/s)`);
  const sealed = await next.seal({ progress: (report) => progress.show(report) });
  say(
    `sealed generation ${sealed.generation}: embedder fitted, files synced and checked in ${time(sealed.tookMs)}, ${bytes(sealed.bytes)}`,
  );
  const gate = { recall: 0.95, minCount: 1000, canaries: canariesOf(passages) };
  const { generation, checks } = await next.promote({ gate });
  say(checkTable(checks));
  say(`generation ${generation} is live, ${time(performance.now() - started)} after it was begun`);
}

/** The largest package that none of the answers is from: it is what the second generation does without. */
function largestUnseen({ passages }: Corpus, asked: readonly Asked[]): string {
  const seen = new Set(asked.flatMap(({ result }) => result.hits.map(({ metadata }) => metadata?.["package"])));
  const counts = new Map<string, number>();
  for (const { metadata } of passages) counts.set(metadata.package, (counts.get(metadata.package) ?? 0) + 1);
  const unseen = [...counts].filter(([name]) => !seen.has(name)).toSorted((a, b) => b[1] - a[1]);
  return unseen[0]?.[0] ?? "";
}

/** Runs everything; fails when an answer differs after a rollback or after opening the store again. */
async function main(): Promise<void> {
  await build("ci");
  const started = performance.now();
  await startFresh();

  chapter("Documentation under node_modules");
  const corpus = await read();

  const db = await open(path);
  let before: Asked[];
  try {
    chapter("A generation with vectors, text and metadata");
    await index(db, corpus);
    chapter("Questions");
    const docs = await db.collection("docs");
    before = await askAll(docs);
    chapter("A second generation aside, a gate, and back");
    const left = largestUnseen(corpus, before);
    const rest = corpus.passages.filter(({ metadata }) => metadata.package !== left);
    await switchAndBack(db, left, { recall: 0.95, canaries: canariesOf(rest) });
    await expectSame(docs, before);
    say(`the ${before.length} questions have the same answers as before`);
  } finally {
    await db.close();
  }

  chapter("Opened again from disk");
  const opening = performance.now();
  const again = await open(path, { readOnly: true });
  try {
    const openMs = performance.now() - opening;
    await expectSame(await again.collection("docs"), before);
    const { ok, files, bytes: size } = await again.verify();
    if (!ok) throw new Error("verify found damage in a store that was just written");
    say(`opened in ${time(openMs)}; the ${before.length} questions have the same answers, bit for bit`);
    say(`every byte checked: ${count(files)} files, ${bytes(size)}`);
  } finally {
    await again.close();
  }
  say(
    `\nall of it took ${time(performance.now() - started)}. The store stays: npx gennaker search "parse command line options"`,
  );
}

try {
  await main();
} catch (error) {
  progress.clear();
  console.error(error);
  process.exitCode = 1;
}
