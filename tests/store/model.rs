//! Random histories against a model of a few lines: same answers, same state, also after opening again.

use std::collections::BTreeMap;

use overdracht::store::{AuditVerdict, Change, Commit, CommitError, DeliveryPut, DeliveryState, Expect, Store};
use proptest::prelude::*;

use crate::support::*;

#[derive(Clone, Debug)]
enum Step {
    Commit {
        puts: Vec<(u8, u8, u8, Expecting)>,
        claim: Option<(u8, u8)>,
        delivery: Option<(u8, u8, i64)>,
    },
    Lease {
        now: i64,
        length: i64,
        max: usize,
    },
    /// Ends a delivery with the revision that is stored, or with one that is not.
    End {
        id: u8,
        stale: bool,
    },
    Reopen,
}

#[derive(Clone, Copy, Debug)]
enum Expecting {
    Anything,
    Absent,
    Current,
    Another,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let expecting = prop::sample::select(vec![
        Expecting::Anything,
        Expecting::Anything,
        Expecting::Absent,
        Expecting::Current,
        Expecting::Another,
    ]);
    let put = (0..5_u8, 0..3_u8, 0..3_u8, expecting);
    let commit = (
        prop::collection::vec(put, 0..4),
        prop::option::weighted(0.3, (0..4_u8, 0..3_u8)),
        prop::option::weighted(0.4, (0..6_u8, 0..2_u8, 0..40_i64)),
    );
    let step = prop_oneof![
        6 => commit.prop_map(|(puts, claim, delivery)| Step::Commit { puts, claim, delivery }),
        3 => (0..60_i64, 1..20_i64, 0..3_usize).prop_map(|(now, length, max)| Step::Lease { now, length, max }),
        2 => (0..6_u8, prop::bool::weighted(0.2)).prop_map(|(id, stale)| Step::End { id, stale }),
        1 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..40)
}

#[derive(Clone, Default)]
struct Model {
    /// Versions: patient and content.
    resources: BTreeMap<u8, Vec<(u8, u8)>>,
    identities: BTreeMap<u8, u8>,
    /// In the order in which they were made.
    deliveries: Vec<Row>,
    audit: u64,
}

#[derive(Clone)]
struct Row {
    id: u8,
    lane: u8,
    due: i64,
    leased_until: Option<i64>,
    waits: bool,
    revision: u64,
}

impl Model {
    fn version(&self, resource: u8) -> u64 {
        self.resources.get(&resource).map_or(0, |versions| versions.len() as u64)
    }

    /// The first that waits of each lane with the instant from which it may be taken, in the order of the queue.
    fn queue(&self) -> Vec<(i64, u8)> {
        let mut lanes = std::collections::BTreeSet::new();
        let heads = self.deliveries.iter().filter(|row| row.waits && lanes.insert(row.lane));
        let mut queue: Vec<_> =
            heads.map(|row| (row.leased_until.map_or(row.due, |until| until.max(row.due)), row.id)).collect();
        queue.sort();
        queue
    }
}

fn resource(n: u8) -> String {
    format!("Goal/{n}")
}

fn patient(n: u8) -> Option<String> {
    (n > 0).then(|| format!("p{n}"))
}

/// Contents of sizes below, at and above the size of a chunk.
fn text(n: u8) -> String {
    n.to_string().repeat([5, 4100, 20_000][n as usize])
}

