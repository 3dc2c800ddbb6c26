//! The worker's side: which functions it may run, and the loop that runs them.

use std::any::{TypeId, type_name};
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader, Write};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::process::exit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::explain;
use crate::frame;
use crate::transport::{Channel, Transport};

/// The last argument of a worker's command line. An argument, unlike a variable, is not
/// passed on: what a worker starts is an ordinary program again.
const MARK: &str = "process-pool-worker";

/// The first words on a channel, from the worker.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hello {
    magic: [u8; 8],
    version: String,
    build: u64,
}

/// The parent's answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Welcome<'a> {
    /// How many pools this worker is inside of.
    pub(crate) depth: u32,
    /// The function to run before the first task, and its argument.
    #[serde(borrow)]
    pub(crate) initializer: Option<(&'a str, &'a [u8])>,
}

/// What the worker says when it is ready, or why it never will be.
pub(crate) type Ready = Result<(), String>;

/// The head of a task's frame; the arguments follow.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call<'a> {
    /// The answer ends with it, in eight bytes.
    pub(crate) number: u64,
    pub(crate) function: &'a str,
    /// How often the function is called: how many arguments follow.
    pub(crate) calls: u32,
}

/// Decodes the arguments, calls the function on each, appends the encoded results.
type Runner = Box<dyn Fn(&[u8], u32, &mut Vec<u8>) + Send + Sync>;

type Initializer = Box<dyn Fn(&[u8]) -> Ready + Send + Sync>;

/// The functions that workers may run: made by [`worker_entry`].
#[must_use = "the program becomes a worker only when `enter` is called"]
#[derive(Default)]
pub struct WorkerEntry {
    functions: HashMap<&'static str, (TypeId, Runner)>,
    initializers: HashMap<&'static str, (TypeId, Initializer)>,
}

impl fmt::Debug for WorkerEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerEntry")
            .field("functions", &self.functions.keys())
            .field("initializers", &self.initializers.keys())
            .finish()
    }
}

/// What this process entered, once it has.
static ENTRY: OnceLock<WorkerEntry> = OnceLock::new();

/// How many pools this process is inside of.
static DEPTH: AtomicU32 = AtomicU32::new(0);

/// Opens the list of functions that workers may run; [`enter`](WorkerEntry::enter) closes it.
///
/// This belongs at the very beginning of `main`. A worker is this same program, started
/// anew: what stands before the entry runs in every worker, what stands after it in none.
/// Python has `if __name__ == "__main__"` for the same reason.
///
/// ```no_run
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// fn main() {
///     process_pool::worker_entry().function(square).enter();
///     // From here on only the parent.
/// }
/// ```
pub fn worker_entry() -> WorkerEntry {
    WorkerEntry::default()
}

impl WorkerEntry {
    /// Names a function that tasks may call.
    ///
    /// Functions are told apart by their type: any `fn` item will do, and a closure that
    /// captures nothing. One that captures something does not compile, because a worker
    /// could not know what.
    ///
    /// # Panics
    /// If another function of the same name is registered, as two closures of one function
    /// would be.
    pub fn function<F, I, O>(mut self, function: F) -> WorkerEntry
    where
        F: Fn(I) -> O + Send + Sync + 'static,
        I: DeserializeOwned,
        O: Serialize,
    {
        let name = name_of::<F>();
        let runner: Runner = Box::new(move |mut arguments, calls, results| {
            for _ in 0..calls {
                let start = results.len();
                if let Err(failure) = call(&function, &mut arguments, results) {
                    results.truncate(start);
                    put::<Result<O, _>>(results, &Err(failure)).unwrap_or_default();
                }
            }
        });
        register(&mut self.functions, name, TypeId::of::<F>(), runner);
        self
    }

    /// Names a function that may be a pool's [initializer](crate::Builder::initializer).
    ///
    /// # Panics
    /// As [`function`](WorkerEntry::function).
    pub fn initializer<F, A, R>(mut self, initializer: F) -> WorkerEntry
    where
        F: Fn(A) -> R + Send + Sync + 'static,
        A: DeserializeOwned,
        R: InitializerResult,
    {
        let name = name_of::<F>();
        let run: Initializer = Box::new(move |argument| {
            let run = || {
                let argument = postcard::from_bytes(argument)
                    .map_err(|error| Failure::Argument(error.to_string()))?;
                Ok(initializer(argument).into_result())
            };
            match contain(run) {
                Ok(result) => result,
                Err(failure) => Err(failure.into_error(name).to_string()),
            }
        });
        register(&mut self.initializers, name, TypeId::of::<F>(), run);
        self
    }

    /// In a worker: runs tasks and never returns. In the parent: returns at once, and pools
    /// can be built from here on.
    ///
    /// A program that was started with a worker's mark but without a pool at the other end
    /// says so on standard error and exits with code 2.
    ///
    /// # Panics
    /// If this program has entered another list before.
    pub fn enter(self) {
        assert!(ENTRY.set(self).is_ok(), "a program has one worker entry");
        if let Some(transport) = mark() {
            work(transport)
        }
    }

