//! The options of a program that submits jobs, for its command line.

use std::time::Duration;

use clap::Args;

use crate::notes::note;
use crate::secrets::parse_servers;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The server and the workers for a program's jobs. Flatten it into the program's options.
#[derive(Args, Clone, Debug, Default)]
pub struct QueueOptions {
    /// Leave the work to the workers at this NATS server, nats://HOST:4222 or tls://HOST:4222;
    /// NATS_USER and NATS_PASSWORD hold what it asks for, or NATS_TOKEN, or NATS_CREDS
    /// [default: a server and workers of its own]
    #[arg(long, value_name = "URL", value_parser = checked)]
    pub server: Option<String>,

    /// Be a worker at the server until SIGTERM; `--worker --help` lists more options
    #[arg(long, requires = "server")]
    worker: bool,

    /// Give up if no worker takes a job for this time, at most a day [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true)]
    pub wait: Option<Duration>,
}

/// An address, or a list of them.
pub(crate) fn checked(servers: &str) -> Result<String, String> {
    parse_servers(servers).map(|_| servers.to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let time = text.parse().ok().map(Duration::try_from_secs_f64);
    match time {
        Some(Ok(time)) if !time.is_zero() && time <= DAY => Ok(time),
        _ => Err("not a time above 0 and up to 86400 seconds".to_owned()),
    }
}

/// Prints a note if an address contains a secret.
pub(crate) fn warn_of_secrets(servers: &str) {
    let servers = parse_servers(servers).unwrap_or_default();
    if servers.iter().any(|server| server.has_user_pass()) {
        note(
            "every user of this machine can read the password in --server; \
             NATS_PASSWORD hides it",
        );
    }
}
