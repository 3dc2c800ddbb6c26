//! Checks that the client can use the proxies and certificates of the environment.

use std::net::IpAddr;

use super::tls;
use crate::print::shown;

/// Checks the environment variables for proxies and certificates.
///
/// # Errors
///
/// They name a SOCKS proxy, which this client does not support; or a host with a port in
/// `NO_PROXY`, which reqwest ignores silently; or a file without certificates.
pub(crate) fn check_environment() -> Result<(), String> {
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
        if let Some((variable, proxy)) = variable(name)
            && proxy.to_lowercase().starts_with("socks")
        {
            return Err(format!(
                "{variable}: a SOCKS proxy cannot be used here, an HTTP proxy can"
            ));
        }
    }
    if let Some((variable, hosts)) = variable("NO_PROXY")
        && let Some(host) = hosts.split(',').find(|host| has_port(host.trim()))
    {
        return Err(format!(
            "{variable}: {} would be ignored: name the host without its port",
            shown(host.trim())
        ));
    }
    tls::check()
}

/// Whether `NO_PROXY` turns off all proxies. It is checked here because reqwest ignores `*` for
/// a host that is an IP address.
pub(crate) fn is_proxy_off() -> bool {
    variable("NO_PROXY")
        .is_some_and(|(_, hosts)| hosts.split(',').any(|host| host.trim() == "*"))
}

/// Whether a host in `NO_PROXY` has a port. `::1` is an address without one.
fn has_port(host: &str) -> bool {
    let is_address = host.parse::<IpAddr>().is_ok();
    let port = host.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    !is_address && matches!(port, Some(Ok(_)))
}

/// The value of a variable and the name under which it was found: first in capital letters,
/// then in small letters. reqwest uses the same order.
fn variable(name: &str) -> Option<(String, String)> {
    for name in [name.to_owned(), name.to_lowercase()] {
        if let Ok(value) = std::env::var(&name) {
            return Some((name, value));
        }
    }
    None
}
