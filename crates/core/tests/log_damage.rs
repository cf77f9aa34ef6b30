//! A log that is cut, changed, torn by a crash, or interrupted while it is written.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::io::ErrorKind as IoKind;
use std::sync::Arc;

use gennaker_core::error::{ErrorKind, Result};
use gennaker_core::storage::fault::{FaultVfs, Loss};
use gennaker_core::storage::log::{LogFiles, LogWriter, Replay, file_name, replay};
use gennaker_core::storage::memory::Memory;
use gennaker_core::storage::vfs::Vfs;

type Seen = Vec<(u64, u64, Vec<u8>)>;

fn read(vfs: &dyn Vfs, floor: u64) -> Result<(Seen, Replay)> {
    let mut seen = Vec::new();
    let replay = replay(vfs, floor, &mut |first, last, payload| {
        seen.push((first, last, payload.to_vec()));
        Ok(())
    })?;
    Ok((seen, replay))
}

fn kind_of(vfs: &dyn Vfs, floor: u64) -> ErrorKind {
    read(vfs, floor).expect_err("the damage is not noticed").kind()
}

fn payload(sequence: u64) -> Vec<u8> {
    format!("batch {sequence}").into_bytes()
}

/// Three frames with the sequences 1, 2-3 and 4, each synced.
fn three(vfs: &dyn Vfs, number: u64, close: bool) -> Seen {
    let mut writer = LogWriter::create(vfs, number, 77, 0).unwrap();
    let frames = [(1, 1), (2, 3), (4, 4)].map(|(first, last)| (first, last, payload(first)));
    for (first, last, payload) in &frames {
        writer.append(*first, *last, payload).unwrap();
        writer.sync().unwrap();
    }
    if close {
        writer.close().unwrap();
    }
    frames.to_vec()
}

fn memory_with(files: &[(u64, &[u8])]) -> Memory {
    let vfs = Memory::new();
    for (number, bytes) in files {
        vfs.create(&file_name(*number)).unwrap().write_all(bytes).unwrap();
    }
    vfs
}

#[test]
fn a_log_gives_back_what_was_appended_above_the_floor() {
    let vfs = Memory::new();
    let frames = three(&vfs, 1, true);
    for (floor, from) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 3), (9, 3)] {
        let (seen, replay) = read(&vfs, floor).unwrap();
        assert_eq!(seen, frames[from..], "floor {floor}");
        assert_eq!((replay.last_sequence, replay.next_number, replay.torn_bytes), (floor.max(4), 2, 0));
    }
    let (seen, replay) = read(&Memory::new(), 7).unwrap();
    assert!(seen.is_empty() && replay.files.is_empty());
    assert_eq!((replay.last_sequence, replay.next_number), (7, 1));
}

/// One file per version, for ever. A change of these bytes is a new version of the format.
#[test]
fn the_committed_file_of_version_1_is_what_is_written_and_read() {
    let fixture = include_bytes!("fixtures/log-v1.bin");
    let vfs = Memory::new();
    let frames = three(&vfs, 1, true);
    assert!(vfs.read(&file_name(1)).unwrap() == fixture, "the format changed");
    assert_eq!(read(&memory_with(&[(1, fixture)]), 0).unwrap().0, frames);
}

#[test]
fn a_reserved_tail_of_zeros_is_the_end_and_no_damage() {
    let vfs = Memory::new();
    let frames = three(&vfs, 1, false);
    let mut bytes = vfs.read(&file_name(1)).unwrap();
    bytes.resize(bytes.len() + 5000, 0);
    let (seen, replay) = read(&memory_with(&[(1, &bytes)]), 0).unwrap();
    assert_eq!((seen, replay.torn_bytes), (frames, 0));
}

#[test]
fn every_cut_leaves_whole_frames_and_nothing_else() {
    let vfs = Memory::new();
    let frames = three(&vfs, 1, false);
    let whole = vfs.read(&file_name(1)).unwrap();
    for length in 0..=whole.len() {
        let (seen, replay) = read(&memory_with(&[(1, &whole[..length])]), 0).unwrap();
        assert!(frames.starts_with(&seen), "{length}");
        assert_eq!(seen.is_empty(), length < 48 + 44 + 7);
        assert_eq!(replay.next_number, 2);
        assert_eq!(replay.last_sequence, seen.last().map_or(0, |frame| frame.1));
    }
}

