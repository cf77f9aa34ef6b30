import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Contestant, Failure } from "./contestant.ts";
import { type Figure, figureNames, type Figures } from "./figures.ts";
import type { Options } from "./options.ts";
import type { PreparedInfo } from "./protocol.ts";
import type { Absent, Measured, Row, Section } from "./results.ts";
import { median, spread } from "./statistics.ts";

/** An engine that is ready, with what the rounds have measured of each of its points. */
interface Ready {
  readonly contestant: Contestant;
  readonly info: PreparedInfo;
  readonly samples: readonly Figures[][];
}

/** Name of an engine for the report: a file's is the file's, without folders. */
export function shortName(engine: string): string {
  return engine.replace(/^.*[\\/]/, "").replace(/\.[jt]s$/, "");
}

/**
 * All engines on one prepared set: each is built and checked in turn, then measured round by round, never two at a time, in an
 * order that rotates, so that a slow minute of the machine hits them all.
 */
export async function compete(
  name: string,
  place: string,
  options: Options,
  say: (line: string) => void,
): Promise<Pick<Section, "results" | "absent" | "notes">> {
  const { rounds, pace, budgetMs } = options;
  let ready: Ready[] = [];
  const absent: Absent[] = [];
  const drop = async (contestant: Contestant, error: unknown) => {
    await contestant.close();
    const [kind, reason] = error instanceof Failure ? [error.kind, error.message] : ["failed" as const, String(error)];
    absent.push({ engine: shortName(contestant.engine), kind, reason });
    ready = ready.filter((other) => other.contestant !== contestant);
    say(`  ${shortName(contestant.engine)}: ${kind}: ${reason}`);
  };
  try {
    for (const engine of options.engines) {
      const contestant = new Contestant(engine, budgetMs);
      const folder = join(place, shortName(engine));
      mkdirSync(folder, { recursive: true });
      try {
        say(`  ${shortName(engine)}: building and checking`);
        const info = await contestant.prepare({ case: name, set: join(place, "set"), folder, pace });
        ready.push({ contestant, info, samples: info.points.map(() => []) });
      } catch (error) {
        await drop(contestant, error);
      }
    }
    for (let round = 0; round < rounds; round++) {
      say(`  round ${round + 1} of ${rounds}`);
      for (const one of rotated(ready, round)) {
        try {
          for (const [point, samples] of one.samples.entries()) samples.push(await one.contestant.measure(point));
        } catch (error) {
          await drop(one.contestant, error);
        }
      }
    }
  } finally {
    for (const { contestant } of ready) await contestant.close();
  }
  const notes = ready.flatMap(({ contestant, info }) =>
    info.notes.map((note) => ({ engine: shortName(contestant.engine), note })),
  );
  return { results: ready.flatMap(rowsOf), absent, notes };
}

/** `items` beginning with another one each round. */
export function rotated<T>(items: readonly T[], round: number): T[] {
  const start = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function rowsOf({ contestant, info, samples }: Ready): Row[] {
  return info.points.map(({ serves, parameters, fixed }, point) => {
    const figures: { [F in Figure]?: Measured } = {};
    for (const name of figureNames) {
      const once = fixed[name];
      const values = (samples[point] ?? []).flatMap((round) => round[name] ?? []);
      if (once !== undefined) figures[name] = { median: once, samples: [once] };
      else if (values.length > 0) figures[name] = { median: median(values), spread: spread(values), samples: values };
    }
    return { engine: shortName(contestant.engine), version: info.version, serves, parameters, figures };
  });
}
