//! Resources, documents and identities.

use overdracht::store::{Change, Commit, CommitError, Expect, Put, Store};
use serde_json::json;

use crate::for_every_store;
use crate::support::*;

for_every_store! {
    a_new_store_is_empty_and_healthy,
    what_is_committed_is_read_back_with_version_and_time,
    the_same_content_again_changes_nothing,
    every_version_stays_readable,
    a_put_that_expects_something_else_is_stale,
    a_commit_that_fails_leaves_nothing,
    an_identifier_names_one_resource,
    a_compartment_holds_its_patient_and_nothing_else,
    a_resource_that_moves_to_another_patient_leaves_the_first,
    what_has_no_patient_is_found_by_type,
    documents_keep_what_they_replaced,
    values_of_any_size_come_back_whole,
    all_of_it_is_there_after_opening_again,
    of_two_commits_that_expect_the_same_one_wins,
    readers_never_see_half_a_commit,
}

async fn a_new_store_is_empty_and_healthy<F: Fixture>(fixture: F) {
    let store = fixture.open();
    assert!(store.healthy().await);
    assert_eq!(store.read(&key("Patient/1")).await.unwrap(), None);
    assert_eq!(store.history(&key("Patient/1")).await.unwrap(), []);
    assert_eq!(store.compartment("p1", None).await.unwrap(), []);
    assert_eq!(store.next_due().await.unwrap(), None);
    assert!(store.audit(None, 0, 10).await.unwrap().is_empty());
}

async fn what_is_committed_is_read_back_with_version_and_time<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let body = serde_json::from_str(r#"{"resourceType":"Goal","id":"1","meta":{"profile":["https://a"]},"rank":1.50}"#)
        .unwrap();
    let goal = Put { key: key("Goal/1"), patient: Some("p1".into()), body, expect: Expect::Absent };
    let committed = store.commit(puts(5, vec![goal])).await.unwrap();
    assert_eq!(committed.changes, [(key("Goal/1"), Change::Created, 1)]);

    let read = store.read(&key("Goal/1")).await.unwrap().unwrap();
    assert_eq!((read.version, read.at), (1, at(5)));
    let text = serde_json::to_string(&read.body).unwrap();
    assert_eq!(
        text,
        r#"{"resourceType":"Goal","id":"1","meta":{"versionId":"1","lastUpdated":"2027-01-15T08:00:05Z","profile":["https://a"]},"rank":1.50}"#
    );
    assert_eq!(store.read_version(&key("Goal/1"), 1).await.unwrap(), Some(read));
}

