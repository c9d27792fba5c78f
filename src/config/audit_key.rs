//! The key of the audit chain: a file of its own, readable by its owner alone, made once.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::Problem;

const SETTING: &str = "OVERDRACHT_AUDIT_KEY";

/// 32 random bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditKey([u8; 32]);

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

impl AuditKey {
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A key that lives as long as the process: for a store in a temporary folder.
    pub fn random() -> Self {
        AuditKey(rand::random())
    }

    /// Makes the file (mode 0600, hexadecimal, on disk when this returns). Never replaces one that exists.
    pub(super) fn make(file: &Path) -> Result<Self, Problem> {
        let key = Self::random();
        let text: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let write = || -> std::io::Result<()> {
            let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
            out.write_all(text.as_bytes())?;
            out.sync_all()?;
            let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            fs::File::open(folder)?.sync_all()
        };
        write().map_err(|error| Problem::new(SETTING, format!("{} cannot be made: {error}", file.display())))?;
        Ok(key)
    }
}

/// The key in this file; none where it is still to be made: no file, and no store whose audit chain would need it.
pub(super) fn find(file: &Path, store: &Path) -> Result<Option<AuditKey>, Problem> {
    let wrong = |text: String| Err(Problem::new(SETTING, text));
    let shown = file.display();
    let metadata = match fs::metadata(file) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound && !store.exists() => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return wrong(format!(
                "{shown} is missing, while the store has an audit chain made with it. Put it back from a copy; \
                 without it the chain can no longer be shown to be whole"
            ));
        }
        Err(error) => return wrong(format!("{shown} cannot be read: {error}")),
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        return wrong(format!("{shown} can be read by others than its owner; do `chmod 600 {shown}`"));
    }
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return wrong(format!("{shown} cannot be read: {error}")),
    };
    match decode(text.trim()) {
        Some(key) => Ok(Some(AuditKey(key))),
        None => wrong(format!("{shown} does not hold 64 hexadecimal digits; put the right file back")),
    }
}

fn decode(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let bytes: Vec<u8> = digits?.chunks(2).map(|pair| pair.iter().fold(0, |n, d| n * 16 + *d as u8)).collect();
    (text.len() == 64).then_some(bytes)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let (file, store) = (dir.path().join("audit.key"), dir.path().join("store"));
        assert_eq!(find(&file, &store), Ok(None));
        let made = AuditKey::make(&file).expect("made");
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(find(&file, &store), Ok(Some(made)));
        assert!(AuditKey::make(&file).is_err());
    }

    #[test]
    fn a_store_whose_key_is_gone_does_not_get_another() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(find(&dir.path().join("audit.key"), dir.path()).is_err());
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_no_key_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("audit.key");
        AuditKey::make(&file).expect("made");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("changed");
        assert!(find(&file, dir.path()).expect_err("refused").text.contains("chmod 600"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("changed");
        fs::write(&file, "zz").expect("written");
        assert!(find(&file, dir.path()).is_err());
    }

    #[test]
    fn the_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", AuditKey([7; 32])), "AuditKey(…)");
    }
}
