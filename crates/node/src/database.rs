//! The database as JavaScript holds it: opening, closing, collections, figures. Generations are in generations.rs.

use std::sync::Arc;

use gennaker_core::database::{Committed, Durability, OpenOptions, Target, Write, WriteOp};
use gennaker_core::error::Result;
use gennaker_core::generation::retain::Retention;
use gennaker_core::segment::writer::Watch;
use gennaker_core::validate::reconcile;
use napi::Env;
use napi::bindgen_prelude::{Function, Object, ToNapiValue};
use napi_derive::napi;
use serde_json::{Map, Value, json};

use crate::cancel::{CancelFlag, Cancelled};
use crate::errors::guard;
use crate::events::Events;
use crate::handle::{Call, Handle};
use crate::place::{Place, Written};
use crate::progress::Progress;
use crate::promise::{Settle, as_is};
use crate::registry::Lease;
use crate::schema;
use crate::workers::{keepers, limit_searchers};

/// How a database is opened.
#[napi(object, object_to_js = false)]
pub struct Options {
    /// Refuse every write.
    pub read_only: bool,
    /// Generations kept, the live one included.
    pub retention: u32,
    /// Threads for searches; 0 for as many as there are cores.
    pub threads: u32,
}

/// What verification found.
#[napi(object, object_from_js = false)]
pub struct Verified {
    /// Files read whole.
    pub files: f64,
    /// Bytes of them.
    pub bytes: f64,
    /// Pairs of a file and what is wrong with it, flat.
    pub problems: Vec<String>,
}

/// What is known without asking the disk.
#[napi(object, object_from_js = false)]
pub struct State {
    /// The live generation.
    pub generation: f64,
    /// The newest batch.
    pub sequence: f64,
    /// The generation that is being built.
    pub building: Option<f64>,
}

/// One handle on a store. Handles of one process that write the same directory share an engine; each is closed by itself.
#[napi]
pub struct Database {
    pub(crate) handle: Arc<Handle>,
}

impl Drop for Database {
    fn drop(&mut self) {
        // Its environment is dying, or nobody holds it: stop what reads; the last call in flight lets go of the engine.
        self.handle.begin_closing();
    }
}

/// Opens or makes the store in the directory `path`, or one in memory. `listener` takes events as JSON.
#[napi(ts_return_type = "Promise<Database>", catch_unwind)]
pub fn open<'env>(
    env: &'env Env,
    path: Option<String>,
    options: Options,
    listener: Option<Function<'_, String, ()>>,
) -> napi::Result<Object<'env>> {
    limit_searchers(options.threads as usize);
    let events = listener.as_ref().map(Events::to).transpose()?;
    let (settle, promise) = Settle::<Database, ()>::new(env, ())?;
    keepers().submit(move || {
        let work = |()| {
            let options = OpenOptions {
                read_only: options.read_only,
                retention: Retention { count: options.retention.max(1) as usize },
            };
            Ok(Handle::new(Lease::take(path.as_deref(), &options)?, events))
        };
        settle.run(|&()| work(()), |_, handle| Ok(Database { handle }));
    });
    Ok(promise)
}

impl Database {
    /// Has `work` done by a thread that may wait for a disk or a lock.
    pub(crate) fn keep<'env, V: Send + 'static, T: ToNapiValue + 'static>(
        &self,
        env: &'env Env,
        cancel: Option<&CancelFlag>,
        work: impl FnOnce(&Call, &dyn Fn() -> bool) -> Result<V> + Send + 'static,
        make: impl FnOnce(Env, V) -> napi::Result<T> + Send + 'static,
    ) -> napi::Result<Object<'env>> {
        let call = guard(env, || self.handle.enter())?;
        let (settle, promise) = Settle::new(env, call)?;
        let cancel = Cancelled::by(cancel);
        keepers().submit(move || settle.run(|call: &Call| call.until(&cancel, |stop| work(call, stop)), make));
        Ok(promise)
    }
}

/// `None` is the live generation.
pub(crate) fn target(generation: Option<f64>) -> Target {
    generation.map_or(Target::Live, |generation| Target::Generation(generation as u64))
}

