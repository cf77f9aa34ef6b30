//! A container that is cut, changed, swapped, or interrupted while it is written.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::io::ErrorKind as IoKind;

use gennaker_core::error::ErrorKind;
use gennaker_core::segment::format::{Container, ContainerWriter, FORMAT_VERSION, Written};
use gennaker_core::storage::fault::{FaultVfs, Loss};
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::{FileView, Vfs};

const KIND: [u8; 4] = *b"TEST";

fn contents() -> [(&'static str, Vec<u8>); 4] {
    [("ids", vec![1; 10]), ("raw", (0..130).collect()), ("empty", Vec::new()), ("docs", b"text".to_vec())]
}

fn write(vfs: &dyn Vfs) -> gennaker_core::error::Result<Written> {
    let mut writer = ContainerWriter::create(vfs, KIND)?;
    for (name, bytes) in contents() {
        writer.section(name, &bytes)?;
    }
    writer.finish("seg", "seg")
}

fn sample() -> (Vec<u8>, Written) {
    let vfs = Memory::new();
    let written = write(&vfs).unwrap();
    (vfs.read(&written.name).unwrap(), written)
}

fn open(bytes: &[u8]) -> gennaker_core::error::Result<Container> {
    Container::open(FileView::new(bytes.to_vec()), "x.seg", KIND)
}

#[test]
fn a_container_gives_back_what_was_written() {
    let vfs = Memory::new();
    let written = write(&vfs).unwrap();
    let container = Container::open(vfs.view(&written.name).unwrap(), &written.name, KIND).unwrap();
    assert_eq!(container.length(), written.length);
    assert_eq!(container.fingerprint(), written.fingerprint);
    container.verify().unwrap();
    for (name, bytes) in contents() {
        let section = container.section(name).unwrap();
        assert_eq!(*section, *bytes, "{name}");
        assert_eq!(section.as_ptr() as usize % 64, 0, "{name}");
        assert_eq!(*container.verified(name).unwrap(), *bytes);
    }
    assert!(container.section("no").is_none());
    assert_eq!(container.required("no").unwrap_err().kind(), ErrorKind::Corrupt);
    assert_eq!(container.sections().collect::<Vec<_>>(), [("docs", 4), ("empty", 0), ("ids", 10), ("raw", 130)]);
}

/// One file per version, for ever. A change of these bytes is a new version of the format.
#[test]
fn the_committed_file_of_version_1_is_what_is_written_and_read() {
    let fixture = include_bytes!("fixtures/container-v1.seg");
    let (whole, written) = sample();
    assert!(whole == fixture, "the format changed");
    Container::open(FileView::new(fixture.to_vec()), &written.name, KIND).unwrap().verify().unwrap();
}

#[test]
fn streamed_and_whole_sections_give_the_same_file_and_one_name() {
    let vfs = Memory::new();
    let first = write(&vfs).unwrap();
    let mut writer = ContainerWriter::create(&vfs, KIND).unwrap();
    for (name, bytes) in contents() {
        writer.begin_section(name).unwrap();
        for part in bytes.chunks(3) {
            writer.write(part).unwrap();
        }
        assert_eq!(writer.section_length(), bytes.len() as u64);
        writer.end_section().unwrap();
    }
    assert_eq!(writer.finish("seg", "seg").unwrap(), first);
    assert_eq!(vfs.list("").unwrap(), [first.name]);
}

#[test]
fn a_section_larger_than_the_buffer_arrives_whole() {
    let vfs = Memory::new();
    let large: Vec<u8> = (0..1_000_003_u32).map(|i| (i % 251) as u8).collect();
    let mut writer = ContainerWriter::create(&vfs, KIND).unwrap();
    writer.section("small", b"abc").unwrap();
    writer.begin_section("large").unwrap();
    for (part, size) in [(&large[..7], 7), (&large[7..300_000], 300_000), (&large[300_000..], 1000)] {
        part.chunks(size).for_each(|part| writer.write(part).unwrap());
    }
    writer.end_section().unwrap();
    let written = writer.finish("seg", "seg").unwrap();
    let container = Container::open(vfs.view(&written.name).unwrap(), &written.name, KIND).unwrap();
    container.verify().unwrap();
    assert_eq!(*container.section("large").unwrap(), *large);
}

#[test]
fn a_damaged_file_of_the_same_name_is_replaced() {
    let vfs = FaultVfs::new();
    let written = write(&vfs).unwrap();
    vfs.damage(&written.name, |bytes| bytes[3] ^= 1);
    assert_eq!(write(&vfs).unwrap(), written);
    assert_eq!(vfs.read(&written.name).unwrap(), sample().0);
}

#[test]
fn a_container_without_sections_opens() {
    let vfs = Memory::new();
    let written = ContainerWriter::create(&vfs, KIND).unwrap().finish("seg", "seg").unwrap();
    let container = Container::open(vfs.view(&written.name).unwrap(), &written.name, KIND).unwrap();
    assert_eq!(container.sections().count(), 0);
    container.verify().unwrap();
}

#[test]
fn every_cut_is_corrupt() {
    let (whole, _) = sample();
    for length in 0..whole.len() {
        assert_eq!(open(&whole[..length]).unwrap_err().kind(), ErrorKind::Corrupt, "{length}");
    }
    let longer = [whole.as_slice(), &[0]].concat();
    assert_eq!(open(&longer).unwrap_err().kind(), ErrorKind::Corrupt);
}

#[test]
fn every_flipped_byte_is_found_at_open_or_by_verify() {
    let (whole, written) = sample();
    let sections_end = 64 + 192 + 64; // ids, raw, docs, each padded
    for at in 0..whole.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut bad = whole.clone();
            bad[at] ^= mask;
            match open(&bad) {
                Err(e) => assert_eq!(e.kind(), ErrorKind::Corrupt, "{at} {mask}: {e}"),
                Ok(container) => {
                    assert!(at < sections_end, "{at} {mask} is part of the table or footer, and opened");
                    assert_eq!(container.fingerprint(), written.fingerprint);
                    assert_eq!(container.verify().unwrap_err().kind(), ErrorKind::Corrupt, "{at} {mask}");
                    for (name, bytes) in contents() {
                        if let Ok(section) = container.verified(name) {
                            assert_eq!(*section, *bytes, "{name} {at} {mask}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_file_of_another_kind_or_under_another_name_is_corrupt() {
    let (whole, written) = sample();
    let view = FileView::new(whole);
    assert_eq!(Container::open(view.clone(), "x", *b"ELSE").unwrap_err().kind(), ErrorKind::Corrupt);
    let other = "seg-00000000000000000000000000000000.seg";
    assert_eq!(Container::open(view.clone(), other, KIND).unwrap().verify().unwrap_err().kind(), ErrorKind::Corrupt);
    Container::open(view, &written.name, KIND).unwrap().verify().unwrap();
}

/// Damage that somebody made on purpose, with checksums that fit.
fn forge(change: impl FnOnce(&mut Vec<u8>, usize)) -> Vec<u8> {
    use xxhash_rust::xxh3::xxh3_64;
    let (mut bytes, _) = sample();
    let footer = bytes.len() - 64;
    change(&mut bytes, footer);
    let toc = u64::from_le_bytes(bytes[footer..footer + 8].try_into().unwrap()) as usize;
    if let Some(table) = bytes.get(toc..footer) {
        let sum = xxh3_64(table).to_le_bytes();
        bytes[footer + 16..footer + 24].copy_from_slice(&sum);
    }
    let sum = xxh3_64(&bytes[footer..footer + 56]).to_le_bytes();
    bytes[footer + 56..].copy_from_slice(&sum);
    bytes
}

#[test]
fn a_newer_version_is_told_apart_from_damage() {
    let newer =
        forge(|bytes, footer| bytes[footer + 36..footer + 40].copy_from_slice(&(FORMAT_VERSION + 1).to_le_bytes()));
    assert_eq!(open(&newer).unwrap_err().kind(), ErrorKind::FormatTooNew);
}

#[test]
fn numbers_that_make_no_sense_are_corrupt_even_with_right_checksums() {
    open(&forge(|_, _| {})).unwrap().verify().unwrap();
    let toc = 320;
    for at in toc..toc + 4 + 4 * 26 + 15 + 64 - 8 {
        for mask in [0x01, 0x80, 0xff] {
            let forged = forge(|bytes, _| bytes[at] ^= mask);
            if let Ok(container) = open(&forged) {
                // Another name or checksum is possible; other bytes than those of a section are not.
                for (name, length) in container.sections() {
                    assert_eq!(container.section(name).unwrap().len() as u64, length);
                }
            }
        }
    }
}

#[test]
fn a_fault_at_any_step_leaves_no_half_file_under_a_final_name() {
    let steps = {
        let vfs = FaultVfs::new();
        write(&vfs).unwrap();
        vfs.operations()
    };
    for n in 0..steps {
        for (kind, expected) in [(IoKind::StorageFull, ErrorKind::DiskFull), (IoKind::Other, ErrorKind::Io)] {
            let vfs = FaultVfs::new();
            vfs.fail_once(n, kind);
            assert_eq!(write(&vfs).unwrap_err().kind(), expected, "{:?}", vfs.trace());
            assert!(vfs.list("").unwrap().is_empty(), "step {n} left {:?}", vfs.list(""));
            let written = write(&vfs).unwrap();
            assert_eq!(vfs.list("").unwrap(), [written.name]);

            let vfs = FaultVfs::new();
            vfs.fail_from(n, kind);
            assert!(write(&vfs).is_err());
            for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..20).map(Loss::Random)) {
                let names = vfs.crash(loss).list("").unwrap();
                assert!(names.iter().all(|name| name.starts_with("tmp-")), "step {n}, {loss:?}: {names:?}");
            }
        }
    }
}

#[test]
fn misuse_is_an_error_and_leaves_nothing() {
    let vfs = Memory::new();
    let mut writer = ContainerWriter::create(&vfs, KIND).unwrap();
    assert!(writer.write(b"x").is_err() && writer.end_section().is_err() && writer.begin_section("").is_err());
    writer.section("a", b"x").unwrap();
    assert!(writer.section("a", b"x").is_err());
    writer.begin_section("b").unwrap();
    assert!(writer.begin_section("c").is_err());
    assert_eq!(writer.finish("seg", "seg").unwrap_err().kind(), ErrorKind::Internal);
    assert!(vfs.list("").unwrap().is_empty());
}
