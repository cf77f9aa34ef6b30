//! Errors on their way to JavaScript: one function builds them for throws and rejections alike.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gennaker_core::error::{Error, ErrorKind, Result};
use napi::bindgen_prelude::{Array, JsObjectValue, Null, Object, ToNapiValue};
use napi::{Env, JsValue, Unknown};
use serde_json::Value;

/// A JavaScript error that carries `code`, `details` and `retryable`: the value itself travels inside `napi::Error`, so a
/// throw and a rejection hand over the same object.
pub(crate) fn to_js(env: &Env, error: &Error) -> napi::Error {
    let make = || -> napi::Result<napi::Error> {
        let mut object = env.create_error(napi::Error::from_reason(error.message()))?;
        object.set_named_property("code", error.kind().code())?;
        object.set_named_property("retryable", error.kind().is_retryable())?;
        let mut details = Object::new(env)?;
        for (name, value) in error.details() {
            details.set_named_property(name, value_to_js(env, value)?)?;
        }
        object.set_named_property("details", details)?;
        Ok(napi::Error::from(object.to_unknown()))
    };
    make().unwrap_or_else(|failure| failure)
}

/// Does short work on the JavaScript thread; its error, or its panic as `Internal`, is thrown.
pub(crate) fn guard<T>(env: &Env, work: impl FnOnce() -> Result<T>) -> napi::Result<T> {
    let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(panicked(&*payload)));
    outcome.map_err(|error| to_js(env, &error))
}

/// A panic as an error.
pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    Error::new(
        ErrorKind::Internal,
        format!(
            "a defect in gennaker stopped this call: {text}. Nothing it had not acknowledged counts. Please report it."
        ),
    )
    .with("panic", text)
}

/// JSON as JavaScript values; numbers are doubles, as in JSON.
fn value_to_js<'env>(env: &'env Env, value: &Value) -> napi::Result<Unknown<'env>> {
    match value {
        Value::Null => Null.into_unknown(env),
        Value::Bool(flag) => flag.into_unknown(env),
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN).into_unknown(env),
        Value::String(text) => text.as_str().into_unknown(env),
        Value::Array(values) => {
            let items = values.iter().map(|value| value_to_js(env, value)).collect::<napi::Result<Vec<_>>>()?;
            Array::from_vec(env, items)?.into_unknown(env)
        }
        Value::Object(map) => {
            let mut object = Object::new(env)?;
            for (name, value) in map {
                object.set(name, value_to_js(env, value)?)?;
            }
            Ok(object.to_unknown())
        }
    }
}
