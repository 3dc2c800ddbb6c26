//! `--trace FILE`: which item of work began and ended when and where, as a Chrome trace.
//!
//! What the work is, the pages say with `#[tracing::instrument]`. That costs next to nothing
//! as long as nobody subscribes to it; where the option asks for a trace, this does.
//!
//! The format is a JSON array with an event a line, whose closing bracket may lack. Lines
//! are written when things happen, whole, and at the end of the file: so worker processes
//! share it with their parent, and what a program did until it was killed is there.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Write};
use std::process;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::runtime::Handle;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::subscriber::{Interest, Subscriber, set_global_default};
use tracing::{Event, Metadata};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::print::print_note;

/// The functions that are recorded; the libraries have much to say, too.
const WORK: [&str; 3] = ["fetch_url", "heavy_calculation", "say_after"];

/// No more tasks than this are recorded at a time: it bounds the memory that this takes.
const MOST_TASKS: usize = 10_000;

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
        trace.record(name, "[\n")?;
        Ok(trace)
    }

    /// Lets a worker process take part. One that cannot works on unseen.
    pub(crate) fn join(&self) {
        let _ = self.record("worker", ",");
    }

    fn record(&self, process: &str, before: &str) -> io::Result<()> {
        let file = File::options().append(true).open(&self.file)?;
        let recorder = RECORDER.get_or_init(|| Recorder {
            trace: self.clone(),
            file,
            state: Mutex::default(),
        });
        let line = Line::naming("process_name", 0, process).text(before);
        recorder.write(&mut recorder.lock(), &line);
        // Nobody else in this program subscribes, so this cannot fail.
        let _ = set_global_default(Registry::default().with(recorder));
        Ok(())
    }
}

/// Ends the trace, if there is one. Fails if it could not be written.
pub(crate) fn finish() -> Result<(), String> {
    let Some(recorder) = RECORDER.get() else {
        return Ok(());
    };
    let mut state = recorder.lock();
    recorder.write(&mut state, b"]\n");
    let file = &recorder.trace.file;
    if state.unseen > 0 {
        print_note(&format!(
            "{file} lacks {} items, which began when {MOST_TASKS} others were under way",
            state.unseen
        ));
    }
    match &state.error {
        Some(error) => Err(format!("cannot write to {file}: {error}")),
        None => Ok(()),
    }
}

struct Recorder {
    trace: Trace,
    file: File,
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
    outcome: Map<String, Value>,
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

    fn write(&self, state: &mut State, lines: &[u8]) {
        if state.error.is_none() {
            state.error = (&self.file).write_all(lines).err();
        }
    }

    fn write_all<const N: usize>(&self, state: &mut State, lines: [Option<Line>; N]) {
        let lines = lines.iter().flatten();
        let lines: Vec<u8> = lines.flat_map(|line| line.text(",")).collect();
        self.write(state, &lines);
    }

    /// The lane of this thread, named after it.
    fn thread_lane(&self, state: &mut State) -> u64 {
        if LANE.get() == 0 {
            state.lanes += 1;
            LANE.set(state.lanes);
            let unnamed = format!("thread {}", state.lanes);
            let thread = thread::current();
            let name = thread.name().unwrap_or(&unnamed);
            let line = Line::naming("thread_name", state.lanes, name);
            self.write_all(state, [Some(line)]);
        }
        LANE.get()
    }

    /// The first lane of a task that is free, so that nothing overlaps in a lane.
    fn slot(&self, state: &mut State) -> u64 {
        state.free.pop_first().unwrap_or_else(|| {
            state.lanes += 1;
            state.slots += 1;
            let name = format!("slot {}", state.slots);
            let line = Line::naming("thread_name", state.lanes, &name);
            self.write_all(state, [Some(line)]);
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
        if metadata.is_span() && WORK.contains(&metadata.name()) {
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
        let is_task = Handle::try_current().is_ok();
        let mut state = self.lock();
        let lane = if is_task {
            state.tasks += 1;
            self.slot(&mut state)
        } else {
            self.thread_lane(&mut state)
        };
        let time = self.time();
        let begin = Line::item(span.name(), "B", time, lane, args.0);
        let count = is_task.then(|| Line::in_flight(time, state.tasks));
        self.write_all(&mut state, [Some(begin), count]);
        span.extensions_mut().insert(Item {
            lane,
            is_task,
            polled: None,
            outcome: Map::new(),
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
            let poll = Line {
                cat: Some("poll"),
                dur: Some(microseconds(self.time() - begin)),
                ..Line::item(span.name(), "X", begin, lane, arg("lane", item.lane))
            };
            self.write_all(&mut state, [Some(poll)]);
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
            item.outcome = args.0;
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
            let count = item.is_task.then(|| {
                state.tasks -= 1;
                state.free.insert(item.lane);
                Line::in_flight(time, state.tasks)
            });
            self.write_all(&mut state, [Some(end), count]);
        }
    }
}

/// Fields of a span or an event, as they are printed.
#[derive(Default)]
struct Args(Map<String, Value>);

impl Visit for Args {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

/// An event in the format's own terms: `ph` is its phase, times are in microseconds.
#[derive(Serialize)]
struct Line {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    ph: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    pid: u32,
    tid: u64,
    #[serde(skip_serializing_if = "Map::is_empty")]
    args: Map<String, Value>,
}

impl Line {
    fn item(
        name: &'static str,
        ph: &'static str,
        time: u64,
        tid: u64,
        args: Map<String, Value>,
    ) -> Self {
        Line {
            name,
            cat: Some("item"),
            ph,
            ts: Some(microseconds(time)),
            dur: None,
            pid: process::id(),
            tid,
            args,
        }
    }

    fn in_flight(time: u64, tasks: usize) -> Self {
        Line {
            cat: None,
            ..Line::item("in flight", "C", time, 0, arg("items", tasks))
        }
    }

    fn naming(what: &'static str, tid: u64, name: &str) -> Self {
        Line {
            cat: None,
            ts: None,
            ..Line::item(what, "M", 0, tid, arg("name", name))
        }
    }

    fn text(&self, separator: &str) -> Vec<u8> {
        let mut text = separator.as_bytes().to_vec();
        // Writing to memory does not fail, and every key is a string.
        let _ = serde_json::to_writer(&mut text, self);
        text.push(b'\n');
        text
    }
}

fn arg(name: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value.into())])
}

fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1000.0
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
