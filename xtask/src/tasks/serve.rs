//! `cargo xtask serve`: the demo site in the foreground.

use std::process::ExitCode;

use anyhow::Result;

use crate::racers::build::build_site;
use crate::racers::site::Site;
use crate::show::stdout;
use crate::stderr::say;
use crate::tasks::flags::Serve;

pub fn run(flags: &Serve) -> Result<ExitCode> {
    let programs = build_site()?;
    let mut site = Site::start(programs.get("demo-site")?, flags.port, flags.delay)?;
    stdout::print(&format!("{}\n", site.url))?;
    say("serving /python, /django, /flask, /delay/SECONDS and more until Ctrl-C");
    site.serve()?;
    Ok(ExitCode::SUCCESS)
}
