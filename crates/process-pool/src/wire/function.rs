//! How messages name a function.

use std::any::{TypeId, type_name};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Identifies a function. Its name alone does not: two closures in one function have the
/// same name, and so may two functions that are defined inside of it.
#[derive(Clone, Copy)]
pub struct FunctionId {
    pub(crate) name: &'static str,
    pub(crate) is_initializer: bool,
    /// A hash of the function's type. It is different for every function, and means nothing
    /// in another program.
    type_hash: fn() -> u64,
    /// A hash of the names of the types that it takes and returns. It is the same in other
    /// programs.
    signature_hash: fn() -> u64,
}

/// Whether the pool and its worker are the same program. It decides how they name
/// functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// They are the same program.
    Same,
    /// The worker is, or may be, another program.
    Other,
}

impl FunctionId {
    pub(crate) fn of<F: Fn(I) -> O + 'static, I, O>(_: &F) -> FunctionId {
        const {
            assert!(
                size_of::<F>() == 0,
                "a task is a fn item or a closure that captures nothing"
            )
        };
        FunctionId {
            name: type_name::<F>(),
            is_initializer: false,
            type_hash: || hash(TypeId::of::<F>()),
            signature_hash: || hash((type_name::<I>(), type_name::<O>())),
        }
    }

    pub(crate) fn of_initializer<F: Fn(I) -> O + 'static, I, O>(f: &F) -> FunctionId {
        FunctionId {
            is_initializer: true,
            ..FunctionId::of(f)
        }
    }

    /// The hash that is sent with the name, so that the right function runs, or none.
    pub(crate) fn key(&self, build: Build) -> u64 {
        match build {
            Build::Same => (self.type_hash)(),
            Build::Other => (self.signature_hash)(),
        }
    }
}

/// A hash that is the same in all programs built with one toolchain.
pub(crate) fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
