//! The audit chain, and what the sled store's directory guards.

use overdracht::store::sled::{AnchorOptions, AuditKey, SledOptions, SledStore};
use overdracht::store::{AuditVerdict, Commit, Store, StoreError};

use crate::for_every_store;
use crate::support::*;

for_every_store! {
    audit_entries_join_the_chain_in_order,
    the_chain_goes_on_after_opening_again,
}

fn record(second: i64, patient: Option<&str>) -> Commit {
    Commit { audit: vec![event(patient, &format!("event {second}"))], ..Commit::at(at(second)) }
}

async fn audit_entries_join_the_chain_in_order<F: Fixture>(fixture: F) {
    let store = fixture.open();
    for n in 1..=9 {
        let patient = ["p1", "p2"][n as usize % 2];
        store.commit(record(n, Some(patient))).await.unwrap();
    }
    let all = store.audit(None, 0, 100).await.unwrap();
    assert_eq!(all.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
    assert_eq!(all[3].event["outcomeDesc"], "event 4");
    let chains: std::collections::BTreeSet<_> = all.iter().map(|entry| &entry.chain).collect();
    assert_eq!(chains.len(), 9);

    let of_p1 = store.audit(Some("p1"), 0, 100).await.unwrap();
    assert_eq!(of_p1.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [2, 4, 6, 8]);
    let page = store.audit(Some("p1"), 3, 2).await.unwrap();
    assert_eq!(page.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [4, 6]);
    assert!(store.audit(Some("p"), 0, 100).await.unwrap().is_empty());
    assert_eq!(store.verify_audit().await.unwrap(), AuditVerdict::Whole { entries: 9 });
}

async fn the_chain_goes_on_after_opening_again<F: Fixture>(fixture: F) {
    for n in 1..=3 {
        let store = fixture.open();
        store.commit(record(n, None)).await.unwrap();
        assert_eq!(store.verify_audit().await.unwrap(), AuditVerdict::Whole { entries: n as u64 });
    }
}

/// Waits for the last threads of a store that was closed: sled's own open, and a copy of its files, do not.
fn released(path: &std::path::Path) {
    let database = path.join("db");
    if database.exists() {
        std::fs::File::open(database).unwrap().lock().unwrap();
    }
}

/// Changes a byte of the entry's text where it lies in the database, as someone with the disk but without the key would,
/// and mends every checksum on the way.
fn tamper(path: &std::path::Path, change: impl Fn(&sled::Tree)) {
    released(path);
    let database = sled::Config::new().path(path).open().unwrap();
    change(&database);
    database.flush().unwrap();
}

#[tokio::test]
async fn a_changed_entry_and_a_cut_tail_are_found() {
    let fixture = Sled::new();
    let anchor = tempfile::NamedTempFile::new().unwrap();
    let options =
        || SledOptions { anchor: Some(AnchorOptions { file: anchor.path().into(), every: 2 }), ..support_options() };
    let open = || SledStore::open(fixture.0.path(), options());
    let store = open().unwrap();
    for n in 1..=7 {
        store.commit(record(n, None)).await.unwrap();
    }
    drop(store);
    let lines = std::fs::read_to_string(anchor.path()).unwrap();
    assert_eq!(lines.lines().map(|line| line.split_once(' ').unwrap().0).collect::<Vec<_>>(), ["2", "4", "6"]);

    let whole = copy(fixture.0.path());
    tamper(fixture.0.path(), |tree| {
        let (key, value) = tree.scan_prefix(b"a").nth(2).unwrap().unwrap();
        let mut payload = value[9..].to_vec();
        *payload.last_mut().unwrap() = b' ';
        let base = &key[..key.len() - 2];
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(base);
        hasher.update(&payload);
        let record =
            [&[1][..], &hasher.finalize().to_be_bytes(), &(payload.len() as u32).to_be_bytes(), &payload].concat();
        tree.insert(key, record).unwrap();
    });
    assert_eq!(open().unwrap().verify_audit().await.unwrap(), AuditVerdict::Broken { at: 3 });

    // An older copy of the whole directory is in order in itself; only the anchor remembers more.
    let store = SledStore::open(whole.path(), options()).unwrap();
    assert_eq!(store.verify_audit().await.unwrap(), AuditVerdict::Whole { entries: 7 });
    for n in 8..=9 {
        store.commit(record(n, None)).await.unwrap();
    }
    drop(store);
    let older = copy(whole.path());
    let store = SledStore::open(whole.path(), options()).unwrap();
    for n in 10..=12 {
        store.commit(record(n, None)).await.unwrap();
    }
    drop(store);
    let store = SledStore::open(older.path(), options()).unwrap();
    assert!(matches!(store.verify_audit().await.unwrap(), AuditVerdict::Broken { at: 10.. }));
}

fn copy(from: &std::path::Path) -> tempfile::TempDir {
    released(from);
    let to = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.path().join(entry.file_name())).unwrap();
        }
    }
    to
}

fn support_options() -> SledOptions {
    crate::support::options()
}

#[tokio::test]
async fn a_second_process_is_told_that_the_directory_is_in_use() {
    let fixture = Sled::new();
    let _store = fixture.open();
    let Err(StoreError::Open(text)) = SledStore::open(fixture.0.path(), support_options()) else {
        panic!("opened twice");
    };
    assert!(text.contains("in use by another process"), "{text}");
}

#[tokio::test]
async fn another_audit_key_or_layout_is_refused() {
    let fixture = Sled::new();
    drop(fixture.open());
    let other = SledOptions::new(AuditKey::new(vec![8; 32]).unwrap());
    let Err(StoreError::Open(text)) = SledStore::open(fixture.0.path(), other) else { panic!("opened") };
    assert!(text.contains("audit key"), "{text}");
    assert!(AuditKey::new(vec![8; 31]).is_err());

    let foreign = tempfile::tempdir().unwrap();
    tamper(foreign.path(), |tree| {
        tree.insert("somebody", "else").unwrap();
    });
    assert!(matches!(SledStore::open(foreign.path(), support_options()), Err(StoreError::Open(_))));
}

#[tokio::test]
async fn a_damaged_record_is_told_and_not_served() {
    let fixture = Sled::new();
    let store = fixture.open();
    let goal = put("Goal/1", Some("p1"), &"x".repeat(9000), overdracht::store::Expect::Absent);
    store.commit(puts(1, vec![goal])).await.unwrap();
    drop(store);
    tamper(fixture.0.path(), |tree| {
        let (key, _) = tree.scan_prefix(b"p").nth(1).unwrap().unwrap();
        tree.remove(key).unwrap();
    });
    let store = fixture.open();
    assert!(matches!(store.read(&key("Goal/1")).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.compartment("p1", None).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn what_a_crash_at_the_start_leaves_does_not_stop_the_next_start() {
    let fixture = Sled::new();
    std::fs::write(fixture.0.path().join("conf"), "segment_size: 524288\nuse_comp").unwrap();
    drop(fixture.open());
    std::fs::write(fixture.0.path().join("snap.FFFFFFFFFFFFFFFF.generating"), "half").unwrap();
    let store = fixture.open();
    assert!(store.healthy().await);
}