    pub(crate) fn entered() -> Option<&'static WorkerEntry> {
        ENTRY.get()
    }

    pub(crate) fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    pub(crate) fn has_initializer(&self, name: &str) -> bool {
        self.initializers.contains_key(name)
    }
}

/// What an initializer may return: nothing, or a [`Result`] whose error is shown when the
/// pool breaks for it.
pub trait InitializerResult {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), String>;
}

impl InitializerResult for () {
    fn into_result(self) -> Result<(), String> {
        Ok(())
    }
}

impl<E: fmt::Display> InitializerResult for Result<(), E> {
    fn into_result(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}

/// The name by which a function is known on both sides.
pub(crate) fn name_of<F: 'static>() -> &'static str {
    const {
        assert!(
            size_of::<F>() == 0,
            "a task is a fn item or a closure that captures nothing"
        )
    };
    type_name::<F>()
}

fn register<T>(
    list: &mut HashMap<&'static str, (TypeId, T)>,
    name: &'static str,
    id: TypeId,
    run: T,
) {
    match list.entry(name) {
        Entry::Vacant(free) => {
            free.insert((id, run));
        }
        Entry::Occupied(taken) => {
            assert!(taken.get().0 == id, "two functions have the name {name}");
        }
    }
}

/// How many pools this process is inside of.
pub(crate) fn depth() -> u32 {
    DEPTH.load(Ordering::Relaxed)
}

/// The transport of which a worker's command line speaks.
pub(crate) fn mark() -> Option<Transport> {
    let last = std::env::args_os().next_back()?;
    match last.to_str()?.strip_prefix(MARK)? {
        #[cfg(unix)]
        "=socketpair" => Some(Transport::SocketPair),
        "=tcp" => Some(Transport::Tcp),
        _ => None,
    }
}

/// The argument that [`mark`] recognises.
pub(crate) fn mark_for(transport: Transport) -> String {
    let name = match transport {
        #[cfg(unix)]
        Transport::SocketPair => "socketpair",
        Transport::Tcp => "tcp",
    };
    format!("{MARK}={name}")
}

impl Hello {
    /// What a worker of this very program says.
    pub(crate) fn new() -> Hello {
        Hello {
            magic: *b"procpool",
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: build(),
        }
    }

