//! The store with faults as a [`Vfs`]: every change is counted first, and fails when its time has come.

use std::io;

use super::{FaultVfs, apply};
use crate::storage::name;
use crate::storage::vfs::{FileView, LockMode, Vfs, VfsFile, VfsLock};

impl Vfs for FaultVfs {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let state = self.state();
        Ok(state.names.keys().map(|file| name::split(file)).filter(|(d, _)| *d == dir).map(|(_, f)| f.into()).collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let state = self.state();
        Ok(state.inodes[state.find(name)?].bytes.clone())
    }

    fn read_at(&self, name: &str, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        let bytes = self.read(name)?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes[start..start.saturating_add(max).min(bytes.len())].to_vec())
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        self.read(name).map(|bytes| bytes.len() as u64)
    }

    fn view(&self, name: &str) -> io::Result<FileView> {
        self.read(name).map(FileView::new)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn VfsFile>> {
        let mut state = self.state();
        state.need_dir_of(name)?;
        state.step(format!("create {name}"))?;
        let inode = state.new_inode();
        state.change_names(vec![(name.into(), Some(inode))]);
        drop(state);
        Ok(Box::new(FaultFile { vfs: self.clone(), inode, name: name.into() }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        let inode = state.find(from)?;
        state.need_dir_of(to)?;
        state.step(format!("rename {from} {to}"))?;
        state.change_names(vec![(from.into(), None), (to.into(), Some(inode))]);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.find(name)?;
        state.step(format!("remove {name}"))?;
        state.change_names(vec![(name.into(), None)]);
        Ok(())
    }

    fn create_dir(&self, name: &str) -> io::Result<()> {
        name::check(name)?;
        let mut state = self.state();
        state.step(format!("create_dir {name}"))?;
        let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
        state.dirs.extend(ends.map(|end| name[..end].to_owned()));
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut state = self.state();
        state.step("sync_dir".into())?;
        for (name, inode) in std::mem::take(&mut state.pending).into_iter().flatten() {
            if name::split(&name).0.is_empty() {
                apply(&mut state.durable_names, &name, inode);
            }
        }
        Ok(())
    }

    fn try_lock(&self, name: &str, mode: LockMode) -> io::Result<Option<Box<dyn VfsLock>>> {
        let mut state = self.state();
        state.need_dir_of(name)?;
        if !state.names.contains_key(name) {
            state.step(format!("create {name}"))?;
            let inode = state.new_inode();
            state.change_names(vec![(name.into(), Some(inode))]);
        }
        Ok(state.locks.try_lock(name, mode))
    }

    fn location(&self) -> String {
        ":fault:".into()
    }
}

struct FaultFile {
    vfs: FaultVfs,
    inode: usize,
    name: String,
}

impl VfsFile for FaultFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.vfs.state();
        let stepped = state.step(format!("write {}", self.name));
        // A failed write leaves a part, as a full disk does.
        let kept = if stepped.is_ok() { bytes.len() } else { bytes.len() / 2 };
        state.inodes[self.inode].bytes.extend_from_slice(&bytes[..kept]);
        stepped
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.vfs.state();
        let stepped = state.step(format!("sync {}", self.name));
        let inode = &mut state.inodes[self.inode];
        if stepped.is_err() {
            inode.lost = true;
        } else if !inode.lost {
            inode.synced = inode.bytes.len();
        }
        stepped
    }
}
