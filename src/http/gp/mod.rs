//! A receiving GP system for the demo and the tests: stores every Bundle it acknowledges, and can be told to fail.
//!
//! It is the oracle of the delivery tests: a process of its own, with a store of its own, that answers a conditional
//! create as FHIR says. Only loopback, and no patient data in its log.

mod fault;
mod routes;
mod shelf;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};

pub use fault::Fault;
use fault::{Faults, Wire};
use shelf::Shelf;

/// How the system behaves.
#[derive(Clone, Debug)]
pub struct GpOptions {
    /// Loopback only; port 0 takes a free one.
    pub listen: SocketAddr,
    pub data: PathBuf,
    /// The first so many creates fail in this way.
    pub fail: u32,
    pub fault: Fault,
    /// Before every answer to a create.
    pub delay: Duration,
    /// Every create is refused with 422.
    pub refuse: bool,
    /// `If-None-Exist` is ignored, as bad receivers do.
    pub no_dedup: bool,
}

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum GpError {
    #[error("the GP system is for tests and listens on loopback alone, not on {0}")]
    NotLoopback(SocketAddr),
    #[error("{what}: {error}")]
    Io { what: String, error: std::io::Error },
}

struct Gp {
    shelf: Shelf,
    faults: Faults,
    options: GpOptions,
}

/// Serves until the process is told to end (SIGINT, SIGTERM). `listening` is told the address that was bound.
pub fn serve(options: GpOptions, listening: impl FnOnce(SocketAddr)) -> Result<(), GpError> {
    actix_web::rt::System::new().block_on(async {
        let (address, server) = start(options)?;
        listening(address);
        server.await.map_err(|error| GpError::Io { what: "the server".into(), error })
    })
}

/// Binds and prepares; the server runs when awaited. The address is the one that was bound.
fn start(options: GpOptions) -> Result<(SocketAddr, Server), GpError> {
    if !options.listen.ip().is_loopback() {
        return Err(GpError::NotLoopback(options.listen));
    }
    let io = |what: String| move |error| GpError::Io { what, error };
    let shelf = Shelf::open(&options.data).map_err(io(options.data.display().to_string()))?;
    let listen = options.listen;
    let gp = Arc::new(Gp { shelf, faults: Faults::new(options.fail), options });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&gp)))
            .app_data(web::PayloadConfig::new(64 << 20))
            .configure(routes::configure)
    })
    .on_connect(Wire::keep)
    .workers(2)
    .shutdown_timeout(2)
    .bind(listen)
    .map_err(io(listen.to_string()))?;
    let bound = server.addrs().first().copied().unwrap_or(listen);
    Ok((bound, server.run()))
}
