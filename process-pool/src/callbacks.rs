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
struct State {
    sender: Option<Sender<Callback>>,
    thread: Option<JoinHandle<()>>,
    closed: bool,
}

impl Callbacks {
    /// Has the thread run a callback, or runs it here if there is no thread any more.
    pub(crate) fn run(&self, callback: Callback) {
        let mut state = lock(&self.0);
        if state.sender.is_none() && !state.closed {
            let (sender, receiver) = channel::<Callback>();
            let thread = thread::Builder::new()
                .name("pool-callbacks".to_owned())
                .spawn(move || {
                    for callback in receiver {
                        // A panic is the callback's own affair: it has been shown.
                        let _ = catch(callback);
                    }
                });
            if let Ok(thread) = thread {
                state.sender = Some(sender);
                state.thread = Some(thread);
            }
        }
        let left = match &state.sender {
            Some(sender) => sender.send(callback).err().map(|error| error.0),
            None => Some(callback),
        };
        drop(state);
        if let Some(callback) = left {
            let _ = catch(callback);
        }
    }

    pub(crate) fn thread(&self) -> Option<ThreadId> {
        lock(&self.0)
            .thread
            .as_ref()
            .map(|thread| thread.thread().id())
    }

    /// Returns when all callbacks have run and the thread is gone.
    pub(crate) fn finish(&self) {
        let mut state = lock(&self.0);
        state.closed = true;
        state.sender = None;
        let thread = state.thread.take();
        drop(state);
        if let Some(thread) = thread {
            // It catches the panics of others and has none of its own.
            let _ = thread.join();
        }
    }
}
