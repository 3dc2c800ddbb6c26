//! Settings of the whole program and its worker processes.

use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::print;
use crate::trace::Trace;

/// The settings from the command line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub(crate) quiet: bool,
    pub(crate) timeout: Duration,
    pub(crate) max_bytes: u64,
    /// Whether connections stay open for the next request to the same host.
    pub(crate) keep_alive: bool,
    /// Whether all requests go to their hosts directly.
    pub(crate) no_proxy: bool,
    pub(crate) is_worker: bool,
    pub(crate) trace: Option<Trace>,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

static DEFAULTS: Settings = Settings {
    quiet: false,
    timeout: Duration::from_secs(30),
    max_bytes: 100 << 20,
    keep_alive: true,
    no_proxy: false,
    is_worker: false,
    trace: None,
};

impl Settings {
    /// The settings from the command line; the defaults before it is read.
    pub(crate) fn get() -> &'static Settings {
        SETTINGS.get().unwrap_or(&DEFAULTS)
    }

    /// Sets the settings of this process. In a worker process this is the initializer.
    pub fn adopt(settings: Settings) {
        if settings.is_worker
            && let Some(trace) = &settings.trace
        {
            trace.join();
        }
        let _ = SETTINGS.set(settings);
    }

    /// The settings for worker processes of this program. Also starts a thread that ends the
    /// program when the shared stdout has no reader any more.
    pub fn for_workers() -> Settings {
        print::end_without_reader();
        Settings {
            is_worker: true,
            ..Settings::get().clone()
        }
    }

    /// The settings for workers of this program, or for workers at a `server` if there is one.
    /// The latter record no trace, because the file is not on their machines.
    pub fn for_workers_at(server: Option<&str>) -> Settings {
        match server {
            None => Settings::for_workers(),
            Some(_) => Settings {
                is_worker: true,
                trace: None,
                ..Settings::get().clone()
            },
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        DEFAULTS.clone()
    }
}
