//! One commit against the view of its group: every precondition first met, then its writes; or an error and a rollback.

use jiff::Timestamp;
use serde_json::Value;

use super::audit::{AuditKey, Head};
use super::view::{Read, View};
use super::{audit, content, deliveries, keys, record};
use crate::fhir::{Identity, ResourceKey};
use crate::store::{Change, Commit, CommitError, Committed, DeliveryPut, DocumentRecord, Expect, StoreError};

/// A commit with everything that can be done before it is its turn: stripped, hashed and serialised.
pub struct Prepared {
    at: Timestamp,
    claims: Vec<(Identity, ResourceKey)>,
    puts: Vec<PreparedPut>,
    document: Option<PreparedDocument>,
    deliveries: Vec<DeliveryPut>,
    audit: Vec<(Option<String>, Vec<u8>)>,
    /// About how many bytes it will write.
    pub size: usize,
}

struct PreparedPut {
    key: ResourceKey,
    patient: Option<String>,
    json: Vec<u8>,
    digest: [u8; 32],
    expect: Expect,
}

struct PreparedDocument {
    record: DocumentRecord,
    json: Vec<u8>,
    expect: Option<u64>,
}

impl Prepared {
    pub fn new(commit: Commit) -> Result<Self, StoreError> {
        let mut size = 0;
        let mut sized = |value: &Value| -> Result<Vec<u8>, StoreError> {
            let json = content::json(value)?;
            size += json.len();
            Ok(json)
        };
        let mut puts = Vec::with_capacity(commit.puts.len());
        for mut put in commit.puts {
            content::strip(&mut put.body);
            puts.push(PreparedPut {
                json: sized(&put.body)?,
                digest: content::digest(&put.body),
                key: put.key,
                patient: put.patient,
                expect: put.expect,
            });
        }
        let document = match commit.document {
            Some(document) => {
                let value = serde_json::to_value(&document.record).map_err(|e| StoreError::Io(e.to_string()))?;
                Some(PreparedDocument { json: sized(&value)?, record: document.record, expect: document.expect })
            }
            None => None,
        };
        let mut audit = Vec::with_capacity(commit.audit.len());
        for put in commit.audit {
            audit.push((put.patient, sized(&put.event)?));
        }
        for put in &commit.deliveries {
            content::check_depth(&put.delivery.bundle)?;
        }
        Ok(Prepared {
            at: commit.at,
            claims: commit.claims,
            puts,
            document,
            deliveries: commit.deliveries,
            audit,
            size,
        })
    }
}

/// What is known of a resource without reading its content.
pub struct Pointer {
    pub version: u64,
    digest: [u8; 32],
    pub patient: Option<String>,
}

impl Pointer {
    pub fn read(from: &impl Read, key: &ResourceKey) -> Result<Option<Self>, StoreError> {
        let Some(bytes) = record::read(from, &keys::pointer(key))? else { return Ok(None) };
        let damaged = || StoreError::Corrupt(format!("the pointer to a {} cannot be read", key.resource_type));
        let (version, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (digest, rest) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
        let (&filed, patient) = rest.split_first().ok_or_else(damaged)?;
        let patient = String::from_utf8(patient.to_vec()).map_err(|_| damaged())?;
        Ok(Some(Pointer {
            version: u64::from_be_bytes(*version),
            digest: *digest,
            patient: (filed == 1).then_some(patient),
        }))
    }

    fn write(&self, view: &mut View<'_>, key: &ResourceKey) -> Result<(), StoreError> {
        let filed = [u8::from(self.patient.is_some())];
        let patient = self.patient.as_deref().unwrap_or("").as_bytes();
        record::write(
            view,
            &keys::pointer(key),
            &[&self.version.to_be_bytes()[..], &self.digest[..], &filed[..], patient].concat(),
        )
    }
}

/// Writes a commit into the view, or says why not; the caller then rolls back.
pub fn apply(view: &mut View<'_>, head: &mut Head, key: &AuditKey, commit: Prepared) -> Result<Committed, CommitError> {
    for (identity, resource) in commit.claims {
        claim(view, identity, &resource)?;
    }
    let mut changes = Vec::with_capacity(commit.puts.len());
    for put in commit.puts {
        changes.push(write(view, commit.at, put)?);
    }
    if let Some(document) = commit.document {
        write_document(view, document)?;
    }
    for put in commit.deliveries {
        deliveries::put(view, head, put.delivery, put.expect)?;
    }
    for (patient, event) in &commit.audit {
        audit::append(view, head, key, patient.as_deref(), event)?;
    }
    Ok(Committed { changes })
}

fn claim(view: &mut View<'_>, identity: Identity, resource: &ResourceKey) -> Result<(), CommitError> {
    let at = keys::identity(&identity);
    match named(view, &identity)? {
        Some(named) if named != *resource => Err(CommitError::IdentityTaken(identity)),
        Some(_) => Ok(()),
        None => Ok(record::write(view, &at, resource.to_string().as_bytes())?),
    }
}

/// The resource that a business identifier names.
pub fn named(from: &impl Read, identity: &Identity) -> Result<Option<ResourceKey>, StoreError> {
    let Some(bytes) = record::read(from, &keys::identity(identity))? else { return Ok(None) };
    std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.split_once('/'))
        .map(|(resource_type, id)| Some(ResourceKey::new(resource_type, id)))
        .ok_or_else(|| StoreError::Corrupt("the entry of an identifier cannot be read".into()))
}

fn write(view: &mut View<'_>, at: Timestamp, put: PreparedPut) -> Result<(ResourceKey, Change, u64), CommitError> {
    let stored = Pointer::read(view, &put.key)?;
    let version = stored.as_ref().map(|pointer| pointer.version);
    let holds = match put.expect {
        Expect::Anything => true,
        Expect::Absent => version.is_none(),
        Expect::Version(expected) => version == Some(expected),
    };
    if !holds {
        return Err(CommitError::Stale(put.key.to_string()));
    }
    if let Some(pointer) = &stored {
        if pointer.digest == put.digest && pointer.patient == put.patient {
            return Ok((put.key, Change::Unchanged, pointer.version));
        }
        let place = keys::current(pointer.patient.as_deref(), &put.key);
        let bytes = record::read(view, &place)?
            .ok_or_else(|| StoreError::Corrupt(format!("a {} has no current version", put.key.resource_type)))?;
        record::write(view, &keys::replaced(&put.key, pointer.version), &bytes)?;
        if pointer.patient != put.patient {
            record::remove(view, &place)?;
        }
    }
    let version = version.unwrap_or(0) + 1;
    record::write(view, &keys::current(put.patient.as_deref(), &put.key), &content::encode(version, at, &put.json))?;
    Pointer { version, digest: put.digest, patient: put.patient }.write(view, &put.key)?;
    let change = if stored.is_some() { Change::Updated } else { Change::Created };
    Ok((put.key, change, version))
}

fn write_document(view: &mut View<'_>, document: PreparedDocument) -> Result<(), CommitError> {
    let at = keys::document(&document.record.id);
    let stored = record::read(view, &at)?;
    let version = stored.as_deref().map(read_document).transpose()?.map(|record| record.version);
    if version != document.expect {
        return Err(CommitError::Stale(format!("document {}", document.record.id)));
    }
    if let (Some(bytes), Some(version)) = (stored, version) {
        record::write(view, &keys::document_replaced(&document.record.id, version), &bytes)?;
    }
    Ok(record::write(view, &at, &document.json)?)
}

pub fn read_document(bytes: &[u8]) -> Result<DocumentRecord, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Corrupt("an accepted document cannot be read".into()))
}
