//! Why a client could not be made.

use super::AddressError;

/// Says what to mend in the settings.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("a certificate of an extra certificate authority could not be read as PEM")]
    Certificate,
    #[error("the TLS library could not be set up")]
    Setup,
    #[error("this address is refused: {0}")]
    Address(#[from] AddressError),
}
