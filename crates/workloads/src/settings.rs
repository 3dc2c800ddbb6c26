//! What holds for the whole program, its worker processes included.

use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::print;
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
    /// Whether all requests go to their hosts directly.
    pub(crate) no_proxy: bool,
    pub(crate) is_worker: bool,
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

    /// The settings for worker processes of this program, which print in its name.
    pub fn for_workers() -> Settings {
        print::end_without_reader();
        Settings {
            is_worker: true,
            ..Settings::get().clone()
        }
    }

    /// The settings that hold on any machine, for workers elsewhere.
    pub fn for_other_machines() -> Settings {
        Settings {
            trace: None,
            ..Settings::get().clone()
        }
    }

    /// Settings that came from another machine, for worker processes of this program.
    pub fn for_workers_here(self) -> Settings {
        let here = Settings::for_workers();
        Settings {
            quiet: self.quiet || here.quiet,
            is_worker: true,
            trace: here.trace,
            ..self
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            quiet: false,
            timeout: Duration::from_secs(30),
            max_bytes: 100 << 20,
            keep_alive: true,
            no_proxy: false,
            is_worker: false,
            trace: None,
        }
    }
}
