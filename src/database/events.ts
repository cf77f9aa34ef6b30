import { EventEmitter } from "node:events";
import type { EngineEvent } from "../engine/port.ts";
import type { Degraded, JsonValue } from "../model.ts";

/** What a database tells its listeners. */
export interface DatabaseEvents {
  /** A generation went live. */
  generation: { readonly message: string; readonly details: { readonly [name: string]: JsonValue } };
  /** A preferred engine did not answer and another one did. */
  fallback: Degraded;
  /** The preferred engine answers again. */
  recovered: { readonly engine: string };
  /** Measured recall left its promise. */
  drift: { readonly message: string; readonly details: { readonly [name: string]: JsonValue } };
  /** Background work, and types that a document taught a schema. */
  maintenance: { readonly message: string; readonly details: { readonly [name: string]: JsonValue } };
  /** A failure that no call reports. */
  error: { readonly message: string; readonly details: { readonly [name: string]: JsonValue } };
}
type Listener<K extends keyof DatabaseEvents> = (event: DatabaseEvents[K]) => void;

/** Typed events. Nothing is thrown without a listener, `error` neither; a listener that throws is reported to no caller. */
export class Events {
  readonly #emitter = new EventEmitter();

  on<K extends keyof DatabaseEvents>(name: K, listener: Listener<K>): void {
    this.#emitter.on(name, listener);
  }

  once<K extends keyof DatabaseEvents>(name: K, listener: Listener<K>): void {
    this.#emitter.once(name, listener);
  }

  off<K extends keyof DatabaseEvents>(name: K, listener: Listener<K>): void {
    this.#emitter.off(name, listener);
  }

  emit<K extends keyof DatabaseEvents>(name: K, event: DatabaseEvents[K]): void {
    if (this.#emitter.listenerCount(name) > 0) queueMicrotask(() => this.#emitter.emit(name, event));
  }

  /** Passes on what the engine tells. */
  forward({ type, message, details }: EngineEvent): void {
    this.emit(type === "schema" ? "maintenance" : type, { message, details });
  }
}
