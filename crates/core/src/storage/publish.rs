//! Small files that must be there whole or not at all: manifests and the pointer to the current one.

use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::Xxh3;

use super::vfs::Vfs;
use crate::error::{Error, ErrorKind, Result};

/// Version of the framing of small JSON files.
const FRAME_VERSION: u32 = 1;

/// What every temporary file is called at first. Whoever opens a store may delete them.
pub const TEMPORARY_PREFIX: &str = "tmp-";

/// A name for a temporary file that no other file of this process has; one writer process holds a store at a time.
pub(crate) fn temporary_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{TEMPORARY_PREFIX}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Writes `name` whole and durable under a temporary name, then renames. The name itself is durable only after
/// [`Vfs::sync_dir`], one call for many files. On an error the old file, if any, is still there.
pub fn publish_file(vfs: &dyn Vfs, name: &str, contents: &[u8]) -> Result<()> {
    let temporary = temporary_name();
    let write = || {
        let mut file = vfs.create(&temporary)?;
        file.write_all(contents)?;
        file.sync()?;
        drop(file);
        vfs.rename(&temporary, name)
    };
    write().map_err(|e| {
        // The failure above is the one to report; what stays behind is collected at the next open.
        let _ = vfs.remove(&temporary);
        Error::io("publish", name, e)
    })
}

/// Replaces the pointer file `name` (`CURRENT`) as one durable step: on return the new contents survive a power cut.
///
/// Everything that `contents` names must be durable before. On an error either the old or the new contents may be
/// found later: the caller reads it back or reopens.
pub fn publish_pointer(vfs: &dyn Vfs, name: &str, contents: &[u8]) -> Result<()> {
    publish_file(vfs, name, contents)?;
    vfs.sync_dir().map_err(|e| Error::io("make durable", name, e))
}

/// Puts one checked header line, `gennaker <kind> v1 <length> <xxh3-64>`, before `json` and a newline after it.
#[must_use]
pub fn frame(kind: &str, json: &[u8]) -> Vec<u8> {
    let header = format!("gennaker {kind} v{FRAME_VERSION} {}", json.len());
    let mut bytes = format!("{header} {:016x}\n", checksum(header.as_bytes(), json)).into_bytes();
    bytes.extend_from_slice(json);
    bytes.push(b'\n');
    bytes
}

/// The JSON inside `bytes`, which [`frame`] wrote. The checksum covers the header too, so a changed version or kind is
/// damage; the header line stays as it is in every version.
///
/// # Errors
/// `Corrupt`, or `FormatTooNew` when a newer version wrote it.
pub fn unframe<'a>(kind: &str, file_name: &str, bytes: &'a [u8]) -> Result<&'a [u8]> {
    let (found, version, json) = parse(bytes).map_err(|what| Error::corrupt(file_name, what))?;
    if found != kind {
        return Err(Error::corrupt(file_name, format_args!("it is a {found:?} where a {kind:?} belongs")));
    }
    if version > FRAME_VERSION {
        return Err(too_new(file_name, version, FRAME_VERSION));
    }
    Ok(json)
}

/// The error for a file whose format `version` is above the newest that this build reads.
pub(crate) fn too_new(file_name: &str, version: u32, newest: u32) -> Error {
    let message = format!(
        "{file_name:?} has format version {version} and this build reads up to {newest}. Update gennaker to open it."
    );
    Error::new(ErrorKind::FormatTooNew, message).with("file", file_name).with("version", version).with("newest", newest)
}

fn checksum(header: &[u8], json: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(header);
    hash.update(b"\n");
    hash.update(json);
    hash.digest()
}

fn parse(bytes: &[u8]) -> Result<(&str, u32, &[u8]), &'static str> {
    let end = bytes.iter().take(256).position(|b| *b == b'\n').ok_or("it has no header line")?;
    let line = std::str::from_utf8(&bytes[..end]).map_err(|_| "its header is no text")?;
    let (header, sum) = line.rsplit_once(' ').ok_or("its header is incomplete")?;
    let mut words = header.split(' ');
    let (Some("gennaker"), Some(kind), Some(version), Some(length), None) =
        (words.next(), words.next(), words.next(), words.next(), words.next())
    else {
        return Err("its header is not one of gennaker");
    };
    let version = version.strip_prefix('v').and_then(|v| v.parse().ok()).ok_or("its version is no number")?;
    let length: usize = length.parse().map_err(|_| "its length is no number")?;
    let body = &bytes[end + 1..];
    if body.len().checked_sub(1) != Some(length) || body[length] != b'\n' {
        return Err("its length is not the one in its header");
    }
    let json = &body[..length];
    if format!("{:016x}", checksum(header.as_bytes(), json)) != sum {
        return Err("its checksum does not match");
    }
    Ok((kind, version, json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::memory::Memory;

    #[test]
    fn every_cut_and_every_flip_of_a_framed_file_is_corrupt() {
        let whole = frame("manifest", br#"{"generation":7}"#);
        assert_eq!(unframe("manifest", "M", &whole).unwrap(), br#"{"generation":7}"#);
        for length in 0..whole.len() {
            assert_eq!(unframe("manifest", "M", &whole[..length]).unwrap_err().kind(), ErrorKind::Corrupt, "{length}");
        }
        for at in 0..whole.len() {
            for mask in [1, 0x20, 0xff] {
                let mut bad = whole.clone();
                bad[at] ^= mask;
                assert_eq!(unframe("manifest", "M", &bad).unwrap_err().kind(), ErrorKind::Corrupt, "{at} {mask}");
            }
        }
        assert_eq!(unframe("current", "M", &whole).unwrap_err().kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn a_newer_version_is_told_apart_from_damage() {
        let header = "gennaker manifest v2 2";
        let newer = format!("{header} {:016x}\n{{}}\n", checksum(header.as_bytes(), b"{}"));
        assert_eq!(unframe("manifest", "M", newer.as_bytes()).unwrap_err().kind(), ErrorKind::FormatTooNew);
    }

    #[test]
    fn publishing_replaces_and_leaves_no_temporary_file() {
        let vfs = Memory::new();
        publish_pointer(&vfs, "CURRENT", b"one").unwrap();
        publish_pointer(&vfs, "CURRENT", b"two").unwrap();
        assert_eq!(vfs.read("CURRENT").unwrap(), b"two");
        assert_eq!(vfs.list("").unwrap(), ["CURRENT"]);
    }
}
