//! Wiring: opens what the service stands on, plugs the rooms into each other, and ends them in order.

mod checker;
mod terms;
mod value_sets;

use std::io;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::access::Access;
use crate::client::{Client, ClientError, ClientOptions};
use crate::config::Settings;
use crate::consent::{NoOtherSource, StoreGate};
use crate::fhir::definitions::{Definitions, DefinitionsError};
use crate::fhir::package::Library;
use crate::fhir::xml;
use crate::http::{self, Forms, Service};
use crate::intake::{Check, Intake};
use crate::outbox::{Worker, WorkerOptions};
use crate::search::{Pages, ValueSets};
use crate::store::sled as embedded;
use crate::store::{Store, StoreError};
pub use checker::Checker;
pub use terms::code_server;
use value_sets::Listed;

/// How long requests and attempts may take to end.
const PATIENCE: Duration = Duration::from_secs(15);
/// Searches whose further pages are kept.
const PAGES: usize = 1000;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Definitions(#[from] DefinitionsError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{address} cannot be listened on: {error}")]
    Listen { address: SocketAddr, error: io::Error },
}

/// A service that answers and delivers.
pub struct App {
    server: http::Running,
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
    store: Arc<dyn Store>,
}

impl App {
    /// Opens the store and the definitions, starts the outbox, and answers. Returns when requests are taken.
    pub async fn start(settings: Settings) -> Result<App, StartError> {
        let listener = listen(settings.listen)?;
        let definitions = Arc::new(Definitions::builder().library(Library::new(&settings.packages)).open()?);
        for issue in definitions.issues() {
            tracing::warn!(id = issue.id, "{}", issue.text);
        }
        let options = embedded::SledOptions::new(embedded::AuditKey::new(settings.audit_key.bytes().to_vec())?);
        let store: Arc<dyn Store> = Arc::new(embedded::SledStore::open(&settings.store(), options)?);
        Self::with(settings, listener, definitions, store)
    }

    fn with(
        settings: Settings,
        listener: TcpListener,
        definitions: Arc<Definitions>,
        store: Arc<dyn Store>,
    ) -> Result<App, StartError> {
        let wake = Arc::new(Notify::new());
        let mut checker = Checker::new(Arc::clone(&definitions));
        if let Some(base) = &settings.terminology {
            checker = checker.asking(code_server(base)?);
        }
        let check: Arc<dyn Check> = Arc::new(checker);
        let value_sets: Arc<dyn ValueSets + Send + Sync> = Arc::new(Listed(Arc::clone(&definitions)));
        let service = Service {
            intake: Intake::new(Arc::clone(&store), Arc::clone(&check)).run_by(&settings.organization.reference()),
            access: Access::new(Arc::clone(&store)),
            store: Arc::clone(&store),
            check,
            forms: Forms::new(Arc::new(xml::Defined::new(Arc::clone(&definitions)))),
            value_sets,
            pages: Pages::new(PAGES),
            directory: Arc::new(settings.directory),
            consent: Arc::new(NoOtherSource),
            author: settings.organization,
            wake: Arc::clone(&wake),
            clock: Timestamp::now,
            id: Uuid::new_v4,
            max_body: settings.max_body,
        };
        let worker = Worker {
            store: Arc::clone(&store),
            sender: Arc::new(Client::new(ClientOptions::default())?),
            gate: Arc::new(StoreGate { store: Arc::clone(&store), source: Arc::new(NoOtherSource) }),
            // A name of this run: what a run that was killed had leased is taken again when its lease ends.
            options: WorkerOptions { name: format!("outbox-{}", Uuid::new_v4().simple()), ..WorkerOptions::default() },
            clock: Timestamp::now,
            chance: rand::random,
            request_id: Uuid::new_v4,
            wake,
        };
        let server = http::start(listener, Arc::new(service), PATIENCE)
            .map_err(|error| StartError::Listen { address: settings.listen, error })?;
        let (stop, stopping) = watch::channel(false);
        let worker = tokio::spawn(async move { worker.run(stopping).await });
        Ok(App { server, stop, worker, store })
    }

    /// Where the service answers: the port that was bound.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The store, for a test that looks behind the answers.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Takes no more requests and finishes those that came in; finishes and records attempts to deliver; then gives
    /// the store back. What still waits is delivered after the next start.
    pub async fn stop(self) {
        self.server.stop().await;
        // The worker is gone already where nobody listens.
        let _ = self.stop.send(true);
        if tokio::time::timeout(PATIENCE, self.worker).await.is_err() {
            tracing::warn!("an attempt to deliver did not end in time: it is made again after the next start");
        }
        drop(self.store);
        tracing::info!("stopped");
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|error| StartError::Listen { address, error })
}
