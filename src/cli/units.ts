const whole = new Intl.NumberFormat("en-US");

/** `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** `1 passage`, `2 passages`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `1.2 MB`; powers of 1,000, as disks are sold. */
export function bytes(value: number): string {
  let rest = value;
  for (const unit of ["B", "kB", "MB", "GB", "TB"]) {
    if (rest < 1000 || unit === "TB") return `${unit === "B" ? rest : rest.toFixed(1)} ${unit}`;
    rest /= 1000;
  }
  return `${value} B`;
}

/** `0.42 ms`, `12 ms`, `3.4 s`, `2 min 5 s`. */
export function time(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
