type Fields = { readonly [field: string]: unknown };

const TITLES = ["title", "name", "headline", "subject", "question"];
const BODIES = ["text", "body", "content", "abstract", "description"];

/** The title of a record, if one of its fields is called so. */
export function titleOf(record: Fields): string[] {
  const title = firstString(record, TITLES);
  return title === undefined ? [] : [title[1].trim()];
}

/** The text of a record: its main field when there is one, else `field: value` lines of all of them. */
export function describeRecord(record: Fields): string {
  const main = firstString(record, BODIES);
  if (main) return main[1];
  return Object.entries(record)
    .filter(([, value]) => value !== null && value !== "")
    .map(([field, value]) => `${field}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n");
}

function firstString(record: Fields, names: readonly string[]): [string, string] | undefined {
  for (const [field, value] of Object.entries(record)) {
    if (typeof value === "string" && value.trim() !== "" && names.includes(field.toLowerCase())) return [field, value];
  }
  return undefined;
}
