// node scripts/api-report.ts --update: writes api/gennaker.api.md, the public surface as text, so that a review sees it change.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, type Node } from "yuku-parser";
import { root } from "./root.ts";

const declarations = "dist/index.d.ts";
const report = "api/gennaker.api.md";

/** One top-level declaration of dist/index.d.ts; `exportedAs` is null for a type that is only reachable through others. */
interface Declaration {
  readonly name: string;
  readonly exportedAs: string | null;
  readonly node: Node;
  readonly isDocumented: boolean;
}

interface Surface {
  readonly source: string;
  readonly declarations: readonly Declaration[];
  /** Text between two offsets that are the end of the previous token and the start of a node: does it end in a doc comment? */
  readonly isDocumentedAt: (start: number) => boolean;
}

/** Reads the declarations that tsdown bundled into one file. */
function readSurface(): Surface {
  const source = readFileSync(join(root, declarations), "utf8").replaceAll("\r\n", "\n");
  const { program, comments } = parse(source, { lang: "dts", sourceType: "module" });
  const docs = comments.filter((comment) => comment.type === "Block" && comment.value.startsWith("*"));
  const docEnds = new Set(docs.map((comment) => source.slice(0, comment.end).length));
  const isDocumentedAt = (start: number) => docEnds.has(source.slice(0, start).trimEnd().length);

  const exported = new Map<string, string>();
  for (const node of program.body) {
    if (node.type !== "ExportNamedDeclaration") continue;
    for (const specifier of node.specifiers) exported.set(nameOf(specifier.local), nameOf(specifier.exported));
  }
  const found: Declaration[] = [];
  for (const node of program.body) {
    const inner = node.type === "ExportNamedDeclaration" ? node.declaration : node;
    if (inner === null || inner === undefined) continue;
    for (const name of declaredNames(inner)) {
      const exportedAs = node.type === "ExportNamedDeclaration" ? name : (exported.get(name) ?? null);
      found.push({ name, exportedAs, node: inner, isDocumented: isDocumentedAt(node.start) });
    }
  }
  return { source, declarations: found, isDocumentedAt };
}

function nameOf(node: Node): string {
  if (node.type === "Identifier") return node.name;
  if (node.type === "Literal") return String(node.value);
  return "";
}

function declaredNames(node: Node): string[] {
  switch (node.type) {
    case "VariableDeclaration":
      return node.declarations.map((declarator) => nameOf(declarator.id as Node));
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
      return node.id === null || node.id === undefined ? [] : [nameOf(node.id)];
    default:
      return [];
  }
}

/** The report: exported names in order, each with its declaration, without comments. */
export function renderReport(): string {
  const { source, declarations: found } = readSurface();
  const byName = found.toSorted(
    (a, b) => compare(a.exportedAs ?? a.name, b.exportedAs ?? b.name) || a.node.start - b.node.start,
  );
  const text = (declaration: Declaration) =>
    withoutComments(source.slice(declaration.node.start, declaration.node.end));
  const section = (list: readonly Declaration[]) => list.map(text).join("\n\n");
  return `# The public surface of gennaker

Written by \`node scripts/api-report.ts --update\` from the declarations that are published; \`npm run check\` fails when it is not current.

## Exported

\`\`\`ts
${section(byName.filter((declaration) => declaration.exportedAs !== null))}
\`\`\`

## Reachable through what is exported

\`\`\`ts
${section(byName.filter((declaration) => declaration.exportedAs === null))}
\`\`\`
`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function withoutComments(text: string): string {
  const { comments } = parse(text, { lang: "dts", sourceType: "module" });
  let kept = "";
  let at = 0;
  for (const comment of comments) {
    kept += text.slice(at, comment.start);
    at = comment.end;
  }
  kept += text.slice(at);
  return kept
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n");
}

/** What to do when the committed report is not what dist declares; null when it is. */
export function reportDifference(): string | null {
  const committed = existsSync(join(root, report))
    ? readFileSync(join(root, report), "utf8").replaceAll("\r\n", "\n")
    : "";
  const current = renderReport();
  if (committed === current) return null;
  const before = new Set(committed.split("\n"));
  const after = new Set(current.split("\n"));
  const removed = [...before].filter((line) => !after.has(line)).map((line) => `- ${line}`);
  const added = [...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`);
  const changes = [...removed, ...added].slice(0, 60).join("\n");
  return `${report} is not current: run "node scripts/api-report.ts --update" and review the change\n${changes}`;
}

/** Exported declarations, and members of them, that have no doc comment. */
export function documentationGaps(): string[] {
  const surface = readSurface();
  const gaps: string[] = [];
  const documented = new Set(surface.declarations.filter(({ isDocumented }) => isDocumented).map(({ name }) => name));
  for (const { name, exportedAs, node } of surface.declarations) {
    if (exportedAs === null) continue;
    if (!documented.has(name)) gaps.push(`${exportedAs} has no doc comment`);
    const members = membersOf(node);
    // one comment serves all overloads of a method
    const described = new Set(members.filter((member) => surface.isDocumentedAt(member.start)).map(memberName));
    const missing = new Set(members.map(memberName).filter((member) => !described.has(member)));
    for (const member of missing) gaps.push(`${exportedAs}.${member} has no doc comment`);
  }
  return [...new Set(gaps)];

  function memberName(member: Node): string {
    return "key" in member ? surface.source.slice((member.key as Node).start, (member.key as Node).end) : "[index]";
  }
}

function membersOf(node: Node): Node[] {
  const members: Node[] = [];
  if (node.type === "TSInterfaceDeclaration") members.push(...(node.body.body as Node[]));
  if (node.type === "ClassDeclaration") members.push(...(node.body.body as Node[]));
  if (node.type === "TSTypeAliasDeclaration" && node.typeAnnotation.type === "TSTypeLiteral") {
    members.push(...(node.typeAnnotation.members as Node[]));
  }
  const isPublic = (member: Node) =>
    member.type !== "TSIndexSignature" &&
    !("accessibility" in member && member.accessibility !== null && member.accessibility !== "public") &&
    !("key" in member && (member.key as Node).type === "PrivateIdentifier") &&
    !("kind" in member && member.kind === "constructor") &&
    member.type !== "TSCallSignatureDeclaration";
  return members.filter(isPublic);
}

if (import.meta.main) {
  if (process.argv.includes("--update")) {
    mkdirSync(join(root, "api"), { recursive: true });
    writeFileSync(join(root, report), renderReport());
  }
  const difference = reportDifference();
  if (difference !== null) {
    console.error(difference);
    process.exitCode = 1;
  }
}
