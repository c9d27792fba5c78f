//! Addresses in a narrative: of characters that one may have, and data that is there.
//!
//! Source: RFC 3986, appendix A, and RFC 2397 for `data:`.

use crate::validator::primitive::base64_length;

/// Whether an address is written as one.
pub(super) fn is_written_right(url: &str) -> bool {
    match url.strip_prefix("data:") {
        Some(rest) => is_data(rest),
        None => url.chars().all(|c| c.is_alphanumeric() || ";?:@&=+$.,/%-_~#[]!'()*|".contains(c)),
    }
}

/// `[type][;base64],data`.
fn is_data(rest: &str) -> bool {
    let Some((head, data)) = rest.split_once(',').filter(|(_, data)| !data.is_empty() && !data.contains(',')) else {
        return false;
    };
    let (kind, encoded) = head.strip_suffix(";base64").map_or((head, false), |kind| (kind, true));
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_type = kind.split_once('/').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    (kind.is_empty() || is_type) && (!encoded || base64_length(data).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_addresses_are_told_from_what_looks_like_them() {
        for right in ["http://x.org/a?b=c#d", "mailto:a@x.org", "data:image/png;base64,YWJj", "data:,abc", "a%20b"] {
            assert!(is_written_right(right), "{right}");
        }
        for wrong in
            ["http://x.org/a b", "data:x", "data:image/png;base64,a", "data:x,y,z", "http://x.org/<a>", "data:png,x"]
        {
            assert!(!is_written_right(wrong), "{wrong}");
        }
    }
}
