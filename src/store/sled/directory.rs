//! The directory of a store: whose it is, what a crash left in it, and that it is on disk itself.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::store::StoreError;

/// How long another process that is just ending is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long sled's own lock is waited for: with the directory ours, only threads of a store that was just closed can
/// still hold it, and they may be writing.
const PATIENCE_WITH_SLED: Duration = Duration::from_secs(30);

/// Held while the store is open; the lock goes with the file handle.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Makes the directory where it is missing, and takes it for this process.
    ///
    /// # Errors
    /// [`StoreError::Open`] where another process holds it or it cannot be made.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let cannot = |cause: io::Error| {
            StoreError::Open(format!("{} cannot be used as data directory: {cause}", path.display()))
        };
        if !path.exists() {
            fs::create_dir_all(path).map_err(cannot)?;
            if let Some(parent) = path.canonicalize().map_err(cannot)?.parent() {
                sync(parent).map_err(cannot)?;
            }
        }
        let lock = File::options().create(true).truncate(false).write(true).open(path.join("lock")).map_err(cannot)?;
        if !locked(&lock, PATIENCE).map_err(cannot)? {
            return Err(StoreError::Open(format!(
                "the data directory {} is in use by another process; stop it, or choose another directory",
                path.display()
            )));
        }
        let directory = Directory { path: path.to_owned(), _lock: lock };
        directory.wait_for_sled().map_err(cannot)?;
        directory.clear_leftovers().map_err(cannot)?;
        Ok(directory)
    }

    /// sled refuses at once where its file is locked, also by the last threads of a store that this process just closed.
    fn wait_for_sled(&self) -> io::Result<()> {
        match File::options().write(true).open(self.database()) {
            Ok(database) => locked(&database, PATIENCE_WITH_SLED).map(drop),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(cause) => Err(cause),
        }
    }

    /// What sled 0.34 cannot start from if it was killed while it started: a snapshot half written (it is read as if
    /// whole), and settings half written beside a database that has nothing in it yet.
    fn clear_leftovers(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("snap.") && name.ends_with(".generating") {
                fs::remove_file(self.path.join(&*name))?;
            }
        }
        let empty = fs::metadata(self.database()).map_or(true, |database| database.len() == 0);
        let settings = self.path.join("conf");
        if empty && settings.exists() {
            fs::remove_file(settings)?;
        }
        Ok(())
    }

    pub fn database(&self) -> PathBuf {
        self.path.join("db")
    }

    /// Makes names and settings durable; call when sled has made its files.
    pub fn sync(&self) -> io::Result<()> {
        File::open(self.path.join("conf"))?.sync_all()?;
        sync(&self.path.join("blobs"))?;
        sync(&self.path)
    }
}

/// Locks the file, waiting for a holder that ends within `patience`; false where it does not.
fn locked(file: &File, patience: Duration) -> io::Result<bool> {
    let asked = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if asked.elapsed() < patience => std::thread::sleep(PATIENCE / 20),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(cause)) => return Err(cause),
        }
    }
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
