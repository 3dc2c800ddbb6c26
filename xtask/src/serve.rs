//! `cargo xtask serve`: the demo site in the foreground.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::flags::Serve;
use crate::pages::Pages;

pub fn run(flags: &Serve) -> Result<ExitCode> {
    let pages = Pages::build()?;
    // The site ends when its stdin closes, so the pipe ties its life to this process.
    let mut site = Command::new(pages.program("demo-site")?)
        .args(["--port", &flags.port.to_string()])
        .args(["--delay", &flags.delay.as_secs_f64().to_string()])
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot start the demo site")?;
    eprintln!("serving /python, /django, /flask and /delay/SECONDS until Ctrl-C");
    let stdin = site.stdin.take();
    let status = site.wait()?;
    drop(stdin);
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
