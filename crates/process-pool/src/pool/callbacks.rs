//! The thread on which the users' callbacks run. So a slow callback delays only other
//! callbacks.

use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle, ThreadId};

use crate::sync::{catch, lock};

type Callback = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub(crate) struct Callbacks(Mutex<CallbackThread>);

#[derive(Default)]
enum CallbackThread {
    #[default]
    Unused,
    /// The thread runs until the sender is dropped.
    Open(Sender<Callback>, JoinHandle<()>),
    /// The thread that there was, if any. It may still run its last callbacks.
    Closed(Option<ThreadId>),
}

impl CallbackThread {
    fn thread(&self) -> Option<ThreadId> {
        match self {
            CallbackThread::Unused => None,
            CallbackThread::Open(_, thread) => Some(thread.thread().id()),
            CallbackThread::Closed(thread) => *thread,
        }
    }

    fn open() -> std::io::Result<CallbackThread> {
        let (sender, receiver) = channel::<Callback>();
        let thread = thread::Builder::new().name("pool-callbacks".to_owned());
        let thread = thread.spawn(move || {
            for callback in receiver {
                // A panic in a callback has been shown and has no further effect.
                let _ = catch(callback);
            }
        })?;
        Ok(CallbackThread::Open(sender, thread))
    }
}

impl Callbacks {
    /// Runs a callback on the thread. Runs it here if no thread can be started, or after
    /// `finish`.
    pub(crate) fn run(&self, callback: Callback) {
        let mut state = lock(&self.0);
        if let CallbackThread::Unused = *state {
            if let Ok(open) = CallbackThread::open() {
                *state = open;
            }
        }
        if let CallbackThread::Open(sender, _) = &*state {
            return drop(sender.send(callback));
        }
        drop(state);
        let _ = catch(callback);
    }

    pub(crate) fn thread(&self) -> Option<ThreadId> {
        lock(&self.0).thread()
    }

    /// Waits until all callbacks have run and the thread has ended.
    pub(crate) fn finish(&self) {
        let mut state = lock(&self.0);
        let closed = CallbackThread::Closed(state.thread());
        let before = std::mem::replace(&mut *state, closed);
        drop(state);
        if let CallbackThread::Open(sender, thread) = before {
            drop(sender);
            let _ = thread.join(); // The thread catches panics.
        }
    }
}
