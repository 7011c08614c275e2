//! Where a request came from, for limits and the security log.

use std::net::{IpAddr, Ipv4Addr};

use http::HeaderMap;

/// The address of the client: the peer's, or what a trusted proxy says. A proxy that the
/// configuration does not name is a client like any other.
#[must_use]
pub fn client_address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.to_canonical());
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter();
    let mut hops: Vec<&str> =
        forwarded.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(',')).collect();
    // The last hop was written by the nearest proxy; what stands before the first stranger is
    // that stranger's word only.
    while let Some(hop) = hops.pop() {
        match hop.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(address) if trusted.contains(&address) => {}
            Ok(address) => return address,
            Err(_) => return peer,
        }
    }
    peer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().expect("header"));
        }
        let trusted = ["10.0.0.1".parse().expect("ip"), "10.0.0.2".parse().expect("ip")];
        client_address(peer.parse().ok(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        assert_eq!(address("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(address("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(address("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(address("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_client_can_not_forge_its_address_through_a_trusted_proxy() {
        assert_eq!(address("10.0.0.1", &["192.0.2.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(address("10.0.0.1", &["192.0.2.1", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(address("10.0.0.1", &["198.51.100.1, nonsense"]), "10.0.0.1");
    }
}
