//! Deliveries: a small record each, the bundle apart, an index per patient, and a queue of what is due.
//!
//! A lane is what has one patient and one receiver. The queue holds only the first of each lane that waits, under the
//! instant from which it may be taken: when it is due, or when its lease ends. So a delivery that ended in any way makes
//! room for its successor, and one that waits holds it back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audit::Head;
use super::view::{Read, View};
use super::{content, keys, record};
use crate::store::{CommitError, Delivery, DeliveryState, Lease, StoreError};

/// What lies under a delivery's key. `delivery.bundle` is null: the bundle does not change and has its own record.
#[derive(Serialize, Deserialize)]
struct Row {
    /// Position among all deliveries, in order of their commits.
    order: u64,
    bundle_digest: String,
    delivery: Delivery,
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("a delivery cannot be read".into())
}

fn row(from: &impl Read, id: &str) -> Result<Option<Row>, StoreError> {
    let Some(bytes) = record::read(from, &keys::delivery(id))? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|_| unreadable())
}

fn with_bundle(from: &impl Read, row: Row) -> Result<Delivery, StoreError> {
    let bytes = record::read(from, &keys::delivery_bundle(&row.delivery.id))?.ok_or_else(unreadable)?;
    let bundle: Value = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
    Ok(Delivery { bundle, ..row.delivery })
}

pub fn read(from: &impl Read, id: &str) -> Result<Option<Delivery>, StoreError> {
    row(from, id)?.map(|row| with_bundle(from, row)).transpose()
}

/// Oldest first.
pub fn of_patient(from: &impl Read, patient: &str) -> Result<Vec<Delivery>, StoreError> {
    let prefix = keys::deliveries_of(patient);
    let places: Vec<Place> = places(from, &prefix).collect::<Result<_, _>>()?;
    places.into_iter().map(|place| read(from, &place.id)?.ok_or_else(unreadable)).collect()
}

/// A delivery's place in the index of its patient.
struct Place {
    waits: bool,
    lane: String,
    id: String,
}

fn places<'a>(from: &'a impl Read, prefix: &'a [u8]) -> impl Iterator<Item = Result<Place, StoreError>> + 'a {
    record::scan(from.scan(prefix, prefix)).map(|found| {
        let (_, bytes) = found?;
        let (&waits, rest) = bytes.split_first().ok_or_else(unreadable)?;
        let (lane, id) = std::str::from_utf8(rest).ok().and_then(|t| t.split_once('\0')).ok_or_else(unreadable)?;
        Ok(Place { waits: waits == 1, lane: lane.to_owned(), id: id.to_owned() })
    })
}

fn lane(delivery: &Delivery) -> String {
    format!("{}|{}", delivery.receiver.system, delivery.receiver.value).replace('\0', " ")
}

fn available(delivery: &Delivery) -> Timestamp {
    delivery.lease.as_ref().map_or(delivery.due, |lease| lease.until.max(delivery.due))
}

/// The first of a lane that waits.
fn first(from: &impl Read, patient: &str, lane: &str) -> Result<Option<Delivery>, StoreError> {
    let prefix = keys::deliveries_of(patient);
    let mut waiting =
        places(from, &prefix).filter(|place| place.as_ref().map_or(true, |place| place.waits && place.lane == lane));
    let Some(place) = waiting.next().transpose()? else { return Ok(None) };
    drop(waiting);
    Ok(Some(row(from, &place.id)?.ok_or_else(unreadable)?.delivery))
}

fn leave_queue(view: &mut View<'_>, patient: &str, lane: &str) -> Result<(), StoreError> {
    if let Some(head) = first(view, patient, lane)? {
        view.remove(keys::due(available(&head), &head.id));
    }
    Ok(())
}

fn join_queue(view: &mut View<'_>, patient: &str, lane: &str) -> Result<(), StoreError> {
    if let Some(head) = first(view, patient, lane)? {
        view.put(keys::due(available(&head), &head.id), Vec::new());
    }
    Ok(())
}

