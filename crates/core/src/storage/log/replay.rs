//! Reading the log after a crash or a close: what counts, what was cut by a crash, what is damage.

use super::frame::{Frame, HEADER, Header, find_next};
use super::{file_name, file_number};
use crate::error::{Error, Result};
use crate::storage::vfs::Vfs;

/// One log file as [`replay`] found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Its name in the store.
    pub name: String,
    /// The newest sequence that is in it or before it. Once a floor reaches it the file can go.
    pub last_sequence: u64,
    /// In bytes.
    pub length: u64,
}

/// The result of [`replay`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The newest sequence of the store: of the log, or the floor when the log has nothing beyond.
    pub last_sequence: u64,
    /// Up to here everything is known to be durable; what is beyond was read, and may be in the page cache alone.
    pub durable_sequence: u64,
    /// The number of the next log file; no file has it or a higher one.
    pub next_number: u64,
    /// Bytes that a crash left behind without their sync; they were never acknowledged.
    pub torn_bytes: u64,
    /// All log files, oldest first.
    pub files: Vec<LogFile>,
}

/// Takes the first and last sequence of a frame and its payload.
pub type Visit<'a> = dyn FnMut(u64, u64, &[u8]) -> Result<()> + 'a;

/// Visits, in order, the payloads of all frames with sequences above `floor`, up to which the segments hold everything.
/// A frame that begins at or below the floor and ends above it is visited whole.
///
/// Reads only, so a reader may call it beside a writer; [`LogFiles::recover`](super::LogFiles::recover) goes on from it.
///
/// # Errors
/// `Corrupt` when a sequence above the floor is missing or damaged that was durable before something later was written.
/// That may come after some visits: the caller then drops what it built. `FormatTooNew`, `Io`, and whatever `visit` says.
pub fn replay(vfs: &dyn Vfs, floor: u64, visit: &mut Visit<'_>) -> Result<Replay> {
    let files = open_files(vfs)?;
    let next_number = match files.last() {
        None => 1,
        Some(last) => last.number.checked_add(1).ok_or_else(|| Error::corrupt(&last.name, "its number is the last"))?,
    };
    let mut state = State { floor, reached: floor, claimed: 0, claim_by: None, torn_bytes: 0, visit };
    let mut known = Vec::with_capacity(files.len());
    for (i, file) in files.iter().enumerate() {
        match file.header {
            None => state.torn_bytes += file.length,
            Some(header) => {
                // What lies beyond the point where a later file continues was cut by the recovery that made that file.
                let cut = files[i + 1..].iter().find_map(|later| later.header).map_or(u64::MAX, |later| later.after);
                state.file(vfs, file, header, cut)?;
            }
        }
        known.push(LogFile { name: file.name.clone(), last_sequence: state.reached, length: file.length });
    }
    state.all_claims_hold()?;
    let State { reached, claimed, torn_bytes, .. } = state;
    Ok(Replay { last_sequence: reached, durable_sequence: claimed.max(floor), next_number, torn_bytes, files: known })
}

struct OpenFile {
    name: String,
    number: u64,
    length: u64,
    /// `None` when the machine stopped before the header was durable: then no frame was ever written.
    header: Option<Header>,
}

fn open_files(vfs: &dyn Vfs) -> Result<Vec<OpenFile>> {
    let mut numbers: Vec<u64> = vfs
        .list("")
        .map_err(|e| Error::io("list", &vfs.location(), e))?
        .iter()
        .filter_map(|name| file_number(name))
        .collect();
    numbers.sort_unstable();
    let mut files: Vec<OpenFile> = Vec::with_capacity(numbers.len());
    for number in numbers {
        let name = file_name(number);
        let read = |e| Error::io("read", &name, e);
        let head = vfs.read_at(&name, 0, HEADER).map_err(read)?;
        let length = vfs.length(&name).map_err(read)?;
        let header = Header::decode(&name, &head)?;
        match header {
            Some(header) if header.number != number => {
                return Err(Error::corrupt(&name, format_args!("it was written as log file {}", header.number)));
            }
            Some(header) => {
                if let Some(before) = files.iter().rev().find_map(|file| file.header).filter(|b| b.after > header.after)
                {
                    let what =
                        format_args!("it continues after {}, a file before after {}", header.after, before.after);
                    return Err(Error::corrupt(&name, what));
                }
            }
            // A header is synced before the first frame, so with frames behind it, it is not torn but damaged.
            None if vfs.read(&name).map_err(read)?.iter().skip(HEADER).any(|byte| *byte != 0) => {
                return Err(Error::corrupt(&name, "its header is changed"));
            }
            None => {}
        }
        files.push(OpenFile { name, number, length, header });
    }
    Ok(files)
}

