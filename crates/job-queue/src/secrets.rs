//! The credentials and certificates for a server.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context as _, Result, anyhow};
use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

/// The secrets and certificates in the environment, in the variables of NATS' own tools.
/// Other users of the machine cannot see them, but they can see the arguments of a program.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    user: Option<String>,
    password: Option<String>,
    token: Option<String>,
    /// A credentials file from the operator of the server.
    credentials: Option<PathBuf>,
    /// A file with the CA certificates that may sign the server's certificate.
    authorities: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Secrets {
    pub(crate) fn from_environment() -> Secrets {
        let text = |name| env::var(name).ok().filter(|text| !text.is_empty());
        let file = |name| text(name).map(PathBuf::from);
        Secrets {
            user: text("NATS_USER"),
            password: text("NATS_PASSWORD"),
            token: text("NATS_TOKEN"),
            credentials: file("NATS_CREDS"),
            authorities: file("NATS_CA"),
            certificate: file("NATS_CERT"),
            key: file("NATS_KEY"),
        }
    }

    /// The options of a connection, with these secrets, or with those in an address.
    pub(crate) fn options(self, servers: &[ServerAddr]) -> Result<ConnectOptions> {
        let mut options = ConnectOptions::new();
        let in_address = servers.iter().find(|server| server.has_user_pass());
        if let Some(server) = in_address {
            let decoded =
                |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let user = decoded(server.username().unwrap_or_default());
            options = match server.password() {
                Some(password) => options.user_and_password(user, decoded(password)),
                None => options.token(user),
            };
        } else if let Some(file) = self.credentials {
            let text = fs::read_to_string(&file)
                .with_context(|| format!("cannot read NATS_CREDS: {}", file.display()))?;
            options = options
                .credentials(&text)
                .with_context(|| format!("NATS_CREDS: {}", file.display()))?;
        } else if let Some(token) = self.token {
            options = options.token(token);
        } else if let Some(user) = self.user {
            options = options.user_and_password(user, self.password.unwrap_or_default());
        }
        if let Some(file) = self.authorities {
            fs::metadata(&file)
                .with_context(|| format!("cannot read NATS_CA: {}", file.display()))?;
            options = options.add_root_certificates(file);
        }
        match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => {
                options = options.add_client_certificate(certificate, key);
            }
            (None, None) => {}
            _ => return Err(anyhow!("NATS_CERT and NATS_KEY need each other")),
        }
        Ok(options)
    }
}

/// Reads an address, or a list of addresses with commas between them.
///
/// # Errors
///
/// One of them is no address of a NATS server.
pub(crate) fn parse_servers(text: &str) -> Result<Vec<ServerAddr>, String> {
    let parse = |address: &str| match address.trim().parse::<ServerAddr>() {
        Ok(server)
            if ["nats", "tls"].contains(&server.scheme())
                && address.contains("://")
                && !server.host().is_empty() =>
        {
            Ok(server)
        }
        _ => Err("not of the form nats://HOST:PORT or tls://HOST:PORT".to_owned()),
    };
    text.split(',').map(parse).collect()
}

/// Addresses without their passwords, for messages.
pub(crate) fn without_secrets(servers: &str) -> String {
    let hidden = |server: &str| match (server.split_once("://"), server.rsplit_once('@'))
    {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => server.to_owned(),
    };
    let servers: Vec<_> = servers.split(',').map(hidden).collect();
    servers.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_a_list() {
        let servers = parse_servers("nats://a:1,tls://u:p@b").unwrap();
        assert_eq!(servers.len(), 2);
        assert_eq!((servers[1].scheme(), servers[1].host()), ("tls", "b"));
        for wrong in ["", "a", "http://a", "nats:", "nats://a,b"] {
            assert!(parse_servers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_printed_has_no_secrets() {
        let servers = "nats://u:p@a:1,nats://TOKEN@b,nats://c";
        assert_eq!(without_secrets(servers), "nats://a:1,nats://b,nats://c");
    }
}
