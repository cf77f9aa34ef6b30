//! The write-ahead log: what was acknowledged and is not yet in a segment.
//!
//! `log-<20 digits>` files, each a header and frames. A frame is a group of batches under one checksum and says up to
//! which sequence everything was durable when it was written. So a bad frame tells its own story: when nothing that came
//! later counts on it, the power failed before its sync and it is cut; otherwise acknowledged writes are damaged and
//! the store refuses to open.
//!
//! Recovery never appends to an old file, where an old frame behind the cut could match again: it goes on in a new file
//! with a new salt, whose header says after which sequence it continues. What older files hold beyond that was cut.

mod files;
mod frame;
mod replay;
mod writer;

pub use files::LogFiles;
pub use frame::FORMAT_VERSION;
pub use replay::{LogFile, Replay, Visit, replay};
pub use writer::LogWriter;

const PREFIX: &str = "log-";
const DIGITS: usize = 20;

/// The name of log file `number`; names sort as their numbers.
#[must_use]
pub fn file_name(number: u64) -> String {
    format!("{PREFIX}{number:0DIGITS$}")
}

/// The number in a log file's name; `None` for any other name.
#[must_use]
pub fn file_number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(PREFIX)?;
    if digits.len() != DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) { None } else { digits.parse().ok() }
}

/// A random number for [`LogFiles::recover`], fresh for every opening. It keeps old bytes from passing as new frames and
/// reaches neither rows nor scores.
#[must_use]
pub fn fresh_salt() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_belong_together() {
        for number in [0, 1, 42, u64::MAX] {
            assert_eq!(file_number(&file_name(number)), Some(number));
        }
        for other in
            ["log-1", "log-000000000000000000001", "log-0000000000000000000x", "log-+0000000000000000001", "LOCK"]
        {
            assert_eq!(file_number(other), None, "{other}");
        }
        assert_eq!(file_number("log-99999999999999999999"), None);
    }
}
