//! One namespace of one collection in one generation: where documents are read and written.

use std::sync::Arc;

use gennaker_core::database::{Committed, Durability, Target, Write, WriteOp};
use gennaker_core::document::Embedding;
use gennaker_core::error::Result;
use napi::Env;
use napi::bindgen_prelude::{Float32ArraySlice, Object};
use napi_derive::napi;

use crate::cancel::{CancelFlag, Cancelled};
use crate::columns::rows;
use crate::documents::{Documents, from_columns, patch, to_columns};
use crate::errors::guard;
use crate::handle::{Call, Handle};
use crate::promise::{Settle, as_is};
use crate::query::{Sent, filter, numbers};
use crate::scan::Scan;
use crate::search::{self, Hits};
use crate::workers::{keepers, searchers};

/// An acknowledged batch.
#[napi(object, object_from_js = false)]
pub struct Written {
    /// Its number; that of the newest batch when nothing had to be done.
    pub sequence: f64,
    /// Documents written.
    pub upserted: f64,
    /// Documents removed.
    pub deleted: f64,
}

impl From<Committed> for Written {
    fn from(committed: Committed) -> Self {
        Self {
            sequence: committed.sequence as f64,
            upserted: committed.upserted as f64,
            deleted: committed.deleted as f64,
        }
    }
}

/// Made once per collection, namespace and generation; it holds no documents and may outlive its database.
#[napi]
pub struct Place {
    handle: Arc<Handle>,
    whose: Arc<Whose>,
}

struct Whose {
    target: Target,
    collection: String,
    namespace: String,
}

impl Place {
    pub(crate) fn new(handle: Arc<Handle>, target: Target, collection: String, namespace: String) -> Self {
        Self { handle, whose: Arc::new(Whose { target, collection, namespace }) }
    }

    /// Has `work` done by a thread that reads.
    fn read<'env, V: Send + 'static, T: napi::bindgen_prelude::ToNapiValue + 'static>(
        &self,
        env: &'env Env,
        cancel: Option<&CancelFlag>,
        work: impl FnOnce(&Call, &Whose, &dyn Fn() -> bool) -> Result<V> + Send + 'static,
        make: impl FnOnce(Env, V) -> napi::Result<T> + Send + 'static,
    ) -> napi::Result<Object<'env>> {
        let call = guard(env, || self.handle.enter())?;
        let (settle, promise) = Settle::new(env, call)?;
        let (whose, cancel) = (self.whose.clone(), Cancelled::by(cancel));
        searchers().submit(move || {
            settle.run(|call: &Call| call.until(&cancel, |stop| work(call, &whose, stop)), make);
        });
        Ok(promise)
    }

    /// Queues a write in the order of the calls.
    fn write<'env>(&self, env: &'env Env, op: WriteOp, is_synced: bool) -> napi::Result<Object<'env>> {
        let call = guard(env, || self.handle.enter())?;
        let (settle, promise) = Settle::<Written, _>::new(env, call)?;
        let write = Write {
            target: self.whose.target,
            collection: self.whose.collection.clone(),
            namespace: self.whose.namespace.clone(),
            op,
            durability: if is_synced { Durability::Sync } else { Durability::None },
        };
        let done = move |result: Result<Committed>| settle.settle(result.map(Written::from), as_is);
        self.handle.engine().write(write, Box::new(done));
        Ok(promise)
    }
}