async fn check(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let fixture = Sled::new();
    let mut store = fixture.open();
    let mut model = Model::default();
    for (second, step) in steps.into_iter().enumerate() {
        match step {
            Step::Commit { puts: wanted, claim, delivery: queued } => {
                let mut next = model.clone();
                let mut commit = Commit { audit: vec![event(None, "step")], ..Commit::at(at(second as i64)) };
                // What the model says: none where the commit must fail.
                let mut changes = Some(Vec::new());
                if let Some((identity, named)) = claim {
                    commit.claims.push((bsn(&identity.to_string()), key(&resource(named))));
                    if *next.identities.entry(identity).or_insert(named) != named {
                        changes = None;
                    }
                }
                for (n, filed, content, expecting) in wanted {
                    let before = model.version(n);
                    let expect = match expecting {
                        Expecting::Anything => Expect::Anything,
                        Expecting::Absent => Expect::Absent,
                        Expecting::Current => Expect::Version(before),
                        Expecting::Another => Expect::Version(before + 1),
                    };
                    commit.puts.push(put(&resource(n), patient(filed).as_deref(), &text(content), expect));
                    let version = next.version(n);
                    let holds = match expect {
                        Expect::Anything => true,
                        Expect::Absent => version == 0,
                        Expect::Version(expected) => version > 0 && version == expected,
                    };
                    if !holds {
                        changes = None;
                    }
                    let versions = next.resources.entry(n).or_default();
                    let change = match versions.last() {
                        Some(last) if *last == (filed, content) => Change::Unchanged,
                        Some(_) => Change::Updated,
                        None => Change::Created,
                    };
                    if change != Change::Unchanged {
                        versions.push((filed, content));
                    }
                    let row = (key(&resource(n)), change, versions.len() as u64);
                    changes = changes.map(|mut changes: Vec<_>| {
                        changes.push(row);
                        changes
                    });
                }
                if let Some((id, lane, due)) = queued {
                    let new = delivery(&format!("d{id}"), "p1", &lane.to_string(), due);
                    commit.deliveries.push(DeliveryPut { delivery: new, expect: None });
                    if next.deliveries.iter().any(|row| row.id == id) {
                        changes = None;
                    }
                    next.deliveries.push(Row { id, lane, due, leased_until: None, waits: true, revision: 1 });
                }
                match (store.commit(commit).await, changes) {
                    (Ok(committed), Some(changes)) => {
                        prop_assert_eq!(committed.changes, changes);
                        next.audit += 1;
                        model = next;
                    }
                    (Err(CommitError::Stale(_) | CommitError::IdentityTaken(_)), None) => {}
                    (found, wanted) => prop_assert!(false, "{found:?}, the model says {wanted:?}"),
                }
            }
            Step::Lease { now, length, max } => {
                let leased = store.lease("w", at(now), at(now + length), max).await.unwrap();
                let due = model.queue().into_iter().filter(|(at, _)| *at <= now).map(|(_, id)| id);
                let wanted: Vec<u8> = due.take(max).collect();
                let ids: Vec<String> = leased.iter().map(|delivery| delivery.id.clone()).collect();
                prop_assert_eq!(ids, wanted.iter().map(|id| format!("d{id}")).collect::<Vec<_>>());
                for (row, delivery) in wanted.iter().zip(leased) {
                    let row = model.deliveries.iter_mut().find(|known| known.id == *row).unwrap();
                    row.leased_until = Some(now + length);
                    row.revision += 1;
                    prop_assert_eq!(delivery.revision, row.revision);
                }
            }
            Step::End { id, stale } => {
                let Some(mut ended) = store.delivery(&format!("d{id}")).await.unwrap() else { continue };
                let row = model.deliveries.iter_mut().find(|known| known.id == id).unwrap();
                prop_assert_eq!(ended.revision, row.revision);
                ended.state = DeliveryState::Parked { at: at(0), reason: "test".into() };
                ended.lease = None;
                let expect = row.revision + u64::from(stale);
                let result = store.commit(queue(0, vec![(ended, Some(expect))])).await;
                prop_assert_eq!(result.is_err(), stale);
                if !stale {
                    (row.waits, row.leased_until) = (false, None);
                    row.revision += 1;
                    model.audit += 1;
                }
            }
            Step::Reopen => {
                drop(store);
                store = fixture.open();
                // Whoever opens it is alone with it: what was leased is free again.
                model.deliveries.iter_mut().for_each(|row| row.leased_until = None);
            }
        }
        prop_assert_eq!(store.next_due().await.unwrap(), model.queue().first().map(|(due, _)| at(*due)));
    }
    compare(&store, &model).await?;
    drop(store);
    compare(&fixture.open(), &model).await
}

async fn compare(store: &impl Store, model: &Model) -> Result<(), TestCaseError> {
    for n in 0..5 {
        let history = store.history(&key(&resource(n))).await.unwrap();
        let found: Vec<String> = history.iter().rev().map(|version| content(&version.body).to_owned()).collect();
        let versions = model.resources.get(&n).cloned().unwrap_or_default();
        prop_assert_eq!(found, versions.iter().map(|(_, content)| text(*content)).collect::<Vec<_>>());
    }
    for filed in 0..3 {
        let found = match patient(filed) {
            Some(patient) => store.compartment(&patient, None).await.unwrap(),
            None => store.unfiled("Goal").await.unwrap(),
        };
        let found: Vec<String> = found.iter().map(|version| version.key.to_string()).collect();
        let lies_here = |versions: &Vec<(u8, u8)>| versions.last().is_some_and(|(at, _)| *at == filed);
        let wanted = model.resources.iter().filter(|(_, versions)| lies_here(versions));
        prop_assert_eq!(found, wanted.map(|(n, _)| resource(*n)).collect::<Vec<_>>());
    }
    for identity in 0..4 {
        let named = store.find(&bsn(&identity.to_string())).await.unwrap();
        prop_assert_eq!(named, model.identities.get(&identity).map(|n| key(&resource(*n))));
    }
    let of_patient = store.deliveries_of("p1").await.unwrap();
    let found: Vec<_> =
        of_patient.iter().map(|d| (d.id.clone(), d.revision, d.state == DeliveryState::Waiting)).collect();
    let wanted: Vec<_> = model.deliveries.iter().map(|row| (format!("d{}", row.id), row.revision, row.waits)).collect();
    prop_assert_eq!(found, wanted);
    prop_assert_eq!(store.verify_audit().await.unwrap(), AuditVerdict::Whole { entries: model.audit });
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_history_answers_as_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.block_on(check(steps))?;
    }
}
