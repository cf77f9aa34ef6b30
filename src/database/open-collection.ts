import { GennakerError } from "../errors.ts";
import type { CollectionSpec, Target } from "../engine/port.ts";
import type { CollectionOptions, SchemaInfo } from "../model.ts";
import { Collection } from "./collection.ts";
import { checkDeclared } from "./declared.ts";
import type { Handle } from "./handle.ts";
import { checkCollectionName } from "./names.ts";
import { parseSchema } from "./schema.ts";
import { Vectorizer } from "./vectorize.ts";

/** Opens or creates a collection in the live generation or in a build. */
export async function openCollection(
  handle: Handle,
  target: Target,
  name: string,
  schema: CollectionOptions | undefined,
): Promise<Collection> {
  const { engine, calls, embedders, settings } = handle;
  checkCollectionName(name);
  const { spec, embedder } = parseSchema(schema, engine.capabilities);
  const info = await calls.run(settings.readOnly ? "read" : "write", undefined, (call) =>
    settings.readOnly ? readSchema(handle, target, name, spec) : engine.openCollection(target, name, spec, call),
  );
  const { embedding } = info;
  if (embedder) embedders.set(embedder.id, embedder);
  const known = embedding?.kind === "external" ? embedders.get(embedding.id) : undefined;
  return new Collection({
    handle,
    target,
    name,
    namespace: "",
    vectorizer: new Vectorizer(handle, embedding, known),
    namespacesRequired: info.namespacesRequired,
  });
}

/** A reader creates nothing and changes nothing, also when it shares the writer's engine. */
async function readSchema({ engine }: Handle, target: Target, name: string, spec: CollectionSpec): Promise<SchemaInfo> {
  const all = await engine.collections(target);
  const found = all.find((one) => one.name === name);
  if (found) {
    checkDeclared(name, found.schema, spec);
    return found.schema;
  }
  throw new GennakerError(
    "GENNAKER_NOT_FOUND",
    `There is no collection "${name}", and a read-only database cannot create it.`,
    { details: { collection: name, known: all.map((one) => one.name) } },
  );
}
