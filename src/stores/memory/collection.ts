import { GennakerError } from "../../errors.ts";
import type { EngineDocument, EnginePatch, JsonFilter, WriteOp } from "../../engine/port.ts";
import type { JsonObject, JsonValue, SchemaInfo } from "../../model.ts";
import { matchesFilter } from "./filter.ts";
import { mergePatch } from "./merge-patch.ts";
import { compareUtf8 } from "./order.ts";
import { makeRow, type Row } from "./row.ts";
import { SchemaDraft } from "./schema-draft.ts";

/** What one batch changed: documents by id, `null` when deleted. */
export interface Change {
  readonly namespace: string;
  readonly documents: ReadonlyMap<string, EngineDocument | null>;
}

/** Documents by (namespace, id) under one schema. */
export class MemoryCollection {
  readonly name: string;
  schema: SchemaInfo;
  readonly #namespaces: Map<string, Map<string, Row>>;

  constructor(name: string, schema: SchemaInfo, namespaces = new Map<string, Map<string, Row>>()) {
    this.name = name;
    this.schema = schema;
    this.#namespaces = namespaces;
  }

  /** An independent copy that shares the rows. */
  copy(): MemoryCollection {
    return new MemoryCollection(
      this.name,
      this.schema,
      new Map([...this.#namespaces].map(([name, rows]) => [name, new Map(rows)])),
    );
  }

  /** Documents in all namespaces. */
  get count(): number {
    return [...this.#namespaces.values()].reduce((sum, rows) => sum + rows.size, 0);
  }

  row(namespace: string, id: string): Row | undefined {
    return this.#namespaces.get(namespace)?.get(id);
  }

  /** Matching rows of one namespace in ascending order of id. */
  rows(namespace: string, filter?: JsonFilter): Row[] {
    if (filter) checkFilterable(filter, this.schema);
    const isDate = (field: string): boolean =>
      Object.hasOwn(this.schema.metadata, field) && this.schema.metadata[field]?.type === "date";
    return [...(this.#namespaces.get(namespace)?.values() ?? [])]
      .filter((row) => filter === undefined || matchesFilter(filter, row.metadata, isDate))
      .toSorted((a, b) => compareUtf8(a.document.id, b.document.id));
  }

  /** What `op` would change; nothing is changed yet. */
  plan(namespace: string, op: WriteOp): Change {
    switch (op.kind) {
      case "upsert":
        return { namespace, documents: new Map(op.documents.map((document) => [document.id, document])) };
      case "update":
        return { namespace, documents: new Map([[op.patch.id, this.#patched(namespace, op.patch)]]) };
      case "delete":
        return {
          namespace,
          documents: new Map(op.ids.filter((id) => this.row(namespace, id)).map((id) => [id, null])),
        };
      case "deleteWhere":
        return { namespace, documents: new Map(this.rows(namespace, op.filter).map((row) => [row.document.id, null])) };
      default:
        return op satisfies never;
    }
  }

  /** Applies a change whole; throws before anything is changed when a document does not fit the schema. */
  apply(change: Change): void {
    const draft = new SchemaDraft(this.name, this.schema);
    let position = 0;
    for (const document of change.documents.values()) {
      if (document) draft.accept(document, position);
      position += 1;
    }
    const schema = draft.finish();
    const rows = this.#namespaces.get(change.namespace) ?? new Map<string, Row>();
    for (const [id, document] of change.documents) {
      if (document) rows.set(id, makeRow(change.namespace, document, schema.text, schema.embedding?.kind === "lsa"));
      else rows.delete(id);
    }
    this.#namespaces.set(change.namespace, rows);
    this.schema = schema;
  }

  #patched(namespace: string, patch: EnginePatch): EngineDocument {
    const row = this.row(namespace, patch.id);
    if (!row) {
      throw new GennakerError("GENNAKER_NOT_FOUND", `No document "${patch.id}" to update. Use upsert to create it.`, {
        details: { id: patch.id },
      });
    }
    const { id, vector, text, metadata } = row.document;
    const newVector = patch.vector === undefined ? vector : patch.vector;
    const newText = patch.text === undefined ? text : patch.text === null ? null : mergePatch(text, patch.text);
    const newMetadata =
      patch.metadata === undefined
        ? metadata
        : patch.metadata === null
          ? null
          : JSON.stringify(
              mergePatch(JSON.parse(metadata ?? "{}") as JsonValue, JSON.parse(patch.metadata) as JsonObject),
            );
    return {
      id,
      ...(newVector ? { vector: newVector } : {}),
      ...(newText === null || newText === undefined ? {} : { text: newText as NonNullable<EngineDocument["text"]> }),
      ...(newMetadata === null || newMetadata === undefined ? {} : { metadata: newMetadata }),
    };
  }
}

/** Refuses a filter on a field that is only stored. */
function checkFilterable(filter: JsonFilter, schema: SchemaInfo): void {
  for (const [key, value] of Object.entries(filter)) {
    if (key === "$not") checkFilterable(value as JsonFilter, schema);
    else if (key === "$and" || key === "$or") for (const part of value as JsonFilter[]) checkFilterable(part, schema);
    else {
      const names = [key, ...[...key.matchAll(/\./g)].map((dot) => key.slice(0, dot.index))];
      const declared = names.find((name) => Object.hasOwn(schema.metadata, name));
      if (declared !== undefined && schema.metadata[declared]?.filterable === false) {
        throw new GennakerError(
          "GENNAKER_INVALID_FILTER",
          `Field "${declared}" is declared with filterable: false, so it is only stored. Filter on another field.`,
          { details: { field: declared } },
        );
      }
    }
  }
}
