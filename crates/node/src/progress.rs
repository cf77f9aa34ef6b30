//! Reports of long work: a few per second, and none that keeps a process alive.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

/// Shortest time between two reports.
const INTERVAL: Duration = Duration::from_millis(100);

/// Takes the share done, 0 to 1. A report that is under way when the promise settles may still arrive: TypeScript drops it.
type Listener = ThreadsafeFunction<f64, (), f64, Status, false, true>;

/// A throttled listener, or none.
#[derive(Default)]
pub(crate) struct Progress(Option<(Listener, Mutex<Option<Instant>>)>);

impl Progress {
    pub(crate) fn to(listener: Option<&Function<'_, f64, ()>>) -> napi::Result<Self> {
        let Some(listener) = listener else { return Ok(Self(None)) };
        let listener = listener.build_threadsafe_function().callee_handled::<false>().weak::<true>().build()?;
        Ok(Self(Some((listener, Mutex::new(None)))))
    }

    /// Reports `share` unless the last report is too fresh.
    pub(crate) fn report(&self, share: f64) {
        let Some((listener, last)) = &self.0 else { return };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= INTERVAL) {
            *last = Some(Instant::now());
            drop(last);
            let _ = listener.call(share, ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}
