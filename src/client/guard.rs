//! Looking up host names, leaving out the addresses at which no receiver can be.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_forbidden;

/// The system's resolver behind the rules of [`super::Addresses`]: a name that points to a metadata service is a name
/// that is not found. The connection is made to what was checked, so that a second look-up cannot change it.
pub(super) struct GuardedResolver;

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| may_connect(&host, address)).collect();
            if allowed.is_empty() {
                return Err(Box::from("no address that may be connected to"));
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Plain http is allowed to `localhost`: so that name must mean this machine.
fn may_connect(host: &str, address: &SocketAddr) -> bool {
    !is_forbidden(address.ip()) && (host != "localhost" || address.ip().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_where_an_address_may_not() {
        let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
        assert!(!may_connect("gp.example", &address("169.254.169.254:443")));
        assert!(!may_connect("localhost", &address("10.0.0.5:80")));
        assert!(may_connect("localhost", &address("127.0.0.1:80")));
        assert!(may_connect("gp.example", &address("10.0.0.5:443")));
    }
}
