//! `--trace FILE`: records when and where each item of work began and ended, as a Chrome trace.
//!
//! The pages mark their work functions with `#[tracing::instrument]`. With the option, this
//! subscribes to them. Without a subscriber, the attribute costs 2.7 ns a call. It also makes a
//! future larger, because the future holds a span and its arguments a second time. With a
//! million sayings, the peak of memory for each was 441 bytes instead of 268 if one task
//! gathers them, and 734 instead of 608 if each is a task.
//!
//! The format is a JSON array with one event a line. Its closing bracket may be missing. Whole
//! lines are appended to the file, so that worker processes can share it with their parent.
//! They are written soon, so that the trace of a program that is killed is nearly complete.

mod line;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::process;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::subscriber::{Interest, Subscriber, set_global_default};
use tracing::{Event, Metadata};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use self::line::{Args, Line};

/// The functions that are recorded. The spans of libraries are not.
const WORK: [&str; 4] = [
    "fetch_url",
    "heavy_calculation",
    "make_thumbnail",
    "say_after",
];

/// The functions that are recorded as a part of an item. They may run on another thread than
/// the item.
const PARTS: [&str; 1] = ["shrink"];

/// The maximum number of tasks that are recorded at a time. It limits the memory of the trace.
const MOST_TASKS: usize = 10_000;

/// How long an event may wait to be written together with others. Writing each by itself would
/// take longer than everything else. A worker writes each event immediately, because it may be
/// killed at any moment.
const PAUSE: Duration = Duration::from_millis(10);
const MOST_BYTES: usize = 1 << 15;

static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// A trace that has begun. It is sent to worker processes, which join it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Trace {
    file: String,
    /// Time zero of the trace, on the clock of [`now`].
    origin: u64,
}

impl Trace {
    /// Begins a trace, in which this program is called `name`. Overwrites the file.
    pub(crate) fn begin(file: String, name: &str) -> io::Result<Trace> {
        File::create(&file)?;
        let trace = Trace {
            file,
            origin: now(),
        };
        let recorder = trace.record(name, false)?;
        let keep_writing = || loop {
            thread::sleep(PAUSE);
            recorder.write(&mut recorder.lock());
        };
        thread::Builder::new().spawn(keep_writing)?;
        Ok(trace)
    }

    /// Joins the trace in a worker process. If that fails, the worker is not recorded.
    pub(crate) fn join(&self) {
        let _ = self.record("worker", true);
    }

    fn record(&self, process: &str, is_worker: bool) -> io::Result<&'static Recorder> {
        let file = File::options().append(true).open(&self.file)?;
        let recorder = RECORDER.get_or_init(|| Recorder {
            trace: self.clone(),
            file,
            process: process::id(),
            is_worker,
            state: Mutex::default(),
        });
        let mut state = recorder.lock();
        recorder.push(&mut state, Line::naming("process_name", 0, process));
        if !is_worker {
            // The first line begins with a bracket instead of a comma.
            state.buffer.splice(..1, *b"[\n");
        }
        recorder.write(&mut state);
        // Cannot fail: nothing else in this program sets a subscriber.
        let _ = set_global_default(Registry::default().with(recorder));
        Ok(recorder)
    }
}

/// Ends the trace, if there is one. Returns a note if items are missing. Fails if it could not
/// be written.
pub(crate) fn finish() -> Result<Option<String>, String> {
    let Some(recorder) = RECORDER.get() else {
        return Ok(None);
    };
    let mut state = recorder.lock();
    state.buffer.extend(b"]\n");
    recorder.write(&mut state);
    let file = &recorder.trace.file;
    let lacks = |unseen| {
        format!("{file} lacks {unseen} items, which began beside {MOST_TASKS} others")
    };
    match &state.error {
        Some(error) => Err(format!("cannot write to {file}: {error}")),
        None => Ok((state.unseen > 0).then(|| lacks(state.unseen))),
    }
}