#[test]
fn a_cut_before_a_later_file_is_corrupt_where_it_loses_a_frame() {
    let vfs = Memory::new();
    three(&vfs, 1, true);
    let whole = vfs.read(&file_name(1)).unwrap();
    drop(LogWriter::create(&vfs, 2, 78, 4).unwrap());
    let next = vfs.read(&file_name(2)).unwrap();
    for length in 0..=whole.len() {
        let vfs = memory_with(&[(1, &whole[..length]), (2, &next)]);
        match read(&vfs, 0) {
            Ok((seen, _)) => assert!(seen.len() == 3 && length >= whole.len() - 44, "{length}"),
            Err(e) => assert!(e.kind() == ErrorKind::Corrupt && length < whole.len() - 44, "{length}: {e}"),
        }
        assert!(read(&vfs, 4).is_ok(), "the floor covers what is lost");
    }
    assert_eq!(kind_of(&memory_with(&[(2, &next)]), 3), ErrorKind::Corrupt);
}

#[test]
fn every_flipped_byte_is_corrupt_or_cuts_what_nothing_counts_on() {
    for close in [false, true] {
        let vfs = Memory::new();
        let frames = three(&vfs, 1, close);
        let whole = vfs.read(&file_name(1)).unwrap();
        let third = whole.len() - if close { 44 } else { 0 } - (44 + 7);
        for at in 0..whole.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut bad = whole.clone();
                bad[at] ^= mask;
                match read(&memory_with(&[(1, &bad)]), 0) {
                    Err(e) => assert_eq!(e.kind(), ErrorKind::Corrupt, "{at} {mask}: {e}"),
                    Ok((seen, replay)) if close => {
                        assert_eq!(seen, frames, "{at} {mask}");
                        assert!(at >= whole.len() - 44 && replay.torn_bytes == 44, "{at} {mask}");
                    }
                    // The third frame was synced, but nothing after it says so: the same bytes as after a power cut.
                    Ok((seen, replay)) => {
                        assert_eq!(seen, frames[..2], "{at} {mask}");
                        assert!(at >= third && replay.torn_bytes == 51, "{at} {mask}");
                    }
                }
            }
        }
    }
}

#[test]
fn damage_below_the_floor_does_not_cost_the_frames_above_it() {
    let vfs = FaultVfs::new();
    let frames = three(&vfs, 1, true);
    vfs.damage(&file_name(1), |bytes| bytes[60] ^= 1);
    assert_eq!(kind_of(&vfs, 0), ErrorKind::Corrupt);
    assert_eq!(read(&vfs, 1).unwrap().0, frames[1..]);
}

#[test]
fn an_unsynced_hole_is_cut_and_stays_cut_after_the_floor_passed_it() {
    // Power loss kept frame 3 and lost frame 2; neither was synced.
    let vfs = Arc::new(FaultVfs::new());
    let mut writer = LogWriter::create(&*vfs, 1, 5, 0).unwrap();
    (1..=3).for_each(|n| writer.append(n, n, &payload(n)).unwrap());
    let second = 48 + 44 + 7;
    vfs.damage(&file_name(1), |bytes| bytes[second..second + 51].fill(0));
    let (seen, found) = read(&*vfs, 0).unwrap();
    assert_eq!((seen.len(), found.last_sequence, found.torn_bytes), (1, 1, 102));

    // The new sequence 2 is another batch. Then the old frame 3 fits the floor, and must not come back.
    let mut log = LogFiles::recover(vfs.clone(), found, 9).unwrap();
    log.append(2, 2, b"another").unwrap();
    log.close().unwrap();
    assert_eq!(read(&*vfs, 2).unwrap().0, []);
    assert_eq!(read(&*vfs, 0).unwrap().0, [(1, 1, payload(1)), (2, 2, b"another".to_vec())]);
}

