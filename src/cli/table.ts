import { stripVTControlCharacters } from "node:util";

/** One column: its title, and whether numbers stand at its right edge. */
export interface Column {
  readonly title: string;
  readonly isRight?: boolean;
}

/** Aligned columns, two spaces apart, with a line of titles. Cells must be safe to print. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ""))));
  const line = (row: readonly string[]): string =>
    columns
      .map(({ isRight }, i) => {
        const cell = row[i] ?? "";
        const space = " ".repeat((widths[i] ?? 0) - widthOf(cell));
        return isRight ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  return all.map(line).join("\n");
}

/** Aligned `name  value` lines. */
export function pairs(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...entries.map(([name]) => widthOf(name)));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join("\n");
}

function widthOf(cell: string): number {
  return Array.from(stripVTControlCharacters(cell)).length;
}
