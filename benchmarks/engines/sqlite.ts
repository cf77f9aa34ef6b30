import { join } from "node:path";
import type { DatabaseSync as Sqlite } from "node:sqlite";
import { type Engine, type Rows, type Shape, vectorAt } from "./engine.ts";
import { type Peer, peer } from "./peer.ts";

interface SqliteVec {
  load(db: Sqlite): void;
}

/** Node's own SQLite: FTS5 for text, sqlite-vec (an exact scan) for vectors. Calls block the event loop. */
export async function load(): Promise<Engine> {
  const { DatabaseSync } = await import("node:sqlite");
  const vec = sqliteVec(DatabaseSync);
  const isWhole = typeof vec !== "string";
  return {
    name: "sqlite",
    version: `${process.versions["sqlite"]}, ${isWhole ? `sqlite-vec ${vec.version}` : vec}`,
    abilities: {
      ...(isWhole ? { vectors: { isExact: true } } : {}),
      text: { analysis: "FTS5 porter unicode61, no stop words" },
      writes: { isDurable: true, note: "WAL, synchronous = FULL; searchable at once" },
    },
    open(directory, shape) {
      const db = new DatabaseSync(join(directory, "bench.db"), { allowExtension: true });
      if (isWhole) vec.module.load(db);
      return store(db, shape);
    },
  };
}

function store(db: Sqlite, shape: Shape): ReturnType<Engine["open"]> {
  db.exec("PRAGMA journal_mode = WAL");
  const hasVectors = shape.hasVectors;
  db.exec("CREATE TABLE documents (id INTEGER PRIMARY KEY)");
  if (hasVectors)
    db.exec(`CREATE VIRTUAL TABLE vectors USING vec0(v float[${shape.dimension}] distance_metric=cosine)`);
  if (shape.hasText) db.exec("CREATE VIRTUAL TABLE texts USING fts5(t, tokenize = 'porter unicode61')");
  const insert = db.prepare("INSERT OR REPLACE INTO documents (id) VALUES (?)");
  const forget = hasVectors ? db.prepare("DELETE FROM vectors WHERE rowid = ?") : null;
  const insertVector = hasVectors ? db.prepare("INSERT INTO vectors (rowid, v) VALUES (?, ?)") : null;
  const insertText = shape.hasText ? db.prepare("INSERT OR REPLACE INTO texts (rowid, t) VALUES (?, ?)") : null;
  const nearest = hasVectors
    ? db.prepare("SELECT rowid AS id FROM vectors WHERE v MATCH ? AND k = ? ORDER BY distance")
    : null;
  const matching = shape.hasText
    ? db.prepare("SELECT rowid AS id FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?")
    : null;
  const upsert = (rows: Rows, isDurable: boolean) => {
    db.exec(`PRAGMA synchronous = ${isDurable ? "FULL" : "NORMAL"}`);
    db.exec("BEGIN");
    for (let i = 0; i < rows.count; i++) {
      const id = BigInt(rows.first + i);
      insert.run(id);
      forget?.run(id);
      if (rows.vectors !== null) insertVector?.run(id, vectorAt(rows, i));
      if (rows.texts !== null) insertText?.run(id, rows.texts[i] ?? "");
    }
    db.exec("COMMIT");
  };
  return {
    parameters: hasVectors ? { index: "vec0, exact scan" } : {},
    efforts: [{}],
    async build(rows) {
      upsert(rows, false);
      if (insertText !== null) db.exec("INSERT INTO texts (texts) VALUES ('optimize')");
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    },
    upsert,
    count: () => (db.prepare("SELECT count(*) AS n FROM documents").get() as { n: number }).n,
    searchVector: (query, k) => ids(nearest?.all(query, k)),
    searchText(query, k) {
      const expression = anyOf(query);
      return expression === "" ? [] : ids(matching?.all(expression, k));
    },
    close: () => db.close(),
  };
}

function ids(rows: readonly unknown[] = []): number[] {
  return (rows as { id: number }[]).map(({ id }) => id);
}

/** The words of a query, each quoted, joined by OR: what the other engines make of plain text. */
function anyOf(query: string): string {
  return (query.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => `"${word}"`).join(" OR ");
}

/** Text search works without sqlite-vec: its absence takes the vectors only, and the version says why. */
function sqliteVec(Database: typeof Sqlite): Peer<SqliteVec> | string {
  const db = new Database(":memory:", { allowExtension: true });
  try {
    const loaded = peer("sqlite-vec") as Peer<SqliteVec>;
    loaded.module.load(db);
    return loaded;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    db.close();
  }
}