#[napi]
impl Database {
    /// Finishes accepted writes, stops the rest with `Closed`, syncs, lets go. Idempotent.
    #[napi(ts_return_type = "Promise<void>", catch_unwind)]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (settle, promise) = Settle::<(), ()>::new(env, ())?;
        let handle = self.handle.clone();
        self.handle.begin_closing();
        self.handle.when_idle(move || settle.run(|()| handle.release(), as_is));
        Ok(promise)
    }

    /// The same, waiting on the JavaScript thread.
    #[napi(catch_unwind)]
    pub fn close_sync(&self, env: &Env) -> napi::Result<()> {
        self.handle.begin_closing();
        self.handle.wait_until_idle();
        guard(env, || self.handle.release())
    }

    /// A place to read and write documents; nothing is looked up yet.
    #[napi(catch_unwind)]
    #[must_use]
    pub fn place(&self, generation: Option<f64>, collection: String, namespace: String) -> Place {
        Place::new(self.handle.clone(), target(generation), collection, namespace)
    }

    /// Opens or makes a collection. Takes a `CollectionSpec` and answers with the `SchemaInfo`, both JSON. Where nothing can
    /// be written, an existing collection is only compared.
    #[napi(ts_return_type = "Promise<string>", catch_unwind)]
    pub fn define<'env>(
        &self,
        env: &'env Env,
        generation: Option<f64>,
        collection: String,
        spec: String,
    ) -> napi::Result<Object<'env>> {
        let call = guard(env, || self.handle.enter())?;
        let spec = guard(env, || schema::spec(&spec))?;
        let (target, engine) = (target(generation), self.handle.engine().clone());
        let (settle, promise) = Settle::<String, _>::new(env, call)?;
        if is_writable(&engine, target) {
            let op = WriteOp::Define(Box::new(spec));
            let write = write(target, collection.clone(), op);
            let done = move |result: Result<Committed>| {
                settle.run(|call| result.and_then(|_| schema_of(call, target, &collection)), as_is);
            };
            engine.write(write, Box::new(done));
        } else {
            keepers().submit(move || {
                let work = |call: &Call| {
                    let state = call.database().state_of(target)?;
                    let existing = &state.collection(&collection)?.schema;
                    Ok(schema::to_json(&reconcile(&collection, existing, &spec)?).to_string())
                };
                settle.run(work, as_is);
            });
        }
        Ok(promise)
    }

    /// Removes a live collection with its documents.
    #[napi(ts_return_type = "Promise<Written>", catch_unwind)]
    pub fn drop_collection<'env>(&self, env: &'env Env, collection: String) -> napi::Result<Object<'env>> {
        let call = guard(env, || self.handle.enter())?;
        let (settle, promise) = Settle::<Written, _>::new(env, call)?;
        let done = move |result: Result<Committed>| settle.settle(result.map(Written::from), as_is);
        self.handle.engine().write(write(Target::Live, collection, WriteOp::Drop), Box::new(done));
        Ok(promise)
    }

    /// Figures as JSON: `{ generation, sequence, collections: [{ name, count, namespaces, segments, bytes, schema, … }] }`.
    #[napi(ts_return_type = "Promise<string>", catch_unwind)]
    pub fn stats<'env>(&self, env: &'env Env, generation: Option<f64>) -> napi::Result<Object<'env>> {
        let target = target(generation);
        self.keep(env, None, move |call, _| Ok(stats(&call.database().stats(target)?).to_string()), as_is)
    }

    /// Reads every stored byte.
    #[napi(ts_return_type = "Promise<Verified>", catch_unwind)]
    pub fn verify<'env>(
        &self,
        env: &'env Env,
        cancel: Option<&CancelFlag>,
        progress: Option<Function<'_, f64, ()>>,
    ) -> napi::Result<Object<'env>> {
        let progress = Progress::to(progress.as_ref())?;
        let work = move |call: &Call, stop: &dyn Fn() -> bool| {
            let watch = Watch { progress: &|share| progress.report(share), cancelled: stop };
            let found = call.database().verify(&watch)?;
            let problems = found.problems.into_iter().flat_map(|problem| [problem.file, problem.problem]).collect();
            Ok(Verified { files: found.files as f64, bytes: found.bytes as f64, problems })
        };
        self.keep(env, cancel, work, as_is)
    }

    /// What is known without asking the disk.
    #[napi(catch_unwind)]
    pub fn state(&self, env: &Env) -> napi::Result<State> {
        guard(env, || {
            let call = self.handle.enter()?;
            let state = call.database().snapshot();
            let building = call.engine().building().map(|generation| generation as f64);
            Ok(State { generation: state.generation as f64, sequence: state.sequence as f64, building })
        })
    }
}

fn is_writable(engine: &crate::engine::Engine, target: Target) -> bool {
    let database = engine.database();
    !database.is_read_only()
        && match target {
            Target::Live => true,
            Target::Generation(generation) => {
                engine.building() == Some(generation) || database.snapshot().generation == generation
            }
        }
}

fn write(target: Target, collection: String, op: WriteOp) -> Write {
    Write { target, collection, namespace: String::new(), op, durability: Durability::Sync }
}

fn schema_of(call: &Call, target: Target, collection: &str) -> Result<String> {
    let state = call.database().state_of(target)?;
    Ok(schema::to_json(&state.collection(collection)?.schema).to_string())
}

fn stats(stats: &gennaker_core::database::Stats) -> Value {
    let collections: Vec<Value> = stats
        .collections
        .iter()
        .map(|one| {
            let mut entry = Map::new();
            entry.insert("name".into(), one.name.as_str().into());
            entry.insert("schema".into(), schema::to_json(&one.schema));
            let figures = [
                ("count", one.documents),
                ("namespaces", one.namespaces),
                ("segments", one.segments),
                ("dead", one.dead),
                ("bytes", one.bytes),
                ("memtableRows", one.memtable_rows),
                ("memtableBytes", one.memtable_bytes),
            ];
            entry.extend(figures.map(|(name, figure)| (name.to_owned(), figure.into())));
            entry.insert("embedder".into(), one.embedder.clone().into());
            entry.insert("lambda".into(), one.lambda.into());
            Value::Object(entry)
        })
        .collect();
    json!({ "location": stats.location, "generation": stats.generation, "sequence": stats.sequence, "collections": collections })
}
