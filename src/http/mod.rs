//! Translation between HTTP and calls, and the only place with status codes ([`error`]).
//!
//! [`routes`] is the table of everything that is served; a route is a file. Every access of a record goes through
//! [`call::Call::answer`], which admits the caller, runs the work, and makes the audit record durable before the answer
//! leaves.

mod answer;
mod around;
mod body;
mod call;
mod capability;
mod door;
mod error;
mod forms;
pub mod gp;
mod language;
mod privacy;
mod reply;
mod representation;
mod routes;
mod server;
mod stu3;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::access::Access;
use crate::consent::ConsentSource;
use crate::handover::{Author, Directory};
use crate::intake::{Check, Intake};
use crate::search::{Pages, ValueSets};
use crate::store::Store;

pub use forms::Forms;
pub use routes::{TABLE, served};
pub use server::{Running, start};

/// Everything that a route needs, clock and chance too.
pub struct Service {
    pub store: Arc<dyn Store>,
    pub intake: Intake,
    pub access: Access,
    pub check: Arc<dyn Check>,
    pub forms: Forms,
    /// Codes of the value sets that a search names with `:in`.
    pub value_sets: Arc<dyn ValueSets + Send + Sync>,
    /// The rest of searches that were answered in part.
    pub pages: Pages,
    pub directory: Arc<dyn Directory>,
    pub consent: Arc<dyn ConsentSource>,
    /// The organisation that hands over.
    pub author: Author,
    /// Notified when a delivery was queued.
    pub wake: Arc<Notify>,
    pub clock: fn() -> Timestamp,
    /// A source of random ids.
    pub id: fn() -> Uuid,
    /// Largest body that is read, in bytes.
    pub max_body: usize,
}
