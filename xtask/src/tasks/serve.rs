//! `cargo xtask serve`: the demo site in the foreground.

use std::process::ExitCode;

use anyhow::Result;

use crate::racers::pages::Pages;
use crate::racers::site::Site;
use crate::show::stdout;
use crate::tasks::flags::Serve;

pub fn run(flags: &Serve) -> Result<ExitCode> {
    let pages = Pages::build()?;
    let mut site = Site::start(pages.program("demo-site")?, flags.port, flags.delay)?;
    stdout::print(&format!("{}\n", site.url))?;
    eprintln!("serving /python, /django, /flask, /delay/SECONDS and more until Ctrl-C");
    site.serve()?;
    Ok(ExitCode::SUCCESS)
}
