//! The thread on which the users' callbacks run, so that a slow one holds up nothing but
//! other callbacks.

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
    /// The thread listens as long as there is a sender.
    Open(Sender<Callback>, JoinHandle<()>),
    /// With the thread that there was. It may still run its last callbacks.
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
                // A panic is the callback's own affair: it has been shown.
                let _ = catch(callback);
            }
        })?;
        Ok(CallbackThread::Open(sender, thread))
    }
}

impl Callbacks {
    /// Has the thread run a callback, or runs it here if there is no thread.
    pub(crate) fn run(&self, callback: Callback) {
        let mut state = lock(&self.0);
        if let CallbackThread::Unused = *state {
            // Without a thread they run here.
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

    /// Returns when all callbacks have run and the thread is gone.
    pub(crate) fn finish(&self) {
        let mut state = lock(&self.0);
        let closed = CallbackThread::Closed(state.thread());
        let before = std::mem::replace(&mut *state, closed);
        drop(state);
        if let CallbackThread::Open(sender, thread) = before {
            drop(sender);
            let _ = thread.join(); // It has caught the panics of the callbacks.
        }
    }
}