#[napi]
impl Place {
    /// Inserts or replaces documents. Columns are as long as `ids`, or empty when no document has that part; `lengths` are
    /// the components of each vector, -1 for none; `texts` and `metadata` are JSON, `""` for none.
    #[napi(ts_return_type = "Promise<Written>", catch_unwind)]
    #[allow(clippy::too_many_arguments)] // columns: one argument each
    pub fn upsert<'env>(
        &self,
        env: &'env Env,
        ids: Vec<String>,
        vectors: &[f32],
        lengths: &[i32],
        texts: Vec<String>,
        metadata: Vec<String>,
        is_synced: bool,
    ) -> napi::Result<Object<'env>> {
        let vectors = rows(vectors, lengths)?;
        let documents = guard(env, || from_columns(ids, &vectors, &texts, metadata))?;
        self.write(env, WriteOp::Upsert(documents), is_synced)
    }

    /// Patches one document. `null` keeps a part; an empty vector, and the JSON `null`, drop it.
    #[napi(ts_return_type = "Promise<Written>", catch_unwind)]
    pub fn update<'env>(
        &self,
        env: &'env Env,
        id: String,
        vector: Option<Float32ArraySlice>,
        text: Option<String>,
        metadata: Option<String>,
        is_synced: bool,
    ) -> napi::Result<Object<'env>> {
        let vector: Option<&[f32]> = vector.as_deref();
        let patch = guard(env, || patch(vector, text.as_deref(), metadata.as_deref()))?;
        self.write(env, WriteOp::Update { id, patch: Box::new(patch) }, is_synced)
    }

    /// Deletes documents; missing ones are fine.
    #[napi(ts_return_type = "Promise<Written>", catch_unwind)]
    pub fn delete<'env>(&self, env: &'env Env, ids: Vec<String>, is_synced: bool) -> napi::Result<Object<'env>> {
        self.write(env, WriteOp::Delete(ids), is_synced)
    }

    /// Deletes what matches a filter in JSON, which is read at once, so that writes keep the order of their calls.
    #[napi(ts_return_type = "Promise<Written>", catch_unwind)]
    pub fn delete_where<'env>(&self, env: &'env Env, matching: String, is_synced: bool) -> napi::Result<Object<'env>> {
        let filter = guard(env, || filter(&matching))?;
        self.write(env, WriteOp::DeleteWhere(filter), is_synced)
    }

    /// The documents of `ids`, in their order.
    #[napi(ts_return_type = "Promise<Documents>", catch_unwind)]
    pub fn get<'env>(
        &self,
        env: &'env Env,
        ids: Vec<String>,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let work = move |call: &Call, whose: &Whose, _: &dyn Fn() -> bool| {
            let with_vectors = whose.has_own_vectors(call)?;
            let documents = call.database().get(whose.target, &whose.collection, &whose.namespace, &ids)?;
            Ok(to_columns(&documents, with_vectors))
        };
        self.read::<_, Documents>(env, cancel, work, as_is)
    }

    /// How many documents match the filter (JSON), or how many there are.
    #[napi(ts_return_type = "Promise<number>", catch_unwind)]
    pub fn count<'env>(
        &self,
        env: &'env Env,
        matching: Option<String>,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let work = move |call: &Call, whose: &Whose, stop: &dyn Fn() -> bool| {
            let filter = matching.as_deref().map(filter).transpose()?;
            let Whose { target, collection, namespace } = whose;
            call.database().count(*target, collection, namespace, filter.as_ref(), stop)
        };
        self.read(env, cancel, work, |_, count| Ok(count as f64))
    }

    /// Starts a listing of what is there now.
    #[napi(ts_return_type = "Promise<Scan>", catch_unwind)]
    pub fn scan<'env>(
        &self,
        env: &'env Env,
        matching: Option<String>,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let work = move |call: &Call, whose: &Whose, _: &dyn Fn() -> bool| {
            let filter = matching.as_deref().map(filter).transpose()?;
            let with_vectors = whose.has_own_vectors(call)?;
            Ok((call.database().scan(whose.target, &whose.collection, &whose.namespace, filter)?, with_vectors))
        };
        let handle = self.handle.clone();
        self.read(env, cancel, work, |_, (listing, with_vectors)| Ok(Scan::new(handle, listing, with_vectors)))
    }

    /// Answers one search; `filter` is JSON, `numbers` as in query.rs.
    #[napi(ts_return_type = "Promise<Hits>", catch_unwind)]
    pub fn search<'env>(
        &self,
        env: &'env Env,
        vector: Option<Float32ArraySlice>,
        text: Option<String>,
        matching: Option<String>,
        numbers: &[f64],
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let sent = one(vector, text, matching, numbers)?;
        self.read::<_, Hits>(env, cancel, move |call, whose, stop| whose.search(call, sent, stop), as_is)
    }

    /// The same on the JavaScript thread.
    #[napi(catch_unwind)]
    pub fn search_sync(
        &self,
        env: &Env,
        vector: Option<Float32ArraySlice>,
        text: Option<String>,
        matching: Option<String>,
        numbers: &[f64],
    ) -> napi::Result<Hits> {
        let sent = one(vector, text, matching, numbers)?;
        guard(env, || self.whose.search(&self.handle.enter()?, sent, &|| false))
    }

    /// Answers several searches from one snapshot: one row, text, filter (`null` for none) and run of numbers each.
    #[napi(ts_return_type = "Promise<Array<Hits>>", catch_unwind)]
    #[allow(clippy::too_many_arguments)] // columns: one argument each
    pub fn search_many<'env>(
        &self,
        env: &'env Env,
        vectors: &[f32],
        lengths: &[i32],
        texts: Vec<Option<String>>,
        filters: Vec<Option<String>>,
        flat: &[f64],
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let numbers = numbers(flat, lengths.len())?;
        let vectors = rows(vectors, lengths)?.into_iter().map(|row| row.map(<[f32]>::to_vec));
        let sent: Vec<Sent> = vectors
            .zip(texts)
            .zip(filters)
            .zip(numbers)
            .map(|(((vector, text), filter), numbers)| Sent { vector, text, filter, numbers })
            .collect();
        let work = move |call: &Call, whose: &Whose, stop: &dyn Fn() -> bool| {
            let parse =
                |(position, sent): (usize, Sent)| sent.parse().map_err(|error| error.with("position", position));
            let queries = sent.into_iter().enumerate().map(parse).collect::<Result<Vec<_>>>()?;
            let Whose { target, collection, namespace } = whose;
            let results = call.database().search_many(*target, collection, namespace, &queries, stop)?;
            let pairs = results.iter().zip(&queries);
            Ok(pairs.map(|(result, query)| search::to_columns(result, query.include)).collect::<Vec<Hits>>())
        };
        self.read(env, cancel, work, as_is)
    }

    /// Waits for maintenance, then makes one segment of the collection.
    #[napi(ts_return_type = "Promise<void>", catch_unwind)]
    pub fn optimize<'env>(&self, env: &'env Env, cancel: Option<&CancelFlag>) -> napi::Result<Object<'env>> {
        let call = guard(env, || self.handle.enter())?;
        let (settle, promise) = Settle::<(), _>::new(env, call)?;
        let (whose, cancel) = (self.whose.clone(), Cancelled::by(cancel));
        keepers().submit(move || {
            let work = |call: &Call| {
                call.until(&cancel, |stop| {
                    let watch = gennaker_core::segment::writer::Watch { progress: &|_| (), cancelled: stop };
                    call.database().optimize(&whose.collection, &watch)
                })
            };
            settle.run(work, as_is);
        });
        Ok(promise)
    }
}

impl Whose {
    fn search(&self, call: &Call, sent: Sent, stop: &dyn Fn() -> bool) -> Result<Hits> {
        let query = sent.parse()?;
        let result = call.database().search(self.target, &self.collection, &self.namespace, &query, stop)?;
        Ok(search::to_columns(&result, query.include))
    }

    /// Whether vectors are the users' own, and not the built-in embedder's.
    fn has_own_vectors(&self, call: &Call) -> Result<bool> {
        let state = call.database().state_of(self.target)?;
        Ok(state.collection(&self.collection)?.schema.embedding != Some(Embedding::Lsa))
    }
}

fn one(
    vector: Option<Float32ArraySlice>,
    text: Option<String>,
    filter: Option<String>,
    flat: &[f64],
) -> napi::Result<Sent> {
    let [numbers] = numbers(flat, 1)?.try_into().expect("as many as there are queries");
    Ok(Sent { vector: vector.map(|vector| vector.to_vec()), text, filter, numbers })
}
