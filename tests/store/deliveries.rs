//! The outbox: order, leases and revisions.

use overdracht::store::{CommitError, Delivery, DeliveryState, Store};
use serde_json::json;

use crate::for_every_store;
use crate::support::*;

for_every_store! {
    a_delivery_is_leased_when_it_is_due,
    a_lease_that_ended_is_given_to_another,
    one_patient_and_receiver_is_served_in_order,
    whatever_ends_makes_room_for_its_successor,
    a_stale_worker_is_refused,
    a_lease_takes_no_more_than_asked,
    two_workers_never_hold_the_same,
    deliveries_of_a_patient_come_oldest_first,
}

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.id.as_str()).collect()
}

async fn a_delivery_is_leased_when_it_is_due<F: Fixture>(fixture: F) {
    let store = fixture.open();
    store.commit(queue(0, vec![(delivery("a", "p1", "1", 10), None)])).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(10)));
    assert!(store.lease("w", at(9), at(60), 9).await.unwrap().is_empty());

    let leased = store.lease("w", at(10), at(60), 9).await.unwrap();
    assert_eq!(ids(&leased), ["a"]);
    assert_eq!(leased[0].bundle, json!({ "resourceType": "Bundle", "id": "a" }));
    assert_eq!(leased[0].revision, 2);
    assert_eq!(store.delivery("a").await.unwrap().as_ref(), Some(&leased[0]));
    assert!(store.lease("v", at(10), at(60), 9).await.unwrap().is_empty());
    assert_eq!(store.next_due().await.unwrap(), Some(at(60)));
}

async fn a_lease_that_ended_is_given_to_another<F: Fixture>(fixture: F) {
    let store = fixture.open();
    store.commit(queue(0, vec![(delivery("a", "p1", "1", 0), None)])).await.unwrap();
    store.lease("w", at(0), at(60), 9).await.unwrap();
    assert!(store.lease("v", at(59), at(99), 9).await.unwrap().is_empty());
    let taken = store.lease("v", at(60), at(99), 9).await.unwrap();
    assert_eq!(taken[0].lease.as_ref().unwrap().worker, "v");
}

async fn one_patient_and_receiver_is_served_in_order<F: Fixture>(fixture: F) {
    let store = fixture.open();
    // The second is due before the first; another receiver and another patient do not wait for either.
    let all = vec![
        (delivery("first", "p1", "1", 20), None),
        (delivery("second", "p1", "1", 5), None),
        (delivery("other-receiver", "p1", "2", 6), None),
        (delivery("other-patient", "p2", "1", 7), None),
    ];
    store.commit(queue(0, all)).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(6)));
    assert_eq!(ids(&store.lease("w", at(10), at(60), 9).await.unwrap()), ["other-receiver", "other-patient"]);
    assert_eq!(ids(&store.lease("w", at(20), at(60), 9).await.unwrap()), ["first"]);
    assert!(store.lease("w", at(21), at(60), 9).await.unwrap().is_empty());
}

async fn whatever_ends_makes_room_for_its_successor<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let names = ["a", "b", "c", "d", "e"];
    store.commit(queue(0, names.map(|name| (delivery(name, "p1", "1", 0), None)).to_vec())).await.unwrap();
    let ends = [
        DeliveryState::Parked { at: at(1), reason: "refused".into() },
        DeliveryState::Delivered { at: at(1), location: None },
        DeliveryState::Superseded { at: at(1), by: "e".into() },
        DeliveryState::Cancelled { at: at(1), reason: "consent".into() },
    ];
    for (name, end) in names.iter().zip(ends) {
        let mut leased = store.lease("w", at(1), at(60), 9).await.unwrap();
        assert_eq!(ids(&leased), [*name]);
        let mut delivery = leased.remove(0);
        let revision = delivery.revision;
        delivery.state = end.clone();
        delivery.lease = None;
        store.commit(queue(1, vec![(delivery, Some(revision))])).await.unwrap();
        assert_eq!(store.delivery(name).await.unwrap().unwrap().state, end);
    }
    assert_eq!(ids(&store.lease("w", at(1), at(60), 9).await.unwrap()), ["e"]);

    // One that a person puts back goes first again.
    let mut parked = store.delivery("a").await.unwrap().unwrap();
    parked.state = DeliveryState::Waiting;
    let revision = parked.revision;
    store.commit(queue(2, vec![(parked, Some(revision))])).await.unwrap();
    assert_eq!(ids(&store.lease("w", at(70), at(90), 9).await.unwrap()), ["a"]);
}

