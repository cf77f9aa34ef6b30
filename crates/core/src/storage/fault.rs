//! Test kit: a store in memory that fails at the n-th operation and forgets, at a crash, what was never synced.
//!
//! It is stricter than most disks: a failed sync loses the bytes for good although a second sync says that all is well
//! (as Linux does), and a name is gone after a crash unless the directory was synced.

mod files;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::memory::Locks;
use super::name;

/// What a crash takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The process died, the machine lives: nothing is lost, and what was not synced still can be, at the next crash.
    Nothing,
    /// Everything that was not synced, bytes and names.
    Unsynced,
    /// By chance, the same for the same seed: of the pending changes of names a prefix survives, of every file some part
    /// of its unsynced bytes, cut or with blocks of zeros in between.
    Random(u64),
}

/// A store with faults. Clones are handles of the same store. See the module.
#[derive(Clone, Default)]
pub struct FaultVfs(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    /// Changes of names in the store directory since its last sync, oldest first: name and what it names then.
    pending: Vec<Vec<(String, Option<usize>)>>,
    dirs: std::collections::BTreeSet<String>,
    locks: Locks,
    trace: Vec<String>,
    plan: Option<Plan>,
}

#[derive(Clone, Default)]
struct Inode {
    bytes: Vec<u8>,
    synced: usize,
    /// A sync failed: what was dirty then never reaches the disk, whatever later syncs say.
    lost: bool,
}

#[derive(Clone, Copy)]
struct Plan {
    at: usize,
    kind: io::ErrorKind,
    forever: bool,
}

impl FaultVfs {
    /// An empty store without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many operations that change something were tried so far.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.state().trace.len()
    }

    /// Those operations, for messages: `write log-1`, `sync_dir`.
    #[must_use]
    pub fn trace(&self) -> Vec<String> {
        self.state().trace.clone()
    }

    /// Lets the `n`-th changing operation from now on (0 = the next) fail once with `kind`.
    pub fn fail_once(&self, n: usize, kind: io::ErrorKind) {
        let mut state = self.state();
        state.plan = Some(Plan { at: state.trace.len() + n, kind, forever: false });
    }

    /// Lets the `n`-th changing operation from now on and all after it fail with `kind`: the moment of a crash.
    pub fn fail_from(&self, n: usize, kind: io::ErrorKind) {
        let mut state = self.state();
        state.plan = Some(Plan { at: state.trace.len() + n, kind, forever: true });
    }

    /// Ends all planned faults.
    pub fn heal(&self) {
        self.state().plan = None;
    }

    /// What a new process finds after a crash now: another store, without locks and faults. This one goes on unharmed,
    /// so one moment can be crashed in several ways.
    #[must_use]
    pub fn crash(&self, loss: Loss) -> Self {
        let state = self.state();
        let mut chance = Chance(match loss {
            Loss::Random(seed) => seed,
            _ => 0,
        });
        let mut after = State { dirs: state.dirs.clone(), ..State::default() };
        if loss == Loss::Nothing {
            after.inodes.clone_from(&state.inodes);
            after.names.clone_from(&state.names);
            after.durable_names.clone_from(&state.durable_names);
            after.pending.clone_from(&state.pending);
            return Self(Arc::new(Mutex::new(after)));
        }
        let mut names = state.durable_names.clone();
        if let Loss::Random(_) = loss {
            let kept = chance.below(state.pending.len() + 1);
            for (name, inode) in state.pending.iter().take(kept).flatten() {
                apply(&mut names, name, *inode);
            }
        }
        for (name, inode) in names {
            let bytes = state.inodes[inode].surviving(loss, &mut chance);
            after.durable_names.insert(name, after.inodes.len());
            after.inodes.push(Inode { synced: bytes.len(), bytes, lost: false });
        }
        after.names.clone_from(&after.durable_names);
        Self(Arc::new(Mutex::new(after)))
    }

    /// Changes stored bytes behind the store's back, as a failing disk does.
    pub fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let inode = state.names[name];
        change(&mut state.inodes[inode].bytes);
        state.inodes[inode].synced = state.inodes[inode].bytes.len();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn apply(names: &mut BTreeMap<String, usize>, name: &str, inode: Option<usize>) {
    match inode {
        Some(inode) => names.insert(name.into(), inode),
        None => names.remove(name),
    };
}

/// SplitMix64: a test's chance, the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

impl Inode {
    fn surviving(&self, loss: Loss, chance: &mut Chance) -> Vec<u8> {
        const BLOCK: usize = 16;
        match loss {
            Loss::Nothing => self.bytes.clone(),
            Loss::Unsynced => self.bytes[..self.synced].to_vec(),
            Loss::Random(_) => {
                let length = self.synced + chance.below(self.bytes.len() - self.synced + 1);
                let mut bytes = self.bytes[..length].to_vec();
                if chance.below(2) == 0 {
                    for block in bytes[self.synced..].chunks_mut(BLOCK) {
                        if chance.below(3) == 0 {
                            block.fill(0);
                        }
                    }
                }
                bytes
            }
        }
    }
}

impl State {
    /// Counts a changing operation and lets it fail when its time has come.
    fn step(&mut self, what: String) -> io::Result<()> {
        let at = self.trace.len();
        self.trace.push(what);
        match self.plan {
            Some(plan) if at == plan.at || (plan.forever && at > plan.at) => {
                Err(io::Error::new(plan.kind, format!("planned fault at operation {at}")))
            }
            _ => Ok(()),
        }
    }

    fn find(&self, file: &str) -> io::Result<usize> {
        self.names.get(name::check(file)?).copied().ok_or_else(|| name::not_found(file))
    }

    fn need_dir_of(&self, file: &str) -> io::Result<()> {
        let (dir, _) = name::split(name::check(file)?);
        if dir.is_empty() || self.dirs.contains(dir) { Ok(()) } else { Err(name::not_found(dir)) }
    }

    /// One step that a directory's journal keeps or loses whole.
    fn change_names(&mut self, changes: Vec<(String, Option<usize>)>) {
        for (name, inode) in &changes {
            apply(&mut self.names, name, *inode);
        }
        self.pending.push(changes);
    }

    fn new_inode(&mut self) -> usize {
        self.inodes.push(Inode::default());
        self.inodes.len() - 1
    }
}

impl std::fmt::Debug for FaultVfs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state();
        write!(f, "FaultVfs({} files, {} operations)", state.names.len(), state.trace.len())
    }
}
