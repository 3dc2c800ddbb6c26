//! What holds for the whole program, its worker processes included.

use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::trace::Trace;

/// The settings that the command line asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub(crate) quiet: bool,
    pub(crate) timeout: Duration,
    pub(crate) max_bytes: u64,
    /// Whether connections stay open for the next request to the same host.
    pub(crate) keep_alive: bool,
    pub(crate) is_worker: bool,
    /// Where a worker says that stdout takes no more: a pipe that it has inherited.
    pub(crate) complaints: Option<i32>,
    pub(crate) trace: Option<Trace>,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

impl Settings {
    /// The settings that the command line asked for; the defaults before it was read.
    pub(crate) fn get() -> &'static Settings {
        SETTINGS.get_or_init(Settings::default)
    }

    /// Takes over the settings of the program that this is a worker of: the initializer of
    /// a process pool.
    pub fn adopt(settings: Settings) {
        if settings.is_worker
            && let Some(trace) = &settings.trace
        {
            trace.join();
        }
        let _ = SETTINGS.set(settings);
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            quiet: false,
            timeout: Duration::from_secs(30),
            max_bytes: 100 << 20,
            keep_alive: true,
            is_worker: false,
            complaints: None,
            trace: None,
        }
    }
}
