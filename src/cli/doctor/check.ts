/** One line of `gennaker doctor`. Only `fail` makes its exit code 3. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  /** What was found. */
  readonly found: string;
  /** What to do about it; absent when all is well. */
  readonly repair?: string;
}
