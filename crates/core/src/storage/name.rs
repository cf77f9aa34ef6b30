//! Which names a store accepts for its files: relative, plain, the same on every platform.

use std::io;

/// Refuses what could leave the store directory or means something else on another platform.
pub(super) fn check(name: &str) -> io::Result<&str> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0']);
    if name.split('/').all(plain) {
        Ok(name)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name:?} is no name inside a store")))
    }
}

/// The directory of a name, `""` for a file of the store itself, and the file's own name.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

/// The error for a name that is not there.
pub(super) fn not_found(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{name:?} does not exist"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_relative_plain_names_pass() {
        for good in ["CURRENT", "pins/GATE", "a/b/c.seg", ".gitignore", "tmp-1"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", "a\\b", "C:x", "a\0"] {
            assert_eq!(check(bad).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{bad:?}");
        }
        assert_eq!(split("a/b/c"), ("a/b", "c"));
        assert_eq!(split("c"), ("", "c"));
    }
}
