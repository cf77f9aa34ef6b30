import { abortReason, GennakerError } from "../errors.ts";
import type { EngineDocument } from "../engine/port.ts";
import type { Committed, DocumentInput, Ingested, IngestOptions, ProgressListener } from "../model.ts";
import { byteLength, copyDocument } from "./documents.ts";
import { kindOf } from "./names.ts";

const DOCUMENTS = 1000;
const BYTES = 8 << 20;
const REPORT_MS = 100;

/** The two halves of writing a batch: `prepare` may run ahead, `write` runs in order. */
export interface Sink {
  prepare(documents: readonly EngineDocument[], signal: AbortSignal | undefined): Promise<readonly EngineDocument[]>;
  write(documents: readonly EngineDocument[]): Promise<Committed>;
}
interface Item<M> {
  readonly input: DocumentInput<M>;
  readonly position: number;
  readonly document: EngineDocument;
}
type Source<M> = AsyncIterable<DocumentInput<M>> | Iterable<DocumentInput<M>>;

/** Reads `source` into batches and writes them in order; at most `concurrency` batches are under way, then the source waits. */
export async function ingest<M>(
  source: Source<M>,
  options: IngestOptions<M>,
  sink: Sink,
  signal: AbortSignal | undefined,
): Promise<Ingested> {
  const { documents, bytes, concurrency } = checkOptions(source, options);
  const run = new Run<M>(options, sink, signal);
  const under: Promise<void>[] = [];
  let last: Promise<void> = Promise.resolve();
  try {
    let batch: Item<M>[] = [];
    let size = 0;
    let position = 0;
    const flush = async (): Promise<void> => {
      if (batch.length === 0) return;
      last = run.apply(batch, last);
      last.catch(() => undefined);
      under.push(last);
      [batch, size] = [[], 0];
      if (under.length >= concurrency) await under.shift();
    };
    const ids = new Set<string>();
    for await (const input of source) {
      run.check();
      const item = run.accept(input, position++);
      if (!item) continue;
      // The same id again must overwrite, in order: it begins a new batch.
      if (batch.length >= documents || size >= bytes || ids.has(item.document.id)) {
        await flush();
        ids.clear();
      }
      ids.add(item.document.id);
      batch.push(item);
      size += byteLength(item.document);
    }
    await flush();
  } finally {
    await last.catch(() => undefined);
  }
  await last;
  run.check();
  return run.finish();
}

class Run<M> {
  readonly #options: IngestOptions<M>;
  readonly #sink: Sink;
  readonly #signal: AbortSignal | undefined;
  readonly #started = performance.now();
  readonly #report: (done: number) => void;
  #accepted = 0;
  #rejected = 0;
  #sequence = 0;

  constructor(options: IngestOptions<M>, sink: Sink, signal: AbortSignal | undefined) {
    this.#options = options;
    this.#signal = signal;
    this.#sink = sink;
    this.#report = reporter(options.progress, options.total, this.#started);
  }

  check(): void {
    if (this.#signal?.aborted) throw abortReason(this.#signal);
  }

  /** A validated document, or nothing when `onReject` took it. */
  accept(input: DocumentInput<M>, position: number): Item<M> | undefined {
    try {
      return { input, position, document: copyDocument(input, position) };
    } catch (error) {
      this.#reject(input, position, error);
      return undefined;
    }
  }

  /** Prepares a batch at once and writes it after `before`. */
  async apply(items: readonly Item<M>[], before: Promise<void>): Promise<void> {
    const preparing = this.#sink.prepare(
      items.map((item) => item.document),
      this.#signal,
    );
    preparing.catch(() => undefined);
    await before;
    let rest = items.map((item, i) => ({ item, index: i }));
    const prepared = await preparing;
    while (rest.length > 0) {
      this.check();
      try {
        const { sequence } = await this.#sink.write(rest.map(({ index }) => prepared[index] as EngineDocument));
        this.#sequence = sequence;
        break;
      } catch (error) {
        const bad = positionOf(error, rest.length);
        const taken = bad === undefined ? undefined : rest[bad];
        if (!taken) throw error;
        this.#reject(taken.item.input, taken.item.position, error);
        rest = rest.filter((one) => one !== taken);
      }
    }
    this.#accepted += rest.length;
    this.#report(this.#accepted + this.#rejected);
  }

  finish(): Ingested {
    return {
      sequence: this.#sequence,
      accepted: this.#accepted,
      rejected: this.#rejected,
      tookMs: performance.now() - this.#started,
    };
  }

  #reject(document: DocumentInput<M>, position: number, error: unknown): void {
    if (!this.#options.onReject || !(error instanceof Error)) throw error;
    this.#rejected += 1;
    this.#options.onReject({ document, position, error });
  }
}

/** The index in the batch of the one document that an error is about. */
function positionOf(error: unknown, length: number): number | undefined {
  if (!(error instanceof GennakerError)) return undefined;
  const position = error.details["position"];
  return typeof position === "number" && position < length ? position : undefined;
}

function reporter(
  listener: ProgressListener | undefined,
  total: number | undefined,
  started: number,
): (done: number) => void {
  let reported = -Infinity;
  return (done) => {
    const now = performance.now();
    if (!listener || (now - reported < REPORT_MS && done !== total)) return;
    reported = now;
    const rate = done / Math.max((now - started) / 1000, 1e-3);
    listener({
      phase: "ingest",
      done,
      rate,
      ...(total === undefined ? {} : { total, etaMs: Math.max(0, ((total - done) / rate) * 1000) }),
    });
  };
}

function checkOptions<M>(
  source: Source<M>,
  { batch = {}, concurrency = 2 }: IngestOptions<M>,
): { documents: number; bytes: number; concurrency: number } {
  if (typeof source !== "object" || source === null || !(Symbol.asyncIterator in source || Symbol.iterator in source)) {
    throw new TypeError(`ingest takes an iterable of documents, not ${kindOf(source)}.`);
  }
  const given = typeof batch === "number" ? { documents: batch } : batch;
  const { documents = DOCUMENTS, bytes = BYTES } = given;
  for (const [name, value, most] of [
    ["batch.documents", documents, 100_000],
    ["batch.bytes", bytes, 256 << 20],
    ["concurrency", concurrency, 16],
  ] as const) {
    if (typeof value !== "number") throw new TypeError(`${name} must be a number, not ${kindOf(value)}.`);
    if (Number.isInteger(value) && value >= 1 && value <= most) continue;
    throw new GennakerError(
      "GENNAKER_INVALID_QUERY",
      `${name} is ${value}; it must be a whole number from 1 to ${most}.`,
      { details: { name, actual: value, limit: most } },
    );
  }
  return { documents, bytes, concurrency };
}