async fn a_stale_worker_is_refused<F: Fixture>(fixture: F) {
    let store = fixture.open();
    store.commit(queue(0, vec![(delivery("a", "p1", "1", 0), None)])).await.unwrap();
    let early = store.lease("w", at(0), at(10), 1).await.unwrap().remove(0);
    let late = store.lease("v", at(10), at(20), 1).await.unwrap().remove(0);
    let done = |delivery: &Delivery| {
        let state = DeliveryState::Delivered { at: at(11), location: None };
        queue(11, vec![(Delivery { state, lease: None, ..delivery.clone() }, Some(delivery.revision))])
    };
    assert!(matches!(store.commit(done(&early)).await, Err(CommitError::Stale(_))));
    store.commit(done(&late)).await.unwrap();
    assert!(matches!(store.commit(done(&late)).await, Err(CommitError::Stale(_))));
    assert!(matches!(
        store.commit(queue(12, vec![(delivery("a", "p1", "1", 0), None)])).await,
        Err(CommitError::Stale(_))
    ));
    assert_eq!(store.next_due().await.unwrap(), None);
}

async fn a_lease_takes_no_more_than_asked<F: Fixture>(fixture: F) {
    let store = fixture.open();
    let many = (0..5).map(|n| (delivery(&format!("d{n}"), &format!("p{n}"), "1", n), None)).collect();
    store.commit(queue(0, many)).await.unwrap();
    assert_eq!(ids(&store.lease("w", at(9), at(60), 2).await.unwrap()), ["d0", "d1"]);
    assert_eq!(ids(&store.lease("w", at(9), at(60), 2).await.unwrap()), ["d2", "d3"]);
    assert_eq!(ids(&store.lease("w", at(9), at(60), 2).await.unwrap()), ["d4"]);
}

async fn two_workers_never_hold_the_same<F: Fixture>(fixture: F) {
    let store = std::sync::Arc::new(fixture.open());
    let many = (0..60).map(|n| (delivery(&format!("d{n}"), &format!("p{n}"), "1", 0), None)).collect();
    store.commit(queue(0, many)).await.unwrap();
    let workers: Vec<_> = (0..6)
        .map(|worker| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let leased = store.lease(&worker.to_string(), at(0), at(60), 3).await.unwrap();
                    if leased.is_empty() {
                        return mine;
                    }
                    mine.extend(leased.into_iter().map(|delivery| delivery.id));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (60, 60));
}

async fn deliveries_of_a_patient_come_oldest_first<F: Fixture>(fixture: F) {
    let store = fixture.open();
    for name in ["z", "a", "m"] {
        store
            .commit(queue(
                0,
                vec![(delivery(name, "p1", "1", 0), None), (delivery(&format!("{name}-other"), "p2", "1", 0), None)],
            ))
            .await
            .unwrap();
    }
    assert_eq!(ids(&store.deliveries_of("p1").await.unwrap()), ["z", "a", "m"]);
    assert!(store.deliveries_of("nobody").await.unwrap().is_empty());
}

/// sled has one process at a time; a store that several share waits for the end of the lease instead.
#[tokio::test]
async fn what_a_former_process_leased_is_free_when_the_store_opens_again() {
    let fixture = Sled::new();
    let store = fixture.open();
    store.commit(queue(0, vec![(delivery("a", "p1", "1", 10), None)])).await.unwrap();
    store.lease("w", at(10), at(60), 9).await.unwrap();
    drop(store);

    let store = fixture.open();
    assert_eq!(store.next_due().await.unwrap(), Some(at(10)));
    assert_eq!(ids(&store.lease("v", at(10), at(60), 9).await.unwrap()), ["a"]);
}
