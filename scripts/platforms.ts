// node scripts/platforms.ts --update: writes npm/<platform>/ and the README's platform table from napi.targets of package.json.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifest, root } from "./root.ts";
import { targets, type Target } from "./targets.ts";

const tableBegin = "<!-- platforms: written by scripts/platforms.ts -->";
const tableEnd = "<!-- platforms end -->";

/** package.json of one platform package, as published; npm installs only the one whose os, cpu and libc fit. */
export function platformManifest(target: Target): Record<string, unknown> {
  return {
    name: target.packageName,
    version: manifest.version,
    description: `The ${target.platform} binary of ${manifest.name}`,
    homepage: manifest.homepage,
    license: manifest.license,
    repository: { ...manifest.repository, directory: `npm/${target.platform}` },
    files: [target.binary, "THIRD-PARTY-LICENSES.txt"],
    main: target.binary,
    os: [target.os],
    cpu: [target.cpu],
    ...(target.libc === undefined ? {} : { libc: [target.libc] }),
    engines: manifest.engines,
  };
}

function platformReadme(target: Target): string {
  return `# ${target.packageName}

The ${target.title} (${target.cpu}) binary of [${manifest.name}](${manifest.homepage}), built for \`${target.triple}\`.
npm installs it together with \`${manifest.name}\`; nobody needs to depend on it directly, except a bundler that asks for it
(electron-builder does).
`;
}

/** The README's table of platforms. */
export function platformTable(): string {
  const titles = [...new Set(targets.map((target) => target.title))];
  const rows = titles.map((title) => {
    const cell = (cpu: Target["cpu"]) => {
      const target = targets.find((candidate) => candidate.title === title && candidate.cpu === cpu);
      return target === undefined ? "" : `\`${target.platform}\``;
    };
    return `| ${title} | ${cell("x64")} | ${cell("arm64")} |`;
  });
  return ["| | x64 | arm64 |", "|---|---|---|", ...rows].join("\n");
}

/** Every generated file with the content it has to have. */
function expected(): Map<string, string> {
  const files = new Map<string, string>();
  for (const target of targets) {
    files.set(`npm/${target.platform}/package.json`, `${JSON.stringify(platformManifest(target), null, 2)}\n`);
    files.set(`npm/${target.platform}/README.md`, platformReadme(target));
  }
  const readme = read("README.md");
  const begin = readme.indexOf(tableBegin);
  const end = readme.indexOf(tableEnd);
  if (begin >= 0 && end > begin) {
    files.set("README.md", `${readme.slice(0, begin)}${tableBegin}\n${platformTable()}\n${readme.slice(end)}`);
  }
  return files;
}

function read(path: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8").replaceAll("\r\n", "\n") : "";
}

/** What does not agree with napi.targets, one line each; empty when all is well. */
export function platformDifferences(): string[] {
  const files = expected();
  const differences = [...files]
    .filter(([path, content]) => read(path) !== content)
    .map(([path]) => `${path} does not agree with napi.targets: run "node scripts/platforms.ts --update"`);
  if (!files.has("README.md"))
    differences.push(`README.md has no platform table between "${tableBegin}" and "${tableEnd}"`);
  const known = new Set(targets.map((target) => target.platform));
  const strays = existsSync(join(root, "npm")) ? readdirSync(join(root, "npm")).filter((name) => !known.has(name)) : [];
  return [
    ...differences,
    ...strays.map((name) => `npm/${name} is not in napi.targets of package.json: remove the folder`),
  ];
}

if (import.meta.main) {
  if (process.argv.includes("--update")) {
    for (const [path, content] of expected()) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
  }
  const differences = platformDifferences();
  for (const difference of differences) console.error(difference);
  if (differences.length > 0) process.exitCode = 1;
}