struct State<'a> {
    floor: u64,
    /// Everything up to here is in segments or was visited.
    reached: u64,
    /// The newest sequence that some frame calls durable, and the file of that frame.
    claimed: u64,
    claim_by: Option<String>,
    torn_bytes: u64,
    visit: &'a mut Visit<'a>,
}

impl State<'_> {
    fn file(&mut self, vfs: &dyn Vfs, file: &OpenFile, header: Header, cut: u64) -> Result<()> {
        let corrupt = |what: String| Err(Error::corrupt(&file.name, what));
        if header.after > self.reached {
            return corrupt(format!(
                "it continues after sequence {}, and what is before it ends at {}",
                header.after, self.reached
            ));
        }
        self.claim(header.after, &file.name);
        let bytes = vfs.read(&file.name).map_err(|e| Error::io("read", &file.name, e))?;
        let mut at = HEADER;
        let mut damaged = false;
        while at < bytes.len() {
            let Some(frame) = Frame::decode(&bytes[at..], header.salt) else {
                if bytes[at..].iter().all(|byte| *byte == 0) {
                    break; // a tail that was reserved and never used
                }
                let Ok(next) = find_next(&bytes, at + 1, header.salt) else {
                    return corrupt(format!("at byte {at} begins what only looks like frames"));
                };
                let next = next.unwrap_or(bytes.len());
                self.torn_bytes += (next - at) as u64;
                (at, damaged) = (next, true);
                continue;
            };
            at += frame.length();
            self.claim(frame.synced_to, &file.name);
            if !frame.payload.is_empty() && !self.frame(&file.name, &frame, damaged, cut)? {
                self.torn_bytes += frame.length() as u64;
            }
        }
        Ok(())
    }

    fn claim(&mut self, synced_to: u64, name: &str) {
        if synced_to > self.claimed {
            self.claimed = synced_to;
            self.claim_by = Some(name.to_owned());
        }
    }

    /// Visits the frame, or skips what the floor covers; false when the frame lies behind a cut.
    fn frame(&mut self, name: &str, frame: &Frame<'_>, damaged: bool, cut: u64) -> Result<bool> {
        let Frame { first, last, synced_to, payload } = *frame;
        let corrupt =
            |what: &str| Err(Error::corrupt(name, format_args!("the frame of sequences {first} to {last} {what}")));
        // Sequences begin at 1; 0 is the floor of an empty store.
        if first == 0 || first > last || synced_to >= first || (first <= cut && cut < last) {
            return corrupt("contradicts itself or the next file");
        }
        if first > cut {
            return Ok(false);
        }
        if last <= self.floor {
            return Ok(true);
        }
        let Some(next) = self.reached.checked_add(1) else { return corrupt("follows the last sequence that there is") };
        if first > next {
            // Behind a bad frame that nobody counts on, later frames can be whole: the disk wrote them in its own order.
            return if damaged { Ok(false) } else { corrupt("follows a gap") };
        }
        if first < next && self.reached > self.floor {
            return corrupt("repeats sequences");
        }
        (self.visit)(first, last, payload)?;
        self.reached = last;
        Ok(true)
    }

    fn all_claims_hold(&self) -> Result<()> {
        let Some(name) = self.claim_by.as_ref().filter(|_| self.claimed > self.reached) else { return Ok(()) };
        let what = format!(
            "acknowledged writes with sequences {} to {} are missing or changed",
            self.reached + 1,
            self.claimed
        );
        Err(Error::corrupt(name, what).with("reached", self.reached).with("acknowledged", self.claimed))
    }
}
