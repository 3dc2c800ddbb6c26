//! What both sides know: how values become bytes, bytes become frames, and what the pool and
//! a worker say to each other on their channel.

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
