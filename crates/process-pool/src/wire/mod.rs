//! What both sides share: the encoding of values, frames, and the messages between the pool
//! and a worker.

pub(crate) mod channel;
pub(crate) mod frame;
pub(crate) mod function;
pub(crate) mod message;
pub(crate) mod nesting;
pub(crate) mod program;
mod strict;
mod tcp;
pub(crate) mod transport;
pub(crate) mod value;
