//! Refuses proxies and certificates of the environment that the client could not use.

use std::net::IpAddr;

use super::tls;
use crate::print::shown;

/// Checks what the environment says about proxies and certificates.
///
/// # Errors
///
/// It names a SOCKS proxy, which this client has no code for; or a host with its port in
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

/// Whether the environment asks for no proxy at all. reqwest ignores `*` for a host that is an
/// IP address.
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

/// The value of a variable in capital letters or, without one, in small letters, with the name
/// that it was found by. It is the order of reqwest.
fn variable(name: &str) -> Option<(String, String)> {
    for name in [name.to_owned(), name.to_lowercase()] {
        if let Ok(value) = std::env::var(&name) {
            return Some((name, value));
        }
    }
    None
}
