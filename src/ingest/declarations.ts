import { comments } from "./doc-comments.ts";
import { plain } from "./inline.ts";
import { cut, type Passage } from "./passage.ts";

const NAME =
  /^(?:(?:export|declare|default|abstract|static|readonly|public|protected|private|async|override|accessor|get|set|const(?=\s+enum))\s+)*(?:(?:class|interface|type|enum|namespace|module|function|const|let|var)\s+)?(?:"([^"]{1,200})"|'([^']{1,200})'|\[([^\]]{1,200})\]|([\p{L}_$#][\p{L}\p{N}_$]{0,200}))/u;
const MIN_LENGTH = 24;
const MAX_SIGNATURE = 400;

/**
 * One passage for each documented declaration of a `.d.ts` file: what the comment says, then the signature,
 * under the names of the declaration and of what contains it.
 */
export function splitDeclarations(text: string): Passage[] {
  return [...comments(text)].flatMap((comment) => {
    const said = wordsOf(comment.text);
    const name = nameOf(comment.declaration);
    if (said.length < MIN_LENGTH || isLicence(said)) return [];
    const trail = [...comment.containers.map((one) => nameOf(one)), name].filter((one) => one !== undefined);
    const signature = shorten(comment.declaration);
    const whole = {
      text: signature === "" ? said : `${said}\n\n${signature}`,
      startLine: comment.startLine,
      endLine: comment.endLine,
    };
    return [...cut(whole)].map((block) => ({ ...block, trail }));
  });
}

/** The name that a declaration, or the opening of a container, gives. */
function nameOf(declaration: string): string | undefined {
  const found = NAME.exec(declaration);
  const name = found?.[1] ?? found?.[2] ?? found?.[3] ?? found?.[4];
  return name === undefined || name === "new" || name === "export" ? undefined : name;
}

/** The words of a doc comment: no stars, tags without their marks, links as their words. */
function wordsOf(comment: string): string {
  return comment
    .split("\n")
    .map((line) => plain(line.replace(/^\s*\*? ?/, "")))
    .join("\n")
    .replaceAll(/\{@(?:link|linkcode|linkplain)\s+([^{}\s|]{1,300})(?:[\s|]+([^{}]{1,300}))?\}/g, (_, to, words) =>
      String(words ?? to).trim(),
    )
    .replaceAll(/^@(\w{1,30})[ \t]*/gm, (_, tag) => (tag === "example" ? "Example:\n" : `${String(tag)} `))
    .replaceAll(/^```\w{0,20}$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

function isLicence(text: string): boolean {
  return /\b(?:copyright|licen[cs]ed? under|all rights reserved)\b/i.test(text.slice(0, 400));
}

function shorten(declaration: string): string {
  const line = declaration.replaceAll(/\s+/g, " ").trim();
  return line.length > MAX_SIGNATURE ? `${line.slice(0, MAX_SIGNATURE - 1).trimEnd()}…`.toWellFormed() : line;
}