struct Recorder {
    trace: Trace,
    file: File,
    /// The process id, kept because asking for it is a system call.
    process: u32,
    is_worker: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of lanes. Lanes are numbered from 1 on.
    lanes: u64,
    /// The number of lanes that are slots; `free` has the slots without a task.
    slots: u64,
    free: BTreeSet<u64>,
    tasks: usize,
    /// How many items were not recorded because there were too many tasks.
    unseen: usize,
    /// Lines that have not been written.
    buffer: Vec<u8>,
    /// The first error of the file. Nothing is written after it.
    error: Option<io::Error>,
}

/// An item that has begun and not ended.
struct Item {
    lane: u64,
    is_task: bool,
    /// The time since which a thread polls it, if one does.
    polled: Option<u64>,
    /// Its result or error, once it has one.
    outcome: Args,
}

thread_local! {
    /// The lane of this thread; 0 if it has none.
    static LANE: Cell<u64> = const { Cell::new(0) };
}

impl Recorder {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nanoseconds since the trace began.
    fn time(&self) -> u64 {
        now().saturating_sub(self.trace.origin)
    }

    /// Adds a line to the buffer.
    fn push(&self, state: &mut State, line: Line) {
        state.buffer.push(b',');
        line.append_to(&mut state.buffer, self.process);
    }

    /// Writes the buffer if this is a worker, or if the buffer is full.
    fn settle(&self, state: &mut State) {
        if self.is_worker || state.buffer.len() > MOST_BYTES {
            self.write(state);
        }
    }

    fn write(&self, state: &mut State) {
        if state.error.is_none() {
            state.error = (&self.file).write_all(&state.buffer).err();
        }
        state.buffer.clear();
    }

    /// The lane of this thread. Adds one with its name if it has none.
    fn thread_lane(&self, state: &mut State) -> u64 {
        if LANE.get() == 0 {
            state.lanes += 1;
            LANE.set(state.lanes);
            let unnamed = format!("thread {}", state.lanes);
            let thread = thread::current();
            let name = thread.name().unwrap_or(&unnamed);
            self.push(state, Line::naming("thread_name", state.lanes, name));
        }
        LANE.get()
    }

    /// The first free slot: a lane for one task at a time, so that tasks do not overlap in a
    /// lane.
    fn slot(&self, state: &mut State) -> u64 {
        state.free.pop_first().unwrap_or_else(|| {
            state.lanes += 1;
            state.slots += 1;
            let name = format!("slot {}", state.slots);
            self.push(state, Line::naming("thread_name", state.lanes, &name));
            state.lanes
        })
    }
}

impl<S> Layer<S> for &'static Recorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let is_outcome = |field| metadata.fields().field(field).is_some();
        let is_recorded = WORK.contains(&metadata.name()) || is_part(metadata);
        if metadata.is_span() && is_recorded {
            // `enabled` decides for each item whether there is room.
            Interest::sometimes()
        } else if metadata.is_event() && ["return", "error"].into_iter().any(is_outcome) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let mut state = self.lock();
        let has_room = metadata.is_event() || state.tasks < MOST_TASKS;
        state.unseen += usize::from(!has_room);
        has_room
    }

    /// An item begins. In a tokio runtime it is a task, and its lane is a slot. Otherwise its
    /// lane is that of the thread, which it occupies until it ends.
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else {
            return;
        };
        let mut args = Args::default();
        attributes.record(&mut args);
        let is_part = is_part(span.metadata());
        let is_task = Handle::try_current().is_ok() && !is_part;
        let mut state = self.lock();
        let lane = if is_task {
            state.tasks += 1;
            self.slot(&mut state)
        } else {
            self.thread_lane(&mut state)
        };
        let time = self.time();
        let begin = Line::item(span.name(), "B", time, lane, args);
        self.push(&mut state, if is_part { begin.of_part() } else { begin });
        if is_task {
            let count = Line::in_flight(time, state.tasks);
            self.push(&mut state, count);
        }
        self.settle(&mut state);
        span.extensions_mut().insert(Item {
            lane,
            is_task,
            polled: None,
            outcome: Args::default(),
        });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(item) = span.extensions_mut().get_mut::<Item>()
        {
            // If a task has its result, its span is only entered to drop the task.
            let is_poll = item.is_task && item.outcome.is_empty();
            item.polled = is_poll.then(|| self.time());
        }
    }

    /// A thread has polled a task.
    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(item) = span.extensions().get::<Item>()
            && let Some(begin) = item.polled
        {
            let mut state = self.lock();
            let lane = self.thread_lane(&mut state);
            let poll = Line::poll(span.name(), begin, self.time(), lane, item.lane);
            self.push(&mut state, poll);
            self.settle(&mut state);
        }
    }

    /// An item has a result, as an event of `#[instrument(ret, err)]`.
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if let Some(span) = context.event_span(event)
            && let Some(item) = span.extensions_mut().get_mut::<Item>()
            && span.metadata().target() == event.metadata().target()
        {
            let mut args = Args::default();
            event.record(&mut args);
            item.outcome = args;
        }
    }

    /// An item ends. It has no result if it was cancelled or has panicked.
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(item) = span.extensions_mut().remove::<Item>()
        {
            let mut state = self.lock();
            let time = self.time();
            let end = Line::item(span.name(), "E", time, item.lane, item.outcome);
            let is_part = is_part(span.metadata());
            self.push(&mut state, if is_part { end.of_part() } else { end });
            if item.is_task {
                state.tasks -= 1;
                state.free.insert(item.lane);
                let count = Line::in_flight(time, state.tasks);
                self.push(&mut state, count);
            }
            self.settle(&mut state);
        }
    }
}

