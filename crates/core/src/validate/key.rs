//! Names of collections, namespaces and ids. Only names of collections are restricted to a pattern; none of them ever
//! becomes a path.

use super::limits::MAX_NAME_BYTES;
use crate::document::Schema;
use crate::error::{Error, ErrorKind, Result, quoted};

/// Bytes in the name of a collection.
const MAX_COLLECTION_NAME_BYTES: usize = 128;
/// Names that Windows reserves for devices, in any case and before any extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// An id: 1 to 1,024 bytes of UTF-8, any characters.
///
/// # Errors
/// `InvalidId` with the detail `bytes`.
pub fn check_id(id: &str) -> Result<()> {
    if id.is_empty() {
        return Err(Error::new(ErrorKind::InvalidId, "the id is empty; an id has 1 to 1,024 bytes").with("bytes", 0));
    }
    if id.len() > MAX_NAME_BYTES {
        let message = format!(
            "id {} has {} bytes; an id has 1 to 1,024. Keep the long form in metadata and use a hash as id.",
            quoted(id),
            id.len()
        );
        return Err(Error::new(ErrorKind::InvalidId, message).with("bytes", id.len()));
    }
    Ok(())
}

/// A namespace: `""` (not bound to one) or any UTF-8 of at most 1,024 bytes.
///
/// # Errors
/// `InvalidName` with the detail `bytes`.
pub fn check_namespace(namespace: &str) -> Result<()> {
    if namespace.len() > MAX_NAME_BYTES {
        let message =
            format!("namespace {} has {} bytes; a namespace has at most 1,024", quoted(namespace), namespace.len());
        return Err(Error::new(ErrorKind::InvalidName, message).with("bytes", namespace.len()));
    }
    Ok(())
}

/// Refuses the namespace `""` where the schema demands one.
///
/// # Errors
/// `InvalidName` with the detail `collection`.
pub fn require_namespace(collection: &str, schema: &Schema, namespace: &str) -> Result<()> {
    if schema.namespaces_required && namespace.is_empty() {
        let message = format!(
            "collection {collection:?} was created with namespaces: \"required\"; \
             bind the call to one, for example collection.namespace(\"acme\")"
        );
        return Err(Error::new(ErrorKind::InvalidName, message).with("collection", collection));
    }
    Ok(())
}

/// A collection's name: `^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?$` and no device name of Windows.
///
/// # Errors
/// `InvalidName` with the detail `name`.
pub fn check_collection_name(name: &str) -> Result<()> {
    let bytes = name.as_bytes();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let fits = bytes.len() <= MAX_COLLECTION_NAME_BYTES
        && bytes.first().is_some_and(|first| word(*first))
        && bytes.last().is_some_and(|last| word(*last) || *last == b'-')
        && bytes.iter().all(|byte| word(*byte) || matches!(byte, b'.' | b'-'));
    let reason = if !fits {
        "1 to 128 letters, digits, '_', '-' and '.' of ASCII, beginning with a letter, a digit or '_', \
         and not ending with '.'"
    } else if is_device(name) {
        "anything but a device name of Windows (CON, PRN, AUX, NUL, COM0 to COM9, LPT0 to LPT9, with any extension)"
    } else {
        return Ok(());
    };
    let message = format!("{} is not allowed as the name of a collection; it must be {reason}", quoted(name));
    Err(Error::new(ErrorKind::InvalidName, message).with("name", quoted(name)))
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let port = |prefix: &str| {
        let number = stem.strip_prefix(prefix);
        number.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
    };
    DEVICES.contains(&stem.as_str()) || port("com") || port("lpt")
}

#[cfg(test)]
mod tests {
    use super::{check_collection_name, check_id, check_namespace, require_namespace};
    use crate::document::Schema;
    use crate::error::ErrorKind;

    #[test]
    fn ids_are_bounded_in_bytes() {
        for id in ["a", "\0", "../x", &"x".repeat(1_024), &"é".repeat(512)] {
            check_id(id).unwrap();
        }
        for id in ["", &"x".repeat(1_025), &"é".repeat(513)] {
            assert_eq!(check_id(id).unwrap_err().kind(), ErrorKind::InvalidId);
        }
    }

    #[test]
    fn namespaces_may_be_empty_unless_required() {
        for namespace in ["", "acme", "a/b\n", &"x".repeat(1_024)] {
            check_namespace(namespace).unwrap();
        }
        assert_eq!(check_namespace(&"x".repeat(1_025)).unwrap_err().kind(), ErrorKind::InvalidName);
        let schema = Schema { namespaces_required: true, ..Schema::default() };
        require_namespace("docs", &schema, "acme").unwrap();
        require_namespace("docs", &Schema::default(), "").unwrap();
        assert_eq!(require_namespace("docs", &schema, "").unwrap_err().kind(), ErrorKind::InvalidName);
    }

    #[test]
    fn collection_names_can_be_file_names_everywhere() {
        for name in
            ["d", "_", "docs", "a-b.c_d", "v1.2-", "0", "console", "com", "com10", "lpt", "nul_", &"x".repeat(128)]
        {
            check_collection_name(name).unwrap();
        }
        for name in [
            "",
            ".",
            "..",
            "-a",
            ".a",
            "a.",
            "a/b",
            "a\\b",
            "a b",
            "a\0",
            "é",
            "a:b",
            "CON",
            "con",
            "Prn.txt",
            "aux.a.b",
            "NUL",
            "com1",
            "COM9.log",
            "lpt1",
            "COM0",
            &"x".repeat(129),
        ] {
            assert_eq!(check_collection_name(name).unwrap_err().kind(), ErrorKind::InvalidName, "{name:?}");
        }
    }
}
