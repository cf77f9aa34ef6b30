//! What went wrong, with which values, and the way out: one kind per code that users meet.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// The result of everything that can fail in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident => $code:literal,)*) => {
        /// Kinds of failure. Each has one stable code; messages are not stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[$doc])* $kind,)* }

        impl ErrorKind {
            /// Every kind, in the order of the documentation; tests compare it with the list in TypeScript.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$kind,)*];

            /// The stable code that crosses into JavaScript, for example `GENNAKER_NOT_FOUND`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(ErrorKind::$kind => concat!("GENNAKER_", $code),)* }
            }
        }
    };
}

kinds! {
    /// A vector has another length than its collection.
    DimensionMismatch => "DIMENSION_MISMATCH",
    /// A vector holds NaN or an infinity.
    NotFinite => "NOT_FINITE",
    /// A zero vector has no direction, so cosine is undefined for it.
    ZeroVector => "ZERO_VECTOR",
    /// An id is empty, longer than 1,024 bytes, not well-formed Unicode, or twice in one batch.
    InvalidId => "INVALID_ID",
    /// A filter has an unknown operator, a wrong operand, or exceeds its limits.
    InvalidFilter => "INVALID_FILTER",
    /// A query is malformed or out of range.
    InvalidQuery => "INVALID_QUERY",
    /// A document does not fit its collection's schema, or a schema contradicts the stored one.
    InvalidSchema => "INVALID_SCHEMA",
    /// A documented limit is exceeded.
    LimitExceeded => "LIMIT_EXCEEDED",
    /// No such collection, document or generation.
    NotFound => "NOT_FOUND",
    /// This build or engine does not do that; the message says what does.
    Unsupported => "UNSUPPORTED",
    /// A name of a collection or namespace is not allowed.
    InvalidName => "INVALID_NAME",
    /// A configuration value is unknown or contradicts another.
    InvalidConfig => "INVALID_CONFIG",
    /// An embedder failed or returned something that is no embedding.
    EmbedderFailed => "EMBEDDER_FAILED",
    /// The store was written by a newer version.
    FormatTooNew => "FORMAT_TOO_NEW",
    /// Another process writes this store, or another build is open.
    Locked => "LOCKED",
    /// The store was opened read-only.
    ReadOnly => "READ_ONLY",
    /// The handle was closed.
    Closed => "CLOSED",
    /// The caller aborted.
    Aborted => "ABORTED",
    /// A deadline passed.
    Timeout => "TIMEOUT",
    /// Stored bytes are not what was written.
    Corrupt => "CORRUPT",
    /// The disk is full.
    DiskFull => "DISK_FULL",
    /// The operating system refused an operation on a file.
    Io => "IO",
    /// A generation did not pass its promotion gate.
    GateRefused => "GATE_REFUSED",
    /// The generation is no longer kept.
    GenerationGone => "GENERATION_GONE",
    /// The collection was filled by another embedder.
    EmbedderMismatch => "EMBEDDER_MISMATCH",
    /// The demanded engine cannot answer now.
    EngineUnavailable => "ENGINE_UNAVAILABLE",
    /// The native binary is missing.
    NativeMissing => "NATIVE_MISSING",
    /// A defect of this library.
    Internal => "INTERNAL",
}

impl ErrorKind {
    /// Whether the same call may succeed later without a change by the caller.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Locked | Self::Timeout | Self::DiskFull | Self::EngineUnavailable)
    }
}

/// Text from a user as a message shows it: quoted, control characters escaped, at most 64 characters of it.
#[must_use]
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(64) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// A failure: its kind, one sentence for a person, and the values as fields for a program.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    details: Vec<(&'static str, Value)>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A failure of `kind`; `message` names what happened and the way out.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), details: Vec::new(), source: None }))
    }

    /// Adds one value that a program can read, for example `("expected", 768)`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.details.push((name, value.into()));
        self
    }

    /// Keeps the failure below this one.
    #[must_use]
    pub fn because(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// A failed file operation: a full disk is `DiskFull`, everything else `Io`. `path` is the file's name in the store.
    pub fn io(action: &str, path: &str, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorKind::DiskFull,
            _ => ErrorKind::Io,
        };
        Self::new(kind, format!("cannot {action} {path:?}: {source}")).with("path", path).because(source)
    }

    /// Stored bytes that are not what was written. `file` is the file's name in the store.
    pub fn corrupt(file: &str, what: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::Corrupt,
            format!(
                "{file:?} is damaged: {what}. Restore the directory from a backup, or roll back to a kept generation."
            ),
        )
        .with("file", file)
    }

    /// The kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence for a person, without the code.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The values, by name.
    #[must_use]
    pub fn details(&self) -> &[(&'static str, Value)] {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind.code(), self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} {:?}", self.0.details)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}
