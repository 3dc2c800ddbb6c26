//! Several functions may have one name, so their types are compared, too. The tests
//! within one program are in `tests/programs`.

use std::process::{Command, Stdio};

use process_pool::{Builder, Error, InitializerResult, ProcessPool, WorkerEntry};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::common::*;

pub fn functions(entry: WorkerEntry) -> WorkerEntry {
    let (unsigned, ..) = twins();
    let (start, _) = starts_of_one_name();
    entry.function(unsigned).initializer(start)
}

/// Two functions of one name, as two versions of a program may have them. Each can decode
/// the other's bytes, so a call of the wrong one would go unnoticed.
fn twins() -> (
    impl Fn(u64) -> u64 + Send + Sync + 'static,
    impl Fn(i64) -> u64 + Send + Sync + 'static,
    impl Fn(u64) -> i64 + Send + Sync + 'static,
) {
    let unsigned = {
        fn twin(n: u64) -> u64 {
            n * 2
        }
        twin
    };
    let other_argument = {
        fn twin(n: i64) -> u64 {
            n.unsigned_abs() * 2
        }
        twin
    };
    let other_result = {
        fn twin(n: u64) -> i64 {
            n.cast_signed() * 2
        }
        twin
    };
    (unsigned, other_argument, other_result)
}

fn starts_of_one_name() -> (
    impl Fn(u64) + Send + Sync + 'static,
    impl Fn(i64) + Send + Sync + 'static,
) {
    let registered = {
        fn start(_: u64) {}
        start
    };
    let other = {
        fn start(_: i64) {}
        start
    };
    (registered, other)
}

/// A pool whose workers are this file, and a pool whose workers are a copy of it.
fn pools(folder: &Folder) -> [Builder; 2] {
    let copy = folder.0.join("another program.exe");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    let other = builder().worker_command(move || {
        let mut command = Command::new(&copy);
        let worker = worker_program();
        command.args(worker.get_args()).stdout(Stdio::null());
        command
    });
    [builder(), other]
}

/// The error of a task, from `submit` or from `map`.
#[track_caller]
fn refused<I: Serialize, O: DeserializeOwned + std::fmt::Debug>(
    pool: &ProcessPool,
    function: impl Fn(I) -> O + 'static,
    argument: I,
) -> String {
    let result = pool.submit(function, argument).join();
    let error = match result {
        Ok(value) => panic!("another function ran and gave {value:?}"),
        Err(error) => error,
    };
    // Only that task is affected.
    assert!(!matches!(error, Error::Broken(_)), "{error}");
    assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    error.to_string()
}

#[test]
fn a_function_of_the_same_name_and_other_types_is_an_error() {
    promptly(|| {
        let folder = Folder::new();
        for builder in pools(&folder) {
            let pool = builder.max_workers(1).build().unwrap();
            let (registered, other_argument, other_result) = twins();
            assert_eq!(pool.submit(registered, 4).join().unwrap(), 8);
            let text = refused(&pool, other_argument, -1);
            assert!(text.contains("twin"), "{text}");
            let text = refused(&pool, other_result, 1);
            assert!(text.contains("twin"), "{text}");
        }
    });
}

#[test]
fn an_initializer_of_the_same_name_and_another_type_is_an_error() {
    fn outcome<A: Serialize, R: InitializerResult>(
        builder: Builder,
        initializer: impl Fn(A) -> R + 'static,
        argument: A,
    ) -> Result<u64, String> {
        let pool = builder
            .initializer(initializer, argument)
            .build()
            .map_err(|error| error.to_string())?;
        pool.submit(square, 3)
            .join()
            .map_err(|error| error.to_string())
    }
    promptly(|| {
        let folder = Folder::new();
        for builder in pools(&folder) {
            assert_eq!(outcome(builder, starts_of_one_name().0, 1), Ok(9));
        }
        for builder in pools(&folder) {
            let text = outcome(builder, starts_of_one_name().1, -1).unwrap_err();
            assert!(text.contains("start"), "{text}");
        }
    });
}