#[test]
fn a_gap_a_repetition_and_a_file_in_another_place_are_corrupt() {
    let gap = Memory::new();
    three(&gap, 1, true);
    let mut writer = LogWriter::create(&gap, 2, 6, 5).unwrap();
    writer.append(6, 6, b"x").unwrap();
    assert_eq!(kind_of(&gap, 0), ErrorKind::Corrupt);
    assert_eq!(read(&gap, 5).unwrap().0.len(), 1);

    // Frames that nothing counts on, all whole: cut out of the middle, or there twice.
    let vfs = Memory::new();
    let mut writer = LogWriter::create(&vfs, 1, 5, 0).unwrap();
    (1..=3).for_each(|n| writer.append(n, n, &payload(n)).unwrap());
    let whole = vfs.read(&file_name(1)).unwrap();
    let [first, second] = [48 + 51, 48 + 2 * 51];
    let missing = [&whole[..first], &whole[second..]].concat();
    assert_eq!(kind_of(&memory_with(&[(1, &missing)]), 0), ErrorKind::Corrupt);
    let twice = [&whole[..], &whole[second..]].concat();
    assert_eq!(kind_of(&memory_with(&[(1, &twice)]), 0), ErrorKind::Corrupt);

    let moved = Memory::new();
    three(&moved, 1, true);
    moved.rename(&file_name(1), &file_name(2)).unwrap();
    assert_eq!(kind_of(&moved, 0), ErrorKind::Corrupt);
}

#[test]
fn the_last_number_and_foreign_names_do_no_harm() {
    let vfs = Memory::new();
    drop(vfs.create("log-12").unwrap());
    drop(vfs.create("log-x.tmp").unwrap());
    assert_eq!(read(&vfs, 0).unwrap().1.next_number, 1);
    drop(vfs.create(&file_name(u64::MAX)).unwrap());
    assert_eq!(kind_of(&vfs, 0), ErrorKind::Corrupt);
}

#[test]
fn a_large_frame_and_wrong_order_of_sequences() {
    let vfs = Memory::new();
    let mut writer = LogWriter::create(&vfs, 1, 5, 10).unwrap();
    let large = vec![7; 3_000_000];
    writer.append(11, 20, &large).unwrap();
    for (first, last, bytes) in [(20, 21, &b"x"[..]), (22, 22, b"x"), (21, 20, b"x"), (21, 21, b"")] {
        assert_eq!(writer.append(first, last, bytes).unwrap_err().kind(), ErrorKind::Internal);
    }
    writer.append(21, 21, b"x").unwrap();
    assert_eq!(writer.bytes(), vfs.length(writer.name()).unwrap());
    assert_eq!(read(&vfs, 10).unwrap().0, [(11, 20, large), (21, 21, b"x".to_vec())]);
    assert_eq!(LogWriter::create(&vfs, 1, 5, 10).err().unwrap().kind(), ErrorKind::Internal);
}

#[test]
fn rotation_keeps_what_the_floor_does_not_cover() {
    let vfs = Arc::new(Memory::new());
    let log = LogFiles::recover(vfs.clone(), read(&*vfs, 0).unwrap().1, 3).unwrap();
    log.close().unwrap();
    assert!(vfs.list("").unwrap().is_empty(), "opening and closing leaves nothing behind");

    let mut log = LogFiles::recover(vfs.clone(), read(&*vfs, 0).unwrap().1, 3).unwrap();
    for n in 1..=6 {
        log.append(n, n, &payload(n)).unwrap();
        if n % 2 == 0 {
            log.rotate().unwrap();
        }
    }
    assert_eq!(log.bytes(), 0);
    assert_eq!(log.remove_obsolete(3), [file_name(1)]);
    assert_eq!(log.remove_obsolete(3), [] as [String; 0]);
    assert_eq!(read(&*vfs, 3).unwrap().0.len(), 3);
    assert_eq!(kind_of(&*vfs, 1), ErrorKind::Corrupt);
    assert_eq!(log.total_bytes(), 2 * (48 + 2 * (44 + 7) + 44));

    let mut log = LogFiles::recover(vfs.clone(), read(&*vfs, 4).unwrap().1, 4).unwrap();
    assert_eq!(log.last_sequence(), 6);
    assert_eq!(log.remove_obsolete(6), [file_name(2), file_name(3)]);
    log.append(7, 7, b"x").unwrap();
    assert_eq!(vfs.list("").unwrap(), [file_name(4)]);
}

