//! How much of a run is in flight. An argument is in flight from when it is taken until its
//! result is taken.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::sync::Notify;

/// Limits the arguments and bytes of a run that are in flight, and so the memory that the run
/// takes.
#[derive(Debug)]
pub(crate) struct Room {
    max_arguments: usize,
    pub(crate) max_bytes: usize,
    arguments: AtomicUsize,
    bytes: AtomicUsize,
    more: Notify,
}

impl Room {
    pub(crate) fn new(max_arguments: usize, max_bytes: usize) -> Room {
        Room {
            max_arguments,
            max_bytes,
            arguments: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            more: Notify::new(),
        }
    }

    /// Whether there is room for another job, if `to_come` bytes of results have not arrived
    /// yet. One job always has room.
    pub(crate) fn is_there(&self, to_come: usize) -> bool {
        let arguments = self.arguments.load(Relaxed);
        let bytes = self.bytes.load(Relaxed) + to_come;
        arguments < self.max_arguments && bytes < self.max_bytes || arguments == 0
    }

    pub(crate) fn take(&self, arguments: usize) {
        self.arguments.fetch_add(arguments, Relaxed);
    }

    pub(crate) fn take_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn give_bytes(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Relaxed);
    }

    /// Frees the room of results that were taken.
    pub(crate) fn give(&self, arguments: usize, bytes: usize) {
        self.arguments.fetch_sub(arguments, Relaxed);
        self.bytes.fetch_sub(bytes, Relaxed);
        self.more.notify_one();
    }

    /// Waits until results are taken.
    pub(crate) async fn more(&self) {
        self.more.notified().await;
    }
}
