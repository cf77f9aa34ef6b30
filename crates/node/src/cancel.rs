//! Cancelling: a flag that JavaScript raises and a job polls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi_derive::napi;

/// Stops a call at its next look; TypeScript raises it from one `abort` listener.
#[napi]
#[derive(Default)]
pub struct CancelFlag {
    raised: Arc<AtomicBool>,
}

#[napi]
impl CancelFlag {
    /// A lowered flag.
    #[napi(constructor, catch_unwind)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises it for good.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.raised.store(true, Ordering::Relaxed);
    }
}

/// The flag as a job holds it; without one it is never raised.
#[derive(Clone, Default)]
pub(crate) struct Cancelled(Option<Arc<AtomicBool>>);

impl Cancelled {
    pub(crate) fn by(flag: Option<&CancelFlag>) -> Self {
        Self(flag.map(|flag| flag.raised.clone()))
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.as_ref().is_some_and(|raised| raised.load(Ordering::Relaxed))
    }
}