#[test]
fn a_failed_step_poisons_the_log_until_it_is_opened_again() {
    for n in 0..7 {
        let vfs = FaultVfs::new();
        let mut log = LogFiles::recover(Arc::new(vfs.clone()), read(&vfs, 0).unwrap().1, 3).unwrap();
        vfs.fail_once(n, IoKind::StorageFull);
        let mut results = vec![log.append(1, 1, b"a"), log.sync(), log.cover()];
        let failed = results.iter().position(Result::is_err).expect("one step failed");
        assert_eq!(results.remove(failed).unwrap_err().kind(), ErrorKind::DiskFull);
        let error = log.append(2, 2, b"b").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().contains("open it again"), "{error}");
        assert_eq!(log.append(1, 1, b"b").unwrap_err().kind(), ErrorKind::Io);

        // Opened again, the store is sound, and goes on in a file of its own.
        let (seen, found) = read(&vfs, 0).unwrap();
        let mut log = LogFiles::recover(Arc::new(vfs.clone()), found, 4).unwrap();
        let next = seen.len() as u64 + 1;
        log.append(next, next, b"c").unwrap();
        log.close().unwrap();
        assert_eq!(read(&vfs, 0).unwrap().0.len(), seen.len() + 1);
    }
}

/// Any crash at any step, several times in a row: never `Corrupt`, never a lost acknowledged frame, never other bytes.
#[test]
fn a_crash_is_never_mistaken_for_damage() {
    for seed in 0..600_u64 {
        let mut chance = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut below = move |n: u64| {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            chance % n
        };
        let mut vfs = FaultVfs::new();
        let mut expected: Seen = Vec::new();
        let (mut acknowledged, mut floor) = (0, 0);
        for round in 0..4 {
            let (seen, found) = read(&vfs, floor).unwrap_or_else(|e| panic!("seed {seed}, round {round}: {e}"));
            assert!(found.last_sequence >= acknowledged, "seed {seed}, round {round}: lost {acknowledged}");
            let lives: Seen = expected.iter().filter(|f| f.1 > floor && f.1 <= found.last_sequence).cloned().collect();
            assert_eq!(seen, lives, "seed {seed}, round {round}");
            expected.retain(|frame| frame.1 <= found.last_sequence);

            let next = vfs.clone();
            next.fail_from(below(30) as usize, IoKind::Other);
            let mut sequence = found.last_sequence;
            if let Ok(mut log) = LogFiles::recover(Arc::new(next), found, below(u64::MAX)) {
                acknowledged = sequence; // the caller shows these rows now
                for _ in 0..12 {
                    let done = match below(8) {
                        0..=3 => {
                            let (first, last) = (sequence + 1, sequence + 1 + below(3));
                            let bytes =
                                format!("{seed} {round} {first} {}", "x".repeat(below(90) as usize)).into_bytes();
                            // Named before the attempt: a failed append may still reach the disk.
                            expected.push((first, last, bytes.clone()));
                            sequence = last;
                            log.append(first, last, &bytes)
                        }
                        4 | 5 => log.sync().inspect(|()| acknowledged = acknowledged.max(sequence)),
                        6 => log.rotate().inspect(|()| acknowledged = acknowledged.max(sequence)),
                        _ => {
                            floor = floor.max(acknowledged.saturating_sub(below(4)));
                            log.remove_obsolete(floor);
                            Ok(())
                        }
                    };
                    if done.is_err() {
                        break;
                    }
                }
            }
            vfs = vfs.crash(match below(4) {
                0 => Loss::Nothing,
                1 => Loss::Unsynced,
                _ => Loss::Random(below(1 << 40)),
            });
        }
    }
}
