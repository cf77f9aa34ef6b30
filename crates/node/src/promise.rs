//! Promises that are always settled, from any thread, even when the work panics or its environment is gone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use gennaker_core::error::{Error, ErrorKind, Result};
use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, JsDeferred};

use crate::errors::{panicked, to_js};

/// Makes the value of a promise; runs on the JavaScript thread.
type Make<T> = Box<dyn FnOnce(Env) -> napi::Result<T> + Send>;

/// The native end of a promise. Dropped without an answer, it rejects with `Internal`: no caller waits forever.
pub(crate) struct Settle<T: ToNapiValue + 'static, G: Send = ()> {
    deferred: Option<JsDeferred<T, Make<T>>>,
    /// Held until the promise is settled, then dropped.
    guard: G,
}

impl<T: ToNapiValue + 'static, G: Send> Settle<T, G> {
    /// A promise for JavaScript, and its other end.
    pub(crate) fn new<'env>(env: &'env Env, guard: G) -> napi::Result<(Self, Object<'env>)> {
        let (deferred, promise) = env.create_deferred::<T, Make<T>>()?;
        Ok((Self { deferred: Some(deferred), guard }, promise))
    }

    /// Resolves with what `make` makes of the outcome, or rejects with its error.
    pub(crate) fn settle<V: Send + 'static>(
        mut self,
        outcome: Result<V>,
        make: impl FnOnce(Env, V) -> napi::Result<T> + Send + 'static,
    ) {
        self.answer(Box::new(move |env| match outcome {
            Ok(value) => catch_unwind(AssertUnwindSafe(|| make(env, value)))
                .unwrap_or_else(|payload| Err(to_js(&env, &panicked(&*payload)))),
            Err(error) => Err(to_js(&env, &error)),
        }));
    }

    /// Does `work` on this thread and settles with its outcome; a panic is an `Internal` error.
    pub(crate) fn run<V: Send + 'static>(
        self,
        work: impl FnOnce(&G) -> Result<V>,
        make: impl FnOnce(Env, V) -> napi::Result<T> + Send + 'static,
    ) {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&self.guard)));
        self.settle(outcome.unwrap_or_else(|payload| Err(panicked(&*payload))), make);
    }

    fn answer(&mut self, make: Make<T>) {
        if let Some(deferred) = self.deferred.take() {
            deferred.resolve(make);
        }
    }
}

impl<T: ToNapiValue + 'static, G: Send> Drop for Settle<T, G> {
    fn drop(&mut self) {
        self.answer(Box::new(|env| {
            Err(to_js(
                &env,
                &Error::new(ErrorKind::Internal, "the call ended without an answer; see stderr for a panic"),
            ))
        }));
    }
}

/// Passes a value as it is.
pub(crate) fn as_is<T>(_: Env, value: T) -> napi::Result<T> {
    Ok(value)
}