async fn the_same_content_again_changes_nothing<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let body = |text: &str| serde_json::from_str(text).unwrap();
    let goal = |body| Put { key: key("Goal/1"), patient: Some("p1".into()), body, expect: Expect::Anything };
    let first = body(r#"{"resourceType":"Goal","id":"1","a":{"x":1,"y":[1,2]}}"#);
    store.commit(puts(1, vec![goal(first)])).await.unwrap();

    let other_order = body(r#"{"a":{"y":[1,2],"x":1},"id":"1","resourceType":"Goal"}"#);
    let as_it_was_read = store.read(&key("Goal/1")).await.unwrap().unwrap().body;
    for same in [other_order, as_it_was_read] {
        let committed = store.commit(puts(2, vec![goal(same)])).await.unwrap();
        assert_eq!(committed.changes, [(key("Goal/1"), Change::Unchanged, 1)]);
    }
    assert_eq!(store.read(&key("Goal/1")).await.unwrap().unwrap().at, at(1));
    assert_eq!(store.history(&key("Goal/1")).await.unwrap().len(), 1);
    assert_eq!(store.audit(None, 0, 10).await.unwrap().len(), 3, "that nothing changed is audited too");

    let other_array = body(r#"{"resourceType":"Goal","id":"1","a":{"x":1,"y":[2,1]}}"#);
    let committed = store.commit(puts(3, vec![goal(other_array)])).await.unwrap();
    assert_eq!(committed.changes, [(key("Goal/1"), Change::Updated, 2)]);
}

async fn every_version_stays_readable<F: Fixture>(fixture: F) {
    let store = fixture.open();
    for n in 1..=12 {
        store.commit(puts(n, vec![put("Goal/1", Some("p1"), &n.to_string(), Expect::Anything)])).await.unwrap();
    }
    let history = store.history(&key("Goal/1")).await.unwrap();
    let versions: Vec<u64> = history.iter().map(|version| version.version).collect();
    assert_eq!(versions, (1..=12).rev().collect::<Vec<_>>());
    for version in &history {
        assert_eq!(content(&version.body), version.version.to_string());
        assert_eq!(version.body["meta"]["versionId"], version.version.to_string());
        assert_eq!(store.read_version(&key("Goal/1"), version.version).await.unwrap().as_ref(), Some(version));
    }
    assert_eq!(store.read_version(&key("Goal/1"), 13).await.unwrap(), None);
    assert_eq!(store.read_version(&key("Goal/1"), 0).await.unwrap(), None);
}

async fn a_put_that_expects_something_else_is_stale<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let goal = |content, expect| puts(1, vec![put("Goal/1", Some("p1"), content, expect)]);
    assert!(matches!(store.commit(goal("a", Expect::Version(1))).await, Err(CommitError::Stale(_))));
    store.commit(goal("a", Expect::Absent)).await.unwrap();
    for wrong in [Expect::Absent, Expect::Version(0), Expect::Version(2)] {
        assert!(matches!(store.commit(goal("b", wrong)).await, Err(CommitError::Stale(_))), "{wrong:?}");
    }
    store.commit(goal("b", Expect::Version(1))).await.unwrap();
    assert_eq!(content(&store.read(&key("Goal/1")).await.unwrap().unwrap().body), "b");
}

async fn a_commit_that_fails_leaves_nothing<F: Fixture>(fixture: F) {
    let store = fixture.open();
    store.commit(puts(1, vec![put("Goal/1", Some("p1"), "old", Expect::Absent)])).await.unwrap();
    let failing = Commit {
        claims: vec![(bsn("999990019"), key("Patient/p1"))],
        puts: vec![
            put("Goal/1", Some("p1"), "new", Expect::Anything),
            put("Goal/2", Some("p1"), "new", Expect::Absent),
        ],
        document: Some(document("d", 1, json!({}), None)),
        deliveries: queue(1, vec![(delivery("x", "p1", "1", 0), Some(3))]).deliveries,
        audit: vec![event(Some("p1"), "never")],
        ..Commit::at(at(2))
    };
    assert!(matches!(store.commit(failing).await, Err(CommitError::Stale(_))));
    assert_eq!(content(&store.read(&key("Goal/1")).await.unwrap().unwrap().body), "old");
    assert_eq!(store.history(&key("Goal/1")).await.unwrap().len(), 1);
    assert_eq!(store.read(&key("Goal/2")).await.unwrap(), None);
    assert_eq!(store.compartment("p1", None).await.unwrap().len(), 1);
    assert_eq!(store.find(&bsn("999990019")).await.unwrap(), None);
    assert_eq!(store.document("d").await.unwrap(), None);
    assert_eq!(store.delivery("x").await.unwrap(), None);
    assert_eq!(store.audit(None, 0, 10).await.unwrap().len(), 1);
}

async fn an_identifier_names_one_resource<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let claim = |claims| Commit { claims, audit: vec![event(None, "claim")], ..Commit::at(at(1)) };
    store.commit(claim(vec![(bsn("1"), key("Patient/a")), (bsn("2"), key("Patient/a"))])).await.unwrap();
    store.commit(claim(vec![(bsn("1"), key("Patient/a"))])).await.unwrap();
    let taken = store.commit(claim(vec![(bsn("3"), key("Patient/b")), (bsn("2"), key("Patient/b"))])).await;
    assert!(matches!(taken, Err(CommitError::IdentityTaken(identity)) if identity == bsn("2")));
    assert_eq!(store.find(&bsn("1")).await.unwrap(), Some(key("Patient/a")));
    assert_eq!(store.find(&bsn("2")).await.unwrap(), Some(key("Patient/a")));
    assert_eq!(store.find(&bsn("3")).await.unwrap(), None);
}

