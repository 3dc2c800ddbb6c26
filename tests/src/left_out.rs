//! Tests that need a program that not every machine has.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, Write};
use std::sync::Mutex;

/// Says that tests are left out because there is no `what`, and how to get it: once in each
/// test program. Where the variable `required` is set, this panics instead.
pub fn left_out(what: &str, how: &str, required: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    assert!(env::var_os(required).is_none(), "there is no {what}");
    let mut said = SAID.lock().expect("no test panics while it holds this");
    if said.insert(what.to_owned()) {
        // Not by `eprintln!`: cargo shows what that prints only if the test fails.
        let note = format!("note: tests that need {what} are left out; {how}\n");
        let _ = io::stderr().write_all(note.as_bytes());
    }
}
