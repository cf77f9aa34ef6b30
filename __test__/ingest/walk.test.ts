import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documents, under, type Unreadable } from "../../src/ingest/documents.ts";
import { walk } from "../../src/ingest/walk.ts";
import { open } from "../../src/index.ts";

const base = mkdtempSync(join(tmpdir(), "gennaker-walk-"));
const write = (path: string, content: string | Uint8Array = "words enough to be a passage\n"): void => {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), content);
};

beforeAll(() => {
  for (const path of ["tree/b.md", "tree/a/z.txt", "tree/a/B.ts", "outside/hidden.md"]) write(path);
  for (const path of [".env", ".env.local", "prod.env", "server.pem", "id_rsa", "id_ed25519", ".npmrc", "credentials"])
    write(`tree/${path}`, "SECRET=1");
  for (const path of [".git/config.txt", ".ssh/notes.md", ".cache/x.md", "node_modules/p/README.md", "target/doc.md"])
    write(`tree/${path}`);
  for (const path of ["app.min.js", "package-lock.json", "photo.png", "empty.md"])
    write(`tree/${path}`, path === "empty.md" ? "" : "x");
  write("tree/store/CURRENT.md");
  write("tree/binary.txt", new Uint8Array([65, 0, 66]));
  write("tree/latin.txt", new Uint8Array([65, 0xe9, 66]));
  symlinkSync(join(base, "outside"), join(base, "tree/link"));
  symlinkSync(join(base, "outside/hidden.md"), join(base, "tree/link.md"));
});
afterAll(() => rmSync(base, { recursive: true }));

const tree = join(base, "tree");

describe("finding files to index", () => {
  it("takes known formats in the order of their names, and never secrets, links, or what is hidden or generated", async () => {
    const { sources, skipped, roots } = await walk([tree], { base, exclude: [join(tree, "store")] });
    expect(sources.map(({ path }) => path)).toEqual([
      "tree/a/B.ts",
      "tree/a/z.txt",
      "tree/b.md",
      "tree/binary.txt",
      "tree/latin.txt",
    ]);
    expect(skipped).toEqual({ secret: 10, hidden: 1, generated: 4, link: 2, store: 1, format: 1 });
    expect(roots).toEqual(["tree"]);
  });

  it("a root may be a link; what is below it is still not followed", async () => {
    const { sources } = await walk([join(tree, "link")], { base });
    expect(sources.map(({ path }) => path)).toEqual(["outside/hidden.md"]);
  });

  it("the same file named twice is read once", async () => {
    const { sources } = await walk([join(tree, "b.md"), tree, join(tree, "b.md")], { base });
    expect(sources.filter(({ path }) => path === "tree/b.md")).toHaveLength(1);
  });

  it("refuses a named secret, a named file of an unknown format, and a path that is not there", async () => {
    await expect(walk([join(tree, ".env")], { base })).rejects.toMatchObject({ code: "GENNAKER_INVALID_QUERY" });
    await expect(walk([join(tree, "photo.png")], { base })).rejects.toThrow(/its format is not known/);
    await expect(walk([join(tree, "nowhere")], { base })).rejects.toMatchObject({ code: "GENNAKER_NOT_FOUND" });
  });

  it("stops when aborted", async () => {
    await expect(walk([tree], { base, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("documents of files", () => {
  it("have ids of path and heading, and say where they are from", async () => {
    write("ids/a.md", "# One\n\ntext\n\n# Two words!\n\nmore\n\n# One\n\nagain\n");
    const { sources } = await walk([join(base, "ids")], { base });
    const all = await Array.fromAsync(documents(sources));
    expect(all.map(({ id }) => id)).toEqual(["ids/a.md#one", "ids/a.md#two-words", "ids/a.md#one-2"]);
    expect(all[1]).toEqual({
      id: "ids/a.md#two-words",
      text: { title: "Two words!", body: "more" },
      metadata: { path: "ids/a.md", kind: "markdown", heading: "Two words!", startLine: 7, endLine: 7 },
    });
  });

  it("binary files and other encodings are reported, not guessed", async () => {
    const { sources } = await walk([join(tree, "binary.txt"), join(tree, "latin.txt")], { base });
    const unreadable: Unreadable[] = [];
    const all = await Array.fromAsync(documents(sources, { onUnreadable: (file) => unreadable.push(file) }));
    expect(all).toEqual([]);
    expect(unreadable).toEqual([
      { path: "tree/binary.txt", reason: "it is binary" },
      { path: "tree/latin.txt", reason: "it is not UTF-8" },
    ]);
    await expect(Array.fromAsync(documents(sources))).rejects.toThrow("it is binary");
  });

  it("an id longer than a store takes is a hash", async () => {
    const path = `ids/${"é/".repeat(300)}`;
    const { toDocuments } = await import("../../src/ingest/documents.ts");
    const passage = { trail: ["h".repeat(500)], text: "t", startLine: 1, endLine: 1 };
    const [long] = toDocuments(`${path}${"x".repeat(300)}`, "text", [passage]);
    expect(long?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

describe("what was indexed under a path", () => {
  it.each([
    ["docs", ["docs/a.md", "docs/b/c.md"]],
    ["docs/a.md", ["docs/a.md"]],
    ["", ["a.md", "docs/a.md", "docs/b/c.md", "docs2/a.md"]],
    ["..", ["../x.md", "a.md", "docs/a.md", "docs/b/c.md", "docs2/a.md"]],
    ["../..", ["../../y.md", "../x.md", "a.md", "docs/a.md", "docs/b/c.md", "docs2/a.md"]],
  ])("%j", async (root, expected) => {
    const db = await open(":memory:", { engine: "memory" });
    const docs = await db.collection("docs");
    const paths = ["../../y.md", "../x.md", "/etc/z.md", "a.md", "docs/a.md", "docs/b/c.md", "docs2/a.md"];
    await docs.upsert(paths.map((path) => ({ id: path, text: "t", metadata: { path, kind: "markdown" } })));
    await docs.upsert([{ id: "of somebody else", text: "t", metadata: { other: 1 } }]);
    const found: string[] = [];
    for await (const { id } of docs.scan({ filter: under(root) })) found.push(id);
    expect(found.toSorted()).toEqual(expected);
    await db.close();
  });
});
