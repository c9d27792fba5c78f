//! Where the client may go: only HTTP(S), plain HTTP only to this machine (or a host that is named), and never to an
//! address that serves a cloud machine's own secrets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The FHIR base URL of a receiver, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Why a URL is refused; it names the rule, not the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("it is not a URL")]
    NotAUrl,
    #[error("only https (and http to this machine) is allowed")]
    Scheme,
    #[error("plain http is allowed to this machine only, or to a host named in the settings")]
    PlainHttp,
    #[error("it may have no user name, password, query or fragment")]
    Parts,
    #[error("it names a link-local, metadata, multicast or unspecified address")]
    ForbiddenAddress,
}

/// The rules, with what an installation adds to them.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Host names or addresses to which plain http is allowed too (a receiver behind a TLS proxy in the same network).
    pub plain_http_hosts: Vec<String>,
}

impl Addresses {
    /// Checks a base URL. What a host name stands for is checked when it is looked up, at every connection.
    pub fn endpoint(&self, base: &str) -> Result<Endpoint, AddressError> {
        let url = Url::parse(base).map_err(|_| AddressError::NotAUrl)?;
        let host = url.host().ok_or(AddressError::Scheme)?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Parts);
        }
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        };
        if address.is_some_and(is_forbidden) {
            return Err(AddressError::ForbiddenAddress);
        }
        let here = match host {
            Host::Domain(name) => name == "localhost",
            _ => address.is_some_and(|ip| ip.is_loopback()),
        };
        let name = url.host_str().unwrap_or_default();
        match url.scheme() {
            "https" => Ok(Endpoint(url)),
            "http" if here || self.plain_http_hosts.iter().any(|allowed| allowed == name) => Ok(Endpoint(url)),
            "http" => Err(AddressError::PlainHttp),
            _ => Err(AddressError::Scheme),
        }
    }
}

impl Endpoint {
    /// The URL of a path below the base, whether or not the base ends with a slash.
    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Addresses at which no receiver can be: this network segment only (where clouds serve machine credentials), many
/// machines, or none.
pub(super) fn is_forbidden(ip: IpAddr) -> bool {
    const AWS_METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    const ALIBABA_METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
    match ip {
        IpAddr::V4(ip) => {
            ip.octets()[0] == 0
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip == ALIBABA_METADATA
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(mapped) => is_forbidden(IpAddr::V4(mapped)),
            None => ip.is_unspecified() || ip.is_unicast_link_local() || ip.is_multicast() || ip == AWS_METADATA_V6,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_places_are_accepted() {
        let rules = Addresses { plain_http_hosts: vec!["proxy.internal".into()] };
        let cases = [
            ("https://gp.example/fhir", None),
            ("https://10.0.0.5/fhir", None),
            ("http://127.0.0.1:8081/fhir", None),
            ("http://localhost:8081/fhir", None),
            ("http://[::1]:8081/fhir", None),
            ("http://proxy.internal/fhir", None),
            ("http://gp.example/fhir", Some(AddressError::PlainHttp)),
            ("http://10.0.0.5/fhir", Some(AddressError::PlainHttp)),
            ("ftp://gp.example/fhir", Some(AddressError::Scheme)),
            ("file:///etc/passwd", Some(AddressError::Scheme)),
            ("gp.example", Some(AddressError::NotAUrl)),
            ("https://user:secret@gp.example/fhir", Some(AddressError::Parts)),
            ("https://gp.example/fhir?x=1", Some(AddressError::Parts)),
            ("https://169.254.169.254/latest", Some(AddressError::ForbiddenAddress)),
            ("https://[::ffff:169.254.169.254]/", Some(AddressError::ForbiddenAddress)),
            ("https://[fe80::1]/", Some(AddressError::ForbiddenAddress)),
            ("https://[fd00:ec2::254]/", Some(AddressError::ForbiddenAddress)),
            ("https://0.0.0.0/", Some(AddressError::ForbiddenAddress)),
            ("https://2852039166/", Some(AddressError::ForbiddenAddress)),
            ("https://0xa9fea9fe/", Some(AddressError::ForbiddenAddress)),
        ];
        for (url, expected) in cases {
            assert_eq!(rules.endpoint(url).err(), expected, "{url}");
        }
    }

    #[test]
    fn a_path_is_joined_whether_or_not_the_base_ends_with_a_slash() {
        for base in ["https://gp.example/fhir", "https://gp.example/fhir/"] {
            let endpoint = Addresses::default().endpoint(base).expect("an endpoint");
            assert_eq!(endpoint.join("Bundle").as_str(), "https://gp.example/fhir/Bundle");
        }
    }
}
