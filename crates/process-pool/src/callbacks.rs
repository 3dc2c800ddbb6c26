//! The thread on which the users' callbacks run, so that a slow one holds up nothing but
//! other callbacks.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle, ThreadId};

use crate::lock;
use crate::panics::catch;

type Callback = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub(crate) struct Callbacks(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Unused,
    /// The thread listens as long as there is a sender.
    Open(Sender<Callback>, JoinHandle<()>),
    Closed,
}

impl State {
    fn open() -> std::io::Result<State> {
        let (sender, receiver) = channel::<Callback>();
        let thread = thread::Builder::new().name("pool-callbacks".to_owned());
        let thread = thread.spawn(move || {
            for callback in receiver {
                // A panic is the callback's own affair: it has been shown.
                let _ = catch(callback);
            }
        })?;
        Ok(State::Open(sender, thread))
    }
}

impl Callbacks {
    /// Has the thread run a callback, or runs it here if there is no thread.
    pub(crate) fn run(&self, callback: Callback) {
        let mut state = lock(&self.0);
        if let State::Unused = *state {
            *state = State::open().unwrap_or_default();
        }
        if let State::Open(sender, _) = &*state {
            return sender.send(callback).unwrap_or_default();
        }
        drop(state);
        let _ = catch(callback);
    }

    pub(crate) fn thread(&self) -> Option<ThreadId> {
        match &*lock(&self.0) {
            State::Open(_, thread) => Some(thread.thread().id()),
            _ => None,
        }
    }

    /// Returns when all callbacks have run and the thread is gone.
    pub(crate) fn finish(&self) {
        let state = std::mem::replace(&mut *lock(&self.0), State::Closed);
        if let State::Open(sender, thread) = state {
            drop(sender);
            // It catches the panics of others and has none of its own.
            let _ = thread.join();
        }
    }
}
