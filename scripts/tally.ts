/** One test, or a named part of one, that did not run. */
export interface Skip {
  readonly name: string;
  readonly reason: string;
}

/** What a test run came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skips: readonly Skip[];
}

/** Reason shown for a skip that gave none; `npm test` fails on it, so that no skip goes unexplained. */
export const noReason = "no reason given";

/** Adds up several runs. */
export function total(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
    skips: tallies.flatMap((tally) => tally.skips),
  };
}

/** One `SKIP <name>: <reason>` line per skip and, alone on the last line, `N passed, N failed, N skipped`. */
export function closingLines(tally: Tally): string[] {
  const skips = tally.skips.map(({ name, reason }) => `SKIP ${name}: ${reason}`);
  return [...skips, `${tally.passed} passed, ${tally.failed} failed, ${tally.skips.length} skipped`];
}
