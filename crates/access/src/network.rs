//! From which network a request comes. Behind a proxy of the operator's own the proxy's word counts; nobody else's does.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address as far as limits need it: an IPv4 address, or the /64 of an IPv6 one, since a household has that many. Prints as
/// `<network>`: addresses are personal data (C10) and do not belong into logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Network(String);

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<network>")
    }
}

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Network {
        Network(match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let segments = address.segments();
                let [a, b, c, d, ..] = segments;
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        })
    }

    /// The text under which it is counted.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Networks whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<(IpAddr, u8)>);

impl FromStr for TrustedProxies {
    type Err = String;

    /// Reads `10.0.0.0/8, 127.0.0.1, ::1`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut networks = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (address, bits) = part.split_once('/').map_or((part, None), |(address, bits)| (address, Some(bits)));
            let address: IpAddr = address.parse().map_err(|_| format!("`{part}` is not an address or a network such as 10.0.0.0/8"))?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse).map_err(|_| format!("`{part}`: the length of the network is not a number"))?;
            if bits > most {
                return Err(format!("`{part}`: the length of the network is at most {most}"));
            }
            networks.push((address, bits));
        }
        Ok(TrustedProxies(networks))
    }
}

impl TrustedProxies {
    fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(*bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(*bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        })
    }

    /// The network of whoever is behind `peer`: the last address in `X-Forwarded-For` that no trusted proxy has, when the peer is one.
    pub fn network(&self, peer: IpAddr, forwarded_for: Option<&str>) -> Network {
        let mut client = peer;
        for hop in forwarded_for.unwrap_or_default().rsplit(',').map(str::trim).take(16) {
            if !self.contains(client) {
                break;
            }
            let Some(address) = hop_address(hop) else { break };
            client = address;
        }
        Network::of(client)
    }
}

/// An address as proxies write it: plain, in brackets, with or without a port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_matches('"');
    bare.parse()
        .ok()
        .or_else(|| bare.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|address| address.parse().ok()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: TrustedProxies = "127.0.0.1, 10.0.0.0/8".parse().unwrap();
        let network = |peer: &str, header| trusted.network(peer.parse().unwrap(), header).as_str().to_owned();
        assert_eq!(network("127.0.0.1", Some("192.0.2.7")), "192.0.2.7");
        assert_eq!(
            network("127.0.0.1", Some("203.0.113.9, 192.0.2.7, 10.1.2.3")),
            "192.0.2.7",
            "a forged head of the list is not believed"
        );
        assert_eq!(network("192.0.2.1", Some("203.0.113.9")), "192.0.2.1");
        assert_eq!(network("127.0.0.1", None), "127.0.0.1");
        assert_eq!(network("127.0.0.1", Some("nonsense")), "127.0.0.1");
        assert_eq!(network("127.0.0.1", Some("192.0.2.7:4711")), "192.0.2.7");
        assert_eq!(network("127.0.0.1", Some("[2001:db8:1:2::5]:443")), "2001:db8:1:2::/64");
        assert_eq!(network("::ffff:10.0.0.1", Some("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
        assert!("10.0.0.0/33".parse::<TrustedProxies>().is_err() && "proxy".parse::<TrustedProxies>().is_err());
        assert!("0.0.0.0/0".parse::<TrustedProxies>().unwrap().contains("8.8.8.8".parse().unwrap()));
    }
}