async fn a_compartment_holds_its_patient_and_nothing_else<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let everything = vec![
        put("Patient/p1", Some("p1"), "", Expect::Absent),
        put("Goal/1", Some("p1"), "", Expect::Absent),
        put("Goal/2", Some("p1"), "", Expect::Absent),
        put("GoalX/3", Some("p1"), "", Expect::Absent),
        put("Goal/4", Some("p10"), "", Expect::Absent),
        put("Goal/5", Some("p"), "", Expect::Absent),
        put("Organization/6", None, "", Expect::Absent),
    ];
    store.commit(puts(1, everything)).await.unwrap();
    let names = |versions: Vec<overdracht::store::Version>| {
        let mut names: Vec<String> = versions.iter().map(|version| version.key.to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(names(store.compartment("p1", None).await.unwrap()), ["Goal/1", "Goal/2", "GoalX/3", "Patient/p1"]);
    assert_eq!(names(store.compartment("p1", Some("Goal")).await.unwrap()), ["Goal/1", "Goal/2"]);
    assert_eq!(names(store.compartment("p10", None).await.unwrap()), ["Goal/4"]);
}

async fn a_resource_that_moves_to_another_patient_leaves_the_first<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let large = "x".repeat(30_000);
    store.commit(puts(1, vec![put("Goal/1", Some("p1"), &large, Expect::Absent)])).await.unwrap();
    let moved = store.commit(puts(2, vec![put("Goal/1", Some("p2"), &large, Expect::Version(1))])).await.unwrap();
    assert_eq!(moved.changes, [(key("Goal/1"), Change::Updated, 2)]);
    assert_eq!(store.compartment("p1", None).await.unwrap(), []);
    assert_eq!(store.compartment("p2", None).await.unwrap().len(), 1);
    assert_eq!(store.history(&key("Goal/1")).await.unwrap().len(), 2);
}

async fn what_has_no_patient_is_found_by_type<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let commit = vec![
        put("Organization/1", None, "", Expect::Absent),
        put("OrganizationAffiliation/2", None, "", Expect::Absent),
        put("Organization/3", Some("p1"), "", Expect::Absent),
    ];
    store.commit(puts(1, commit)).await.unwrap();
    let found = store.unfiled("Organization").await.unwrap();
    assert_eq!(found.iter().map(|version| version.key.to_string()).collect::<Vec<_>>(), ["Organization/1"]);
}

async fn documents_keep_what_they_replaced<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let send = |version: u64, expect| Commit {
        document: Some(document("d", version, json!({ "version": version }), expect)),
        audit: vec![event(None, "document")],
        ..Commit::at(at(1))
    };
    assert!(matches!(store.commit(send(1, Some(1))).await, Err(CommitError::Stale(_))));
    store.commit(send(1, None)).await.unwrap();
    assert!(matches!(store.commit(send(2, None)).await, Err(CommitError::Stale(_))));
    store.commit(send(4, Some(1))).await.unwrap();
    let current = store.document("d").await.unwrap().unwrap();
    assert_eq!(current, document("d", 4, json!({ "version": 4 }), None).record);
    let versions: Vec<u64> = store.document_history("d").await.unwrap().iter().map(|d| d.version).collect();
    assert_eq!(versions, [4, 1]);
}

async fn values_of_any_size_come_back_whole<F: Fixture>(fixture: F) {
    let store = fixture.open();
    // Around the borders of chunks, growing and shrinking; then one larger than a segment of the database.
    for size in [0, 3900, 4096, 4087, 8192, 100, 70_000, 12, 2_000_000, 5] {
        let text = "é".repeat(size / 2) + &"x".repeat(size % 2);
        store.commit(puts(1, vec![put("Goal/1", Some("p1"), &text, Expect::Anything)])).await.unwrap();
        assert_eq!(content(&store.read(&key("Goal/1")).await.unwrap().unwrap().body), text);
        assert_eq!(content(&store.compartment("p1", None).await.unwrap()[0].body), text);
    }
    let sizes: Vec<usize> =
        store.history(&key("Goal/1")).await.unwrap().iter().map(|v| content(&v.body).len()).collect();
    assert_eq!(sizes, [5, 2_000_000, 12, 70_000, 100, 8192, 4087, 4096, 3900, 0]);
}

