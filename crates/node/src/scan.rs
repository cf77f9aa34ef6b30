//! A listing of one snapshot, chunk by chunk.

use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

use crate::cancel::{CancelFlag, Cancelled};
use crate::documents::{Documents, to_columns};
use crate::errors::guard;
use crate::handle::Handle;
use crate::promise::{Settle, as_is};
use crate::workers::searchers;

/// A listing in ascending order of id.
#[napi]
pub struct Scan {
    handle: Arc<Handle>,
    listing: Arc<Mutex<gennaker_core::database::Scan>>,
    with_vectors: bool,
}

impl Scan {
    pub(crate) fn new(handle: Arc<Handle>, listing: gennaker_core::database::Scan, with_vectors: bool) -> Self {
        Self { handle, listing: Arc::new(Mutex::new(listing)), with_vectors }
    }
}

#[napi]
impl Scan {
    /// The next documents, at most `limit`; none at the end.
    #[napi(ts_return_type = "Promise<Documents>", catch_unwind)]
    pub fn next<'env>(&self, env: &'env Env, limit: u32, cancel: Option<&CancelFlag>) -> napi::Result<Object<'env>> {
        let call = guard(env, || self.handle.enter())?;
        let (settle, promise) = Settle::<Documents, _>::new(env, call)?;
        let (listing, cancel, with_vectors) = (self.listing.clone(), Cancelled::by(cancel), self.with_vectors);
        searchers().submit(move || {
            let work = |call: &crate::handle::Call| {
                let next =
                    |_: &dyn Fn() -> bool| listing.lock().unwrap_or_else(PoisonError::into_inner).next(limit as usize);
                let documents: Vec<_> = call.until(&cancel, next)?.into_iter().map(Some).collect();
                Ok(to_columns(&documents, with_vectors))
            };
            settle.run(work, as_is);
        });
        Ok(promise)
    }
}
