//! What becomes of requests on their way: which are sent once more, and where redirects have
//! led them. reqwest has hooks for this; its errors tell neither.

use std::collections::HashMap;
use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::http::Extensions;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpInfo};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{ClientBuilder, Url, retry};
use tokio::task;
use tower::util::MapFutureLayer;

use super::causes::{causes, ended_early, find};
use crate::addresses::{is_http, not_http};
use crate::print::shown;

/// As many as reqwest follows by itself.
const MOST_REDIRECTS: usize = 10;

/// What is known of the request that a task waits for. A request is a task of its own, in
/// the blocking client, too.
#[derive(Default)]
struct Journey {
    /// This end of the connection that was opened for it, where one was.
    opened: Option<Option<SocketAddr>>,
    /// The address that was asked for, and the one that a redirect led to.
    redirect: Option<(Url, Url)>,
}

static JOURNEYS: LazyLock<Mutex<HashMap<Option<task::Id>, Journey>>> =
    LazyLock::new(Mutex::default);

fn journeys() -> MutexGuard<'static, HashMap<Option<task::Id>, Journey>> {
    JOURNEYS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has the client's requests followed, and sent once more where that is right.
///
/// A server may close a connection that stays open between two requests at any time, and the
/// client may learn of it only when it has sent the next one. That one goes out again, and
/// again if need be, until it has had a connection of its own.
pub(super) fn follow(client: ClientBuilder) -> ClientBuilder {
    let retry = retry::for_host(EveryHost)
        .no_budget()
        .max_retries_per_request(u32::MAX)
        .classify_fn(|attempt| {
            let task = task::try_id();
            let journey = journeys().remove(&task).unwrap_or_default();
            let Some(error) = attempt.error() else {
                // Answered, if only by a redirect.
                return attempt.success();
            };
            let is_first = journey.opened == Some(connection_of(error));
            let was_closed = !is_first && is_end_of_connection(error);
            let is_safe = attempt.method().is_idempotent();
            let again = is_safe && (was_closed || lacks_descriptors(error));
            if journey.redirect.is_some() {
                let opened = None;
                journeys().insert(task, Journey { opened, ..journey });
            }
            if again {
                attempt.retryable()
            } else {
                attempt.success()
            }
        });
    client
        .connector_layer(MapFutureLayer::new(connect))
        .redirect(Policy::custom(redirect))
        .retry(retry)
}

/// Where a request for this address was last, if redirects have led it elsewhere.
pub(super) fn led_to(asked: &Url) -> Option<Url> {
    let mut asked = asked.clone();
    asked.set_fragment(None);
    let mut journeys = journeys();
    let task = *journeys
        .iter()
        .find(|(_, journey)| {
            journey
                .redirect
                .as_ref()
                .is_some_and(|(from, _)| *from == asked)
        })?
        .0;
    let (_, to) = journeys.remove(&task)?.redirect?;
    Some(to)
}

/// Opens a connection, and remembers that.
fn connect<C: Connection + Send, E: AsRef<dyn Error + Send + Sync> + Send + Sync>(
    connecting: impl Future<Output = Result<C, E>> + Send,
) -> impl Future<Output = Result<C, E>> + Send {
    let task = task::try_id();
    async move {
        let connected = connecting.await;
        match &connected {
            // A request that found another connection meanwhile leaves this one to others.
            Ok(connection) if task::try_id() == task => {
                let opened = Some(local_address(&connection.connected()));
                journeys().entry(task).or_default().opened = opened;
            }
            Ok(_) => {}
            Err(error) if lacks_descriptors(error.as_ref()) => {
                // One is free as soon as another fetch has ended.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(_) => {}
        }
        connected
    }
}

/// This end of the connection that a request failed on.
fn connection_of(error: &(dyn Error + 'static)) -> Option<SocketAddr> {
    let error = find::<hyper_util::client::legacy::Error>(&causes(error))?;
    local_address(error.connect_info()?)
}

fn local_address(connection: &Connected) -> Option<SocketAddr> {
    let mut extras = Extensions::new();
    connection.get_extras(&mut extras);
    extras.get().map(HttpInfo::local_addr)
}

/// Follows a redirect to where a client can go.
fn redirect(attempt: Attempt) -> Action {
    let (asked, next) = (attempt.previous()[0].clone(), attempt.url().clone());
    let problem = if !is_http(&next) {
        let why = not_http(&next);
        Some(format!(" to {}: {why}", shown(next.as_str())))
    } else if attempt.previous().len() > MOST_REDIRECTS {
        Some(": too many redirects".to_owned())
    } else {
        None
    };
    let last = match (&problem, attempt.previous()) {
        (Some(_), [.., last]) => last.clone(),
        _ => next,
    };
    journeys().entry(task::try_id()).or_default().redirect = Some((asked, last));
    match problem {
        Some(problem) => attempt.error(format!("cannot follow the redirect{problem}")),
        None => attempt.follow(),
    }
}

/// Whether a connection came to its end before any answer.
///
/// A head that broke off in the middle looks the same from here; a body that did does not.
fn is_end_of_connection(error: &(dyn Error + 'static)) -> bool {
    let causes = causes(error);
    let is_connect =
        find::<reqwest::Error>(&causes).is_some_and(reqwest::Error::is_connect);
    let is_reset = find::<std::io::Error>(&causes).is_some_and(|error| {
        matches!(
            error.kind(),
            ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
        )
    });
    !is_connect && (is_reset || ended_early(&causes))
}

/// Whether the system has no descriptor left to give, to this program or to any.
fn lacks_descriptors(error: &(dyn Error + 'static)) -> bool {
    let codes: &[i32] = if cfg!(unix) { &[23, 24] } else { &[10024] };
    let error = find::<std::io::Error>(&causes(error)).and_then(|e| e.raw_os_error());
    error.is_some_and(|code| codes.contains(&code))
}

/// The scope of the policy, which reqwest asks for.
struct EveryHost;

impl PartialEq<&str> for EveryHost {
    fn eq(&self, _: &&str) -> bool {
        true
    }
}
