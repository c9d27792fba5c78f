//! The ways in which a receiver fails.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream as Connection;

/// How a create fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// 503, nothing stored.
    #[default]
    Unavailable,
    /// Stored, and the connection broken before the answer: the lost acknowledgement.
    LostAcknowledgement,
}

/// Counts down the creates that are still to fail.
pub(super) struct Faults(AtomicU32);

impl Faults {
    pub(super) fn new(count: u32) -> Self {
        Faults(AtomicU32::new(count))
    }

    /// True where this create is to fail; each true uses one up.
    pub(super) fn strike(&self) -> bool {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok()
    }
}

/// The connection of a request, to be cut before it is answered.
pub(super) struct Wire(TcpStream);

impl Wire {
    /// Remembers a connection at its start.
    pub(super) fn keep(connection: &dyn Any, data: &mut Extensions) {
        let connection = connection.downcast_ref::<Connection>();
        if let Some(Ok(handle)) = connection.map(|it| it.as_fd().try_clone_to_owned()) {
            data.insert(Wire(TcpStream::from(handle)));
        }
    }

    pub(super) fn cut(&self) {
        // A connection that is gone already is cut too.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_so_many_fail() {
        let faults = Faults::new(2);
        assert_eq!([(); 4].map(|()| faults.strike()), [true, true, false, false]);
    }
}