    /// Whether `self`, from a worker, fits `other`, from here; the builds may differ when
    /// the worker is another program on purpose.
    pub(crate) fn fits(&self, other: &Hello, same_program: bool) -> Result<(), String> {
        if self.magic != other.magic || self.version != other.version {
            return Err(format!(
                "the worker speaks version {:?} of the protocol",
                self.version
            ));
        }
        if same_program && self.build != other.build {
            return Err("the worker runs another build of this program".to_owned());
        }
        Ok(())
    }
}

/// Tells two builds of a program apart: by the functions they name and, where a running
/// program's file can be replaced under its path, by that file. Linux starts workers from
/// the running program itself.
fn build() -> u64 {
    let mut hash = DefaultHasher::new();
    if let Some(entry) = ENTRY.get() {
        let mut names: Vec<_> = entry
            .functions
            .keys()
            .chain(entry.initializers.keys())
            .collect();
        names.sort();
        names.hash(&mut hash);
    }
    if !cfg!(target_os = "linux")
        && let Ok(file) = std::env::current_exe().and_then(std::fs::metadata)
    {
        (file.len(), file.modified().ok()).hash(&mut hash);
    }
    hash.finish()
}

/// Everything a worker does.
fn work(transport: Transport) -> ! {
    let Ok(channel) = transport.accept() else {
        eprintln!(
            "the argument {:?} is for workers of a process pool, and there is no pool",
            mark_for(transport)
        );
        exit(2)
    };
    // A channel lives as long as the process.
    let channel: &'static Channel = Box::leak(Box::new(channel));
    let watch = thread::Builder::new()
        .name("parent-watch".to_owned())
        .spawn(|| {
            channel.wait_for_hangup();
            die()
        });
    if let Err(error) = watch {
        eprintln!("a worker could not start its watch over its parent: {error}");
        exit(2);
    }
    name_process();
    report_panics_as_data();
    let _ = serve(channel);
    // Only a parent that is gone, or that broke the protocol, brings a worker here.
    die()
}

/// Gives this process the name of its program in `ps` and `top`: it was started by way of
/// a file called `exe`.
fn name_process() {
    #[cfg(target_os = "linux")]
    if let Ok(program) = std::env::current_exe()
        && let Some(name) = program.file_name()
        && let Ok(name) = std::ffi::CString::new(name.as_encoded_bytes())
    {
        // It is for people's eyes only.
        let _ = rustix::thread::set_name(&name);
    }
}

/// The conversation with the parent; returns when it is gone.
fn serve(channel: &Channel) -> io::Result<()> {
    let mut sink = channel;
    let mut source = BufReader::with_capacity(frame::SMALL, channel);
    let mut message = Vec::new();
    put(&mut message, &Hello::new()).unwrap_or_default();
    frame::write(&mut sink, &[&message])?;

    channel.set_read_timeout(Some(Duration::from_secs(60)))?;
    let Some(welcome) = frame::read(&mut source)? else {
        return Ok(());
    };
    let Ok(welcome) = postcard::from_bytes::<Welcome>(&welcome) else {
        return Ok(());
    };
    channel.set_read_timeout(None)?;
    DEPTH.store(welcome.depth, Ordering::Relaxed);
    let Some(entry) = ENTRY.get() else {
        return Ok(());
    };
    let ready: Ready = match welcome.initializer {
        None => Ok(()),
        Some((name, argument)) => match entry.initializers.get(name) {
            Some((_, run)) => run(argument),
            None => Err(format!("the worker entry does not name {name}")),
        },
    };
    let mut message = Vec::new();
    put(&mut message, &ready).unwrap_or_default();
    frame::write(&mut sink, &[&message])?;
    let (mut task, mut results) = (Vec::new(), Vec::new());
    while frame::read_into(&mut source, &mut task)? {
        if task.is_empty() {
            exit(0);
        }
        let Ok((call, arguments)) = postcard::take_from_bytes::<Call>(&task) else {
            return Ok(());
        };
        match entry.functions.get(call.function) {
            Some((_, run)) => run(arguments, call.calls, &mut results),
            None => fail(&mut results, call.calls, || Failure::NotRegistered),
        }
        if results.len() as u64 + 8 > frame::LIMIT {
            results.clear();
            let failure = || Failure::Result("it is too long".to_owned());
            fail(&mut results, call.calls, failure);
        }
        // What the task printed is to be seen before its result is. It may have closed its
        // standard output: its business.
        let _ = io::stdout().flush();
        frame::write(&mut sink, &[&results, &call.number.to_le_bytes()])?;
        frame::recycle(&mut task);
        frame::recycle(&mut results);
    }
    Ok(())
}

/// Ends this process at once, without the clean-up that a busy task could be in the way of.
fn die() -> ! {
    #[cfg(unix)]
    let _ = rustix::process::kill_process(
        rustix::process::getpid(),
        rustix::process::Signal::KILL,
    );
    exit(1)
}

/// One call: the next of `arguments` in, its result at the end of `results`.
fn call<F, I, O>(
    function: &F,
    arguments: &mut &[u8],
    results: &mut Vec<u8>,
) -> Result<(), Failure>
where
    F: Fn(I) -> O,
    I: DeserializeOwned,
    O: Serialize,
{
    contain(|| {
        let (argument, rest) = postcard::take_from_bytes::<I>(arguments)
            .map_err(|error| Failure::Argument(error.to_string()))?;
        *arguments = rest;
        let result = Ok(function(argument));
        put::<Result<O, Failure>>(results, &result)
            .map_err(|error| Failure::Result(explain::refusal(&result, &error)))
    })
}

/// Appends failures in the place of results.
fn fail(results: &mut Vec<u8>, calls: u32, failure: impl Fn() -> Failure) {
    for _ in 0..calls {
        // Memory takes everything, and the failure's own text can be serialised.
        put::<Result<(), Failure>>(results, &Err(failure())).unwrap_or_default();
    }
}

/// Appends a value's bytes.
pub(crate) fn put<T: Serialize>(bytes: &mut Vec<u8>, value: &T) -> postcard::Result<()> {
    postcard::to_io(value, bytes).map(drop)
}

thread_local! {
    /// While a task runs on this thread: where its panic began, if it did.
    static PANIC: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
}

/// Panics of tasks travel to the parent, which shows them or not; the hook only notes their
/// place. Those of other threads, and a second one on the way out, are shown here as usual.
fn report_panics_as_data() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let noted = PANIC.with_borrow_mut(|place| match place {
            Some(place @ None) => {
                *place = info.location().map(ToString::to_string);
                true
            }
            _ => false,
        });
        if !noted {
            usual(info);
        }
    }));
}

/// Runs `f`, and turns a panic in it into a failure.
fn contain<T>(f: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    PANIC.set(Some(None));
    let result = catch_unwind(AssertUnwindSafe(f));
    let location = PANIC.take().flatten();
    result.unwrap_or_else(|payload| {
        let message = if let Some(text) = payload.downcast_ref::<&str>() {
            (*text).to_owned()
        } else if let Some(text) = payload.downcast_ref::<String>() {
            text.clone()
        } else {
            "a panic without a message".to_owned()
        };
        // Its destructor might panic in turn.
        std::mem::forget(payload);
        Err(Failure::Panicked { message, location })
    })
}
