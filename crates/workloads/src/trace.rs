//! `--trace FILE`: which item of work began and ended when and where, as a Chrome trace.
//!
//! What the work is, the pages say with `#[tracing::instrument]`; where the option asks for a
//! trace, this subscribes to it. As long as nobody does, a call takes 2.7 ns longer for it. A
//! future grows as well, because it holds a span, and its arguments once more: at a million
//! sayings the peak of memory was 441 bytes for each instead of 268 where one task gathers
//! them, and 734 instead of 608 where each is a task.
//!
//! The format is a JSON array with an event a line, whose closing bracket may lack. Lines
//! are written whole and at the end of the file, so that worker processes share it with
//! their parent; and soon, so that what a program did until it was killed is there.

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

/// The functions that are recorded; the libraries have much to say, too.
const WORK: [&str; 4] = [
    "fetch_url",
    "heavy_calculation",
    "make_thumbnail",
    "say_after",
];

/// The functions that are recorded as a part of an item: the thread that runs one is busy with
/// it, and need not be the item's own.
const PARTS: [&str; 1] = ["shrink"];

/// No more tasks than this are recorded at a time: it bounds the memory that this takes.
const MOST_TASKS: usize = 10_000;

/// How long an event may wait to be written, beside others: to write each by itself takes
/// longer than all the rest. In a worker, whose end nobody foresees, none waits.
const PAUSE: Duration = Duration::from_millis(10);
const MOST_BYTES: usize = 1 << 15;

static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// A trace that has begun; worker processes are told of it, and join.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Trace {
    file: String,
    /// When its time began, on the clock of [`now`].
    origin: u64,
}

impl Trace {
    /// Begins a trace of this program, called `name` there. What the file held is lost.
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

    /// Lets a worker process take part. One that cannot works on unseen.
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
            // Instead of a comma, because this is the first line.
            state.buffer.splice(..1, *b"[\n");
        }
        recorder.write(&mut state);
        // Nobody else in this program subscribes, so this cannot fail.
        let _ = set_global_default(Registry::default().with(recorder));
        Ok(recorder)
    }
}

/// Ends the trace, if there is one, and returns what it lacks, if it lacks anything. Fails
/// if it could not be written.
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
    /// Asking for it anew would be a system call for every event.
    process: u32,
    is_worker: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many lanes there are: the next one's number is one more.
    lanes: u64,
    /// How many of them are slots, and the lanes of those that no task is in.
    slots: u64,
    free: BTreeSet<u64>,
    tasks: usize,
    /// How many items were not recorded, because there were too many tasks.
    unseen: usize,
    /// The lines that are not written yet.
    buffer: Vec<u8>,
    /// What went wrong with the file. Nothing is written after that.
    error: Option<io::Error>,
}

/// What is kept of an item that is under way.
struct Item {
    lane: u64,
    is_task: bool,
    /// Since when a thread is busy with it, while one is.
    polled: Option<u64>,
    /// What it gave, once it has.
    outcome: Args,
}

thread_local! {
    /// The lane of this thread; 0 before it has one.
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

    /// Adds a line to those that are to be written.
    fn push(&self, state: &mut State, line: Line) {
        state.buffer.push(b',');
        line.append_to(&mut state.buffer, self.process);
    }

    /// Writes the lines if they must not wait.
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

    /// The lane of this thread, named after it.
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

    /// The first lane of a task that is free, so that nothing overlaps in a lane.
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
            // If there is room: that is asked each time.
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

    /// An item begins. Where a runtime is about to poll it, it is a task, and has a slot
    /// for its lane; elsewhere the thread is its own until it ends.
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
            // A task that has its result is only entered to be dropped.
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

    /// An item has a result: `#[instrument(ret, err)]` says so.
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

    /// An item ends; without a result if it was cancelled, or has panicked.
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

/// Nanoseconds on the one clock that all processes share and nobody sets.
#[cfg(unix)]
fn now() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Nanoseconds on the one clock that std can read in two processes.
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
            // It cannot be written.
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
        // Though there is nothing to write, and thus nothing that fails.
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