fn is_part(metadata: &Metadata<'_>) -> bool {
    PARTS.contains(&metadata.name())
}

/// Nanoseconds on the monotonic clock, which all processes share.
#[cfg(unix)]
fn now() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Nanoseconds on the system clock, the only one of std that processes share.
#[cfg(not(unix))]
fn now() -> u64 {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    now.as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use tracing::subscriber::with_default;
    use tracing::{debug, info, info_span, warn};

    use super::*;

    fn recorder() -> Recorder {
        Recorder {
            trace: Trace {
                file: String::new(),
                origin: 0,
            },
            // A file that is open only for reading, so that writing fails.
            file: File::open(std::env::current_exe().unwrap()).unwrap(),
            process: 1,
            is_worker: false,
            state: Mutex::default(),
        }
    }

    #[test]
    fn a_task_takes_the_first_slot_that_is_free() {
        let recorder = recorder();
        let mut state = recorder.lock();
        let taken = [(); 3].map(|()| recorder.slot(&mut state));
        assert_eq!(taken, [1, 2, 3]);
        state.free.extend([3, 1]);
        let taken = [(); 3].map(|()| recorder.slot(&mut state));
        assert_eq!(taken, [1, 3, 4]);
        let lines = String::from_utf8_lossy(&state.buffer);
        assert!(
            lines.ends_with("\"args\":{\"name\":\"slot 4\"}}\n"),
            "{lines}"
        );
    }

    #[test]
    fn what_a_library_has_to_say_is_no_result() {
        let recorder: &Recorder = Box::leak(Box::new(recorder()));
        with_default(Registry::default().with(recorder), || {
            info_span!("its span").in_scope(|| {});
            info_span!("say_after").in_scope(|| {
                info!("return" = "mine");
                debug!("return" = "by the way");
                warn!(target: "library", error = "its own");
            });
        });
        let lines = String::from_utf8_lossy(&recorder.lock().buffer).into_owned();
        assert!(!lines.contains("its span"), "{lines}");
        assert!(!lines.contains("its own"), "{lines}");
        assert!(lines.contains("{\"return\":\"mine\"}"), "{lines}");
    }

    #[test]
    fn an_error_is_kept() {
        let recorder = recorder();
        let mut state = recorder.lock();
        state.buffer.push(b',');
        recorder.write(&mut state);
        assert!(state.error.is_some());
        // The second write has nothing to write, so it does not fail.
        recorder.write(&mut state);
        assert!(state.error.is_some());
    }

    #[test]
    fn what_is_not_written_yet_does_not_grow_without_bound() {
        let recorder: &Recorder = Box::leak(Box::new(recorder()));
        with_default(Registry::default().with(recorder), || {
            for _ in 0..1000 {
                info_span!("say_after").in_scope(|| {});
                assert!(recorder.lock().buffer.len() <= MOST_BYTES);
            }
        });
    }
}
