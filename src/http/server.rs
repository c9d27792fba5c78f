//! The listening side.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use tokio::task::JoinHandle;

use super::around::around;
use super::{Service, routes};

/// A server that answers. Dropping it leaves it running; [`Running::stop`] ends it.
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

/// Starts to answer on this listener, within the runtime of the caller.
pub fn start(listener: TcpListener, service: Arc<Service>, patience: Duration) -> io::Result<Running> {
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        App::new().app_data(web::Data::from(Arc::clone(&service))).configure(routes::configure).wrap(from_fn(around))
    })
    .client_request_timeout(Duration::from_secs(10))
    .shutdown_timeout(patience.as_secs())
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Running { address, handle: server.handle(), task: tokio::spawn(server) })
}

impl Running {
    /// The address that was bound.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, lets requests that are being answered finish, and returns when they have.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        let _ = self.task.await;
    }
}
