//! What this binary is, for `doctor`; and a way to test what happens when it is broken.

use gennaker_core::error::{Error, ErrorKind};
use gennaker_core::validate::LANGUAGES;
use gennaker_kernels::selection;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

use crate::errors::guard;
use crate::promise::{Settle, as_is};
use crate::workers::searchers;

/// Facts about the loaded binary.
#[napi(object, object_from_js = false)]
pub struct About {
    /// Version of the crate.
    pub version: String,
    /// Instruction set in use.
    pub simd: String,
    /// Value of `GENNAKER_SIMD`, if it was set.
    pub simd_requested: Option<String>,
    /// Why that was passed over.
    pub simd_refused: Option<String>,
    /// Languages that a text field may name.
    pub languages: Vec<&'static str>,
}

/// What this binary is.
#[napi(catch_unwind)]
#[must_use]
pub fn about() -> About {
    let chosen = selection();
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        simd: chosen.level.name().to_owned(),
        simd_requested: chosen.requested.clone(),
        simd_refused: chosen.refused.clone(),
        languages: LANGUAGES.to_vec(),
    }
}

/// Every error code, in the order of the documentation; a test compares it with the list in TypeScript.
#[napi(catch_unwind)]
#[must_use]
pub fn error_codes() -> Vec<&'static str> {
    ErrorKind::ALL.iter().map(|kind| kind.code()).collect()
}

/// Panics on purpose: `"sync"` on this thread, `"job"` in the pool, `"lost"` drops a promise unanswered, `"error"` throws
/// an error with details. It touches no store, and nothing but tests calls it.
#[napi(ts_return_type = "Promise<void>", catch_unwind)]
pub fn fail_for_test<'env>(env: &'env Env, how: String) -> napi::Result<Object<'env>> {
    if how == "sync" {
        guard(env, || panic!("on purpose"))?;
    }
    if how == "error" {
        let value = serde_json::json!({ "list": [1, "two", null, true], "large": 9_007_199_254_740_991_u64 });
        guard(env, || Err(Error::new(ErrorKind::Locked, "on purpose").with("value", value)))?;
    }
    let (settle, promise) = Settle::<(), ()>::new(env, ())?;
    searchers().submit(move || match how.as_str() {
        "job" => settle.run(|()| panic!("on purpose"), as_is),
        "lost" => drop(settle),
        _ => settle.settle(Ok(()), as_is),
    });
    Ok(promise)
}
