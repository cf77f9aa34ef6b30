import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createGunzip, gunzipSync } from "node:zlib";

/** A matrix, row after row. */
export interface Matrix {
  readonly rows: number;
  readonly dimension: number;
  readonly values: Float32Array;
}

/** The first `bytes` of a file, unpacked when its name ends in `.gz`; the rest is not read. */
export async function readHead(path: string, bytes: number): Promise<Buffer> {
  const file = createReadStream(path);
  const stream = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  file.on("error", (error) => stream.destroy(error));
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= bytes) break;
  }
  file.destroy();
  return Buffer.concat(chunks).subarray(0, bytes);
}

/** Lines of JSON, packed or not; at most `count`. */
export function readJsonLines<T>(path: string, count = Number.POSITIVE_INFINITY): T[] {
  const raw = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(raw) : raw).toString("utf8");
  const values: T[] = [];
  for (let from = 0; from < text.length && values.length < count;) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end === -1 ? text.length : end);
    if (line.trim() !== "") values.push(JSON.parse(line) as T);
    from = end === -1 ? text.length : end + 1;
  }
  return values;
}

/**
 * The first `count` rows of a NumPy array file (versions 1 to 3): two dimensions, C order, little-endian float16 or float32.
 *
 * @throws `Error` naming the file and what it holds instead
 */
export async function readNpy(path: string, count = Number.POSITIVE_INFINITY): Promise<Matrix> {
  const head = await readHead(path, 65_536);
  const { rows, dimension, width, start } = npyHeader(head, path);
  const wanted = Math.min(rows, count);
  const end = start + wanted * dimension * width;
  const body = (await readHead(path, end)).subarray(start);
  if (body.length < end - start) throw new Error(`${path} ends after ${start + body.length} of ${end} bytes`);
  const values = new Float32Array(wanted * dimension);
  if (width === 4) for (let i = 0; i < values.length; i++) values[i] = body.readFloatLE(4 * i);
  else {
    const halves = halfTable();
    for (let i = 0; i < values.length; i++)
      values[i] = halves[(body[2 * i] as number) | ((body[2 * i + 1] as number) << 8)] as number;
  }
  return { rows: wanted, dimension, values };
}

function npyHeader(head: Buffer, path: string): { rows: number; dimension: number; width: 2 | 4; start: number } {
  if (head.toString("latin1", 0, 6) !== "\x93NUMPY") throw new Error(`${path} is not a NumPy array file`);
  const isFirst = head[6] === 1;
  const start = (isFirst ? 10 : 12) + (isFirst ? head.readUInt16LE(8) : head.readUInt32LE(8));
  const header = head.toString("latin1", isFirst ? 10 : 12, start);
  const found = /'descr': '<f([24])', 'fortran_order': False, 'shape': \((\d+), (\d+)\)/.exec(header);
  if (found === null) throw new Error(`${path} holds ${header.trim()}; wanted a C-order matrix of <f2 or <f4`);
  return { rows: Number(found[2]), dimension: Number(found[3]), width: found[1] === "2" ? 2 : 4, start };
}

let halves: Float32Array | null = null;

/** The value of each of the 65,536 half-precision numbers (IEEE 754 binary16). */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return halves;
}

/** Judgements `query, document, relevance` of a tab-separated file with a header line. */
export function readQrels(path: string): { query: string; document: string; grade: number }[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n").slice(1);
  return lines.map((line) => {
    const [query = "", document = "", grade = ""] = line.split("\t");
    return { query, document, grade: Number(grade) };
  });
}

/** `path` or `path.gz`, whichever is there. */
export function packedOrNot(path: string): string {
  return existsSync(path) ? path : `${path}.gz`;
}
