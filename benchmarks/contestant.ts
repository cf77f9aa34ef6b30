import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Figures } from "./figures.ts";
import type { FailureKind, PreparedInfo, Reply, Request } from "./protocol.ts";

const worker = fileURLToPath(new URL("worker.ts", import.meta.url));

/** An engine has no figure, and why. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** One engine's process, seen from the runner. A crash or a request over its budget is a `Failure`, never a crash here. */
export class Contestant {
  readonly engine: string;
  readonly #child: ChildProcess;
  readonly #budgetMs: number;
  #printed = "";

  constructor(engine: string, budgetMs: number) {
    this.engine = engine;
    this.#budgetMs = budgetMs;
    this.#child = fork(worker, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    // a process that could not be started, or sent to: the request under way reports it
    this.#child.on("error", (error) => (this.#printed = error.message));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#printed = (this.#printed + text).slice(-2000)));
    }
  }

  async prepare(request: Omit<Extract<Request, { ask: "prepare" }>, "ask" | "engine">): Promise<PreparedInfo> {
    return (await this.#ask({ ask: "prepare", engine: this.engine, ...request })) as PreparedInfo;
  }

  async measure(point: number): Promise<Figures> {
    return (await this.#ask({ ask: "measure", point })) as Figures;
  }

  /** Ends the process, whatever state it is in. */
  async close(): Promise<void> {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 10_000);
    this.#child.send({ ask: "close" } satisfies Request, (error) => {
      if (error !== null) this.#child.kill("SIGKILL");
    });
    await ended;
    clearTimeout(timer);
  }

  #ask(request: Request): Promise<PreparedInfo | Figures | null> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
      };
      const fail = (kind: FailureKind, message: string) => {
        settle();
        reject(new Failure(kind, message));
      };
      const onMessage = (reply: Reply) => {
        if (!reply.ok) return fail(reply.kind, reply.message);
        settle();
        resolve(reply.value);
      };
      const onExit = (code: number | null, signal: string | null) =>
        fail(
          "failed",
          `its process ended with ${signal ?? `code ${code}`}: ${this.#printed.trim().split("\n").at(-1)}`,
        );
      const onError = (error: Error) => fail("failed", error.message);
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        fail("failed", `over the budget of ${this.#budgetMs / 1000} s for one step`);
      }, this.#budgetMs);
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
      if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
      else child.send(request);
    });
  }
}