/// Writes a new delivery or a new state of one.
pub fn put(
    view: &mut View<'_>,
    head: &mut Head,
    mut delivery: Delivery,
    expect: Option<u64>,
) -> Result<(), CommitError> {
    let stored = row(view, &delivery.id)?;
    if stored.as_ref().map(|row| row.delivery.revision) != expect {
        return Err(CommitError::Stale(format!("Delivery {}", delivery.id)));
    }
    delivery.revision = expect.unwrap_or(0) + 1;

    let bundle = std::mem::take(&mut delivery.bundle);
    let bundle_digest = super::audit::hex(&content::digest(&bundle));
    if stored.as_ref().is_none_or(|row| row.bundle_digest != bundle_digest) {
        record::write(view, &keys::delivery_bundle(&delivery.id), &content::json(&bundle)?)?;
    }

    let order = stored.as_ref().map_or_else(
        || {
            head.deliveries += 1;
            head.deliveries
        },
        |row| row.order,
    );
    if let Some(Row { delivery: former, .. }) = &stored {
        leave_queue(view, &former.patient, &lane(former))?;
        remove_place(view, former, order)?;
        join_queue(view, &former.patient, &lane(former))?;
    }
    let (patient, lane) = (delivery.patient.clone(), lane(&delivery));
    leave_queue(view, &patient, &lane)?;
    write_row(view, Row { order, bundle_digest, delivery })?;
    join_queue(view, &patient, &lane)?;
    Ok(())
}

fn remove_place(view: &mut View<'_>, delivery: &Delivery, order: u64) -> Result<(), StoreError> {
    record::remove(view, &keys::delivery_of(&delivery.patient, order))
}

fn write_row(view: &mut View<'_>, row: Row) -> Result<(), StoreError> {
    let delivery = &row.delivery;
    let mut place = vec![u8::from(delivery.state == DeliveryState::Waiting)];
    place.extend_from_slice(lane(delivery).as_bytes());
    place.push(0);
    place.extend_from_slice(delivery.id.as_bytes());
    record::write(view, &keys::delivery_of(&delivery.patient, row.order), &place)?;
    let bytes = serde_json::to_vec(&row).map_err(|error| StoreError::Io(error.to_string()))?;
    record::write(view, &keys::delivery(&delivery.id), &bytes)
}

/// Leases up to `max` of what may be taken at `now`.
pub fn lease(
    view: &mut View<'_>,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
    max: usize,
) -> Result<Vec<Delivery>, StoreError> {
    let mut taken = Vec::new();
    for entry in view.scan(keys::QUEUE, keys::QUEUE) {
        let (key, _) = entry?;
        let (at, id) = keys::read_due(&key).ok_or_else(unreadable)?;
        if at > now || taken.len() == max {
            break;
        }
        taken.push((key, id));
    }
    let mut leased = Vec::with_capacity(taken.len());
    for (key, id) in taken {
        let mut row = row(view, &id)?.ok_or_else(unreadable)?;
        row.delivery.lease = Some(Lease { worker: worker.to_owned(), until });
        row.delivery.revision += 1;
        view.remove(key);
        view.put(keys::due(available(&row.delivery), &id), Vec::new());
        let delivery = row.delivery.clone();
        let (order, bundle_digest) = (row.order, row.bundle_digest.clone());
        write_row(view, row)?;
        leased.push(with_bundle(view, Row { order, bundle_digest, delivery })?);
    }
    Ok(leased)
}

/// Gives back what a process that is gone had leased: whoever opens the store is alone with it.
pub fn void_leases(view: &mut View<'_>) -> Result<(), StoreError> {
    let queued: Vec<_> = view.scan(keys::QUEUE, keys::QUEUE).collect::<Result<_, _>>()?;
    for (key, _) in queued {
        let (_, id) = keys::read_due(&key).ok_or_else(unreadable)?;
        let mut row = row(view, &id)?.ok_or_else(unreadable)?;
        if row.delivery.lease.take().is_some() {
            view.remove(key);
            view.put(keys::due(available(&row.delivery), &id), Vec::new());
            write_row(view, row)?;
        }
    }
    Ok(())
}

/// The instant from which the next delivery may be taken.
pub fn next_due(from: &impl Read) -> Result<Option<Timestamp>, StoreError> {
    let Some(entry) = from.scan(keys::QUEUE, keys::QUEUE).next() else { return Ok(None) };
    Ok(Some(keys::read_due(&entry?.0).ok_or_else(unreadable)?.0))
}