async fn all_of_it_is_there_after_opening_again<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let commit = Commit {
        claims: vec![(bsn("1"), key("Patient/p1"))],
        document: Some(document("d", 1, json!({ "a": 1 }), None)),
        deliveries: queue(1, vec![(delivery("x", "p1", "1", 9), None)]).deliveries,
        ..puts(1, vec![put("Patient/p1", Some("p1"), "a", Expect::Absent)])
    };
    store.commit(commit).await.unwrap();
    store.commit(puts(2, vec![put("Patient/p1", Some("p1"), "b", Expect::Version(1))])).await.unwrap();
    let before = (
        store.history(&key("Patient/p1")).await.unwrap(),
        store.find(&bsn("1")).await.unwrap(),
        store.document("d").await.unwrap(),
        store.delivery("x").await.unwrap(),
        store.next_due().await.unwrap(),
        store.audit(None, 0, 10).await.unwrap().iter().map(|entry| entry.chain.clone()).collect::<Vec<_>>(),
    );
    drop(store);
    let store = fixture.open();
    let after = (
        store.history(&key("Patient/p1")).await.unwrap(),
        store.find(&bsn("1")).await.unwrap(),
        store.document("d").await.unwrap(),
        store.delivery("x").await.unwrap(),
        store.next_due().await.unwrap(),
        store.audit(None, 0, 10).await.unwrap().iter().map(|entry| entry.chain.clone()).collect::<Vec<_>>(),
    );
    assert_eq!(before, after);
    store.commit(puts(3, vec![put("Patient/p1", Some("p1"), "c", Expect::Version(2))])).await.unwrap();
    assert_eq!(store.audit(None, 3, 10).await.unwrap().len(), 1);
}

async fn of_two_commits_that_expect_the_same_one_wins<F: Fixture>(fixture: F) {
    let store = std::sync::Arc::new(fixture.open());
    store.commit(puts(0, vec![put("Goal/1", Some("p1"), "0", Expect::Absent)])).await.unwrap();
    for round in 1..=20_u64 {
        let rivals: Vec<_> = (0..8)
            .map(|rival| {
                let store = store.clone();
                let content = format!("{round}-{rival}");
                tokio::spawn(async move {
                    let goal = put("Goal/1", Some("p1"), &content, Expect::Version(round));
                    store.commit(puts(1, vec![goal])).await.is_ok().then_some(content)
                })
            })
            .collect();
        let mut winners = Vec::new();
        for rival in rivals {
            winners.extend(rival.await.unwrap());
        }
        let stored = store.read(&key("Goal/1")).await.unwrap().unwrap();
        assert_eq!(winners, [content(&stored.body)], "round {round}");
        assert_eq!(stored.version, round + 1);
    }
    assert_eq!(store.audit(None, 0, 1000).await.unwrap().len(), 21, "a commit that lost leaves no audit record");
}

async fn readers_never_see_half_a_commit<F: Fixture>(fixture: F) {
    let store = std::sync::Arc::new(fixture.open());
    let all = |n: i64| -> Vec<Put> {
        (0..20).map(|id| put(&format!("Goal/{id}"), Some("p1"), &n.to_string(), Expect::Anything)).collect()
    };
    store.commit(puts(0, all(0))).await.unwrap();
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for n in 1..=40 {
                store.commit(puts(n, all(n))).await.unwrap();
            }
        }
    });
    let mut seen = std::collections::BTreeSet::new();
    while !writer.is_finished() {
        let goals = store.compartment("p1", Some("Goal")).await.unwrap();
        assert_eq!(goals.len(), 20);
        let first = content(&goals[0].body).to_owned();
        assert!(goals.iter().all(|goal| content(&goal.body) == first));
        seen.insert(first);
    }
    writer.await.unwrap();
    assert!(seen.len() > 1, "the reader looked while the writer wrote");
}
