//! What the engine tells without being asked.

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use serde_json::{Value, json};

/// Weak: a listener keeps no process alive.
type Listener = ThreadsafeFunction<String, (), String, Status, false, true>;

/// One listener; it takes JSON: `{ type, message, details }`.
pub(crate) struct Events(Listener);

impl Events {
    pub(crate) fn to(listener: &Function<'_, String, ()>) -> napi::Result<Self> {
        listener.build_threadsafe_function().callee_handled::<false>().weak::<true>().build().map(Self)
    }

    pub(crate) fn tell(&self, kind: &str, message: &str, details: &Value) {
        let event = json!({ "type": kind, "message": message, "details": details });
        // An environment that is gone has no listener; nobody else wants to know.
        let _ = self.0.call(event.to_string(), ThreadsafeFunctionCallMode::NonBlocking);
    }
}
