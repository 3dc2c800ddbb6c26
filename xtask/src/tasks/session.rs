//! What a task needs to run racers: the workspace, a folder, and a runner.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use race::{Interrupt, Runner};

use crate::racers::build::{Programs, Workspace};
use crate::racers::python::Python;
use crate::racers::racer::Track;
use crate::results::provenance::{self, Provenance};
use crate::show::files::Folder;
use crate::show::stdout;
use crate::stderr::say;

/// A task that runs racers. Everything that can be refused is refused before anything is built.
pub struct Session {
    pub workspace: Workspace,
    pub programs: Programs,
    pub folder: Folder,
    pub pythons: Vec<Python>,
    pub provenance: Provenance,
    pub runner: Runner,
    interrupt: Interrupt,
    /// Why a result could not be printed.
    unprinted: Option<anyhow::Error>,
}

/// The same, before anything is built.
pub struct Plan {
    pub workspace: Workspace,
    pub pythons: Vec<Python>,
    /// Read before the build, which would count as load.
    load: Option<f64>,
}

impl Plan {
    /// `pythons` are the interpreters that are named, if Python takes part.
    pub fn new(pythons: Option<&[PathBuf]>) -> Result<Self> {
        let load = provenance::load();
        let workspace = Workspace::find()?;
        let pythons = match pythons {
            Some(named) => Python::find_all(&workspace.target, named)?,
            None => Vec::new(),
        };
        Ok(Plan {
            workspace,
            pythons,
            load,
        })
    }

    /// Takes the output folder, builds the pages, and makes each Python ready.
    pub fn start(self, output: Option<&Path>) -> Result<Session> {
        let Plan {
            workspace,
            pythons,
            load,
        } = self;
        let folder = Folder::output(output, &workspace.target)?;
        let programs = workspace.build()?;
        for python in &pythons {
            python.prepare()?;
        }
        let interrupt = Interrupt::on_signals().context("cannot watch for Ctrl-C")?;
        let server = workspace.nats_server.as_deref();
        Ok(Session {
            provenance: Provenance::find(load, server, &pythons),
            runner: Runner::new(interrupt.clone()).context("cannot start a guard")?,
            workspace,
            programs,
            folder,
            pythons,
            interrupt,
            unprinted: None,
        })
    }
}

impl Session {
    pub fn track(&self) -> Track<'_> {
        Track {
            workspace: &self.workspace,
            programs: &self.programs,
            folder: self.folder.path(),
        }
    }

    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_requested()
    }

    /// Prints a result. If that fails the task goes on, and reports the error at its end.
    pub fn print(&mut self, text: &str) {
        if let Err(error) = stdout::print(text) {
            self.unprinted.get_or_insert(error);
        }
    }

    /// Ends the task: by the signal that interrupted it, with exit code 1 if something failed,
    /// else with 0.
    pub fn end(self, has_failed: bool) -> Result<ExitCode> {
        if self.is_interrupted() {
            self.interrupt.die();
        }
        match self.unprinted {
            Some(error) => Err(error),
            None if has_failed => Ok(ExitCode::FAILURE),
            None => Ok(ExitCode::SUCCESS),
        }
    }
}

/// Shows the progress on stderr, if that is a terminal. Else prints only what begins.
pub fn progress(what: &str, name: &str) -> ProgressBar {
    let progress = ProgressBar::new_spinner().with_prefix(name.to_string());
    if let Ok(style) = ProgressStyle::with_template("{prefix} {msg}") {
        progress.set_style(style);
    }
    if progress.is_hidden() {
        say(&format!("{what} {name}"));
    }
    progress
}
