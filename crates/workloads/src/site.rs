//! An HTTP site on loopback, for offline runs, races and tests.
//!
//! | path | answer |
//! |---|---|
//! | `/python`, `/django`, `/flask` | the three web pages: of fixed lengths, each after the same delay |
//! | `/photo/{n}.jpg` | a photo of two megapixels, after the same delay; n mod 3 says which |
//! | `/delay/{seconds}` | a short text, after that time |
//! | `/bytes/{n}` | a body of n bytes |
//! | `/status/{code}` | an empty body with that status |
//! | `/hold/{n}` | a short text, as soon as n requests wait for it at the same time |
//! | `/stats` | how many requests there were, are in flight, and were in flight at most (JSON) |
//!
//! Most of these paths are httpbin's. With the last two a test can prove that requests
//! overlapped, without a clock. One thread serves all requests. It is much faster than the
//! racers need.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use page_list::DEMO_PAGES;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;

/// The default delay of the demo site's web pages and photos.
pub const DEMO_DELAY: Duration = Duration::from_millis(300);

/// How many connections may wait to be accepted. With the usual 128, further clients would try
/// again after a second, and a race would measure that.
const BACKLOG: u32 = 4096;

/// The photos of `/photo/{n}.jpg`, drawn by `crates/thumbnail/examples/draw-photos.rs`.
const PHOTOS: [&[u8]; 3] = [
    include_bytes!("../photos/0.jpg"),
    include_bytes!("../photos/1.jpg"),
    include_bytes!("../photos/2.jpg"),
];

const LARGEST_BODY: usize = 100 << 20;

/// What `/stats` answers. Requests for `/stats` itself do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Requests since the site was started.
    pub requests: usize,
    /// Requests that have not been answered yet.
    pub in_flight: usize,
    /// The most requests that were ever in flight at the same time.
    pub peak: usize,
}

/// A site that runs in a thread of this program until it is dropped.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    /// The site ends when this is dropped.
    _stop: oneshot::Sender<Infallible>,
}

impl Site {
    /// Starts a site on a free port of the loopback interface. Its web pages and photos are
    /// answered after `delay`.
    ///
    /// # Errors
    ///
    /// The system has no free thread or port.
    pub fn start(delay: Duration) -> io::Result<Site> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _context = runtime.enter();
            listen(0)?
        };
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<Infallible>();
        thread::Builder::new()
            .name("demo-site".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        _ = stopped => {}
                        () = serve(listener, delay) => {}
                    }
                });
            })?;
        Ok(Site {
            address,
            _stop: stop,
        })
    }

    /// The address of the site, without a slash at the end: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The addresses of the site's three web pages.
    pub fn pages(&self) -> Vec<String> {
        DEMO_PAGES
            .iter()
            .map(|(path, _)| self.url() + path)
            .collect()
    }

    /// The addresses of three different photos.
    pub fn photos(&self) -> Vec<String> {
        let address = |number| format!("{}/photo/{number}.jpg", self.url());
        (0..PHOTOS.len()).map(address).collect()
    }
}

/// Listens on a port of the loopback interface; 0 lets the system choose.
///
/// # Errors
///
/// The port is in use, or only root may use it.
pub fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // Lets a site start on the port of another one that has just ended. On Windows the same
    // option would let two sites share a port.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(BACKLOG)
}

/// Answers all requests on `listener`, for ever. The web pages and photos are answered after
/// `delay`.
pub async fn serve(listener: TcpListener, delay: Duration) {
    let site = Arc::new(Inner {
        delay,
        ..Inner::default()
    });
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // No descriptors are left. Some are free again when a connection ends.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // Answers are small and should be sent without delay.
        let _ = stream.set_nodelay(true);
        let site = site.clone();
        let answer = service_fn(move |request| {
            let site = site.clone();
            async move { Ok::<_, Infallible>(site.answer(&request).await) }
        });
        tokio::spawn(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), answer),
        );
    }
}

/// The state that all connections share.
#[derive(Default)]
struct Inner {
    delay: Duration,
    stats: Mutex<Stats>,
    /// The requests that wait for `/hold/{n}`, by n.
    holds: Mutex<HashMap<usize, Vec<oneshot::Sender<()>>>>,
}

impl Inner {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        if path == "/stats" {
            let stats = serde_json::to_vec(&*lock(&self.stats)).unwrap_or_default();
            return body(stats);
        }
        let _in_flight = InFlight::new(&self.stats);
        if let Some((_, length)) = DEMO_PAGES.iter().find(|(page, _)| *page == path) {
            pause(self.delay).await;
            return body(vec![b'.'; *length]);
        }
        self.answer_httpbin(path).await.unwrap_or_else(|status| {
            let mut response = body(format!("{path}: {status}\n"));
            *response.status_mut() = status;
            response
        })
    }

    /// Answers the paths with a parameter.
    async fn answer_httpbin(
        &self,
        path: &str,
    ) -> Result<Response<Full<Bytes>>, StatusCode> {
        let path = path.strip_prefix('/').and_then(|path| path.split_once('/'));
        let (name, parameter) = path.ok_or(StatusCode::NOT_FOUND)?;
        let bad = |_| StatusCode::BAD_REQUEST;
        match name {
            "photo" => {
                let number = parameter.strip_suffix(".jpg");
                let number: usize = number.unwrap_or_default().parse().map_err(bad)?;
                pause(self.delay).await;
                Ok(body(PHOTOS[number % PHOTOS.len()]))
            }
            "delay" => {
                let seconds = parameter.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
                let delay = Duration::try_from_secs_f64(seconds)
                    .map_err(|_| StatusCode::BAD_REQUEST)?;
                pause(delay).await;
                Ok(body(format!("waited {seconds} s\n")))
            }
            "bytes" => {
                let length = parameter.parse().map_err(bad)?;
                if length > LARGEST_BODY {
                    return Err(StatusCode::PAYLOAD_TOO_LARGE);
                }
                Ok(body(vec![b'.'; length]))
            }
            "status" => {
                let code = parameter.parse().map_err(bad)?;
                // A status below 200 means that another response follows.
                let status = StatusCode::from_u16(code).ok().filter(|_| code >= 200);
                let mut response = body("");
                *response.status_mut() = status.ok_or(StatusCode::BAD_REQUEST)?;
                Ok(response)
            }
            "hold" => {
                self.hold(parameter.parse().map_err(bad)?).await;
                Ok(body("held\n"))
            }
            _ => Err(StatusCode::NOT_FOUND),
        }
    }

    /// Waits until `n` requests wait here at the same time.
    async fn hold(&self, n: usize) {
        let (release, released) = oneshot::channel();
        {
            let mut holds = lock(&self.holds);
            let waiting = holds.entry(n).or_default();
            // Requests of clients that are gone do not count.
            waiting.retain(|release| !release.is_closed());
            waiting.push(release);
            if waiting.len() >= n {
                for release in waiting.drain(..) {
                    let _ = release.send(());
                }
            }
        }
        let _ = released.await;
    }
}

/// Waits. A delay of zero is skipped, because the timer would round it up to 1 ms.
async fn pause(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

fn body(content: impl Into<Bytes>) -> Response<Full<Bytes>> {
    Response::new(Full::new(content.into()))
}

/// Counts a request as in flight until this is dropped, after an answer or a lost connection.
struct InFlight<'a>(&'a Mutex<Stats>);

impl<'a> InFlight<'a> {
    fn new(stats: &'a Mutex<Stats>) -> Self {
        let mut counts = lock(stats);
        counts.requests += 1;
        counts.in_flight += 1;
        counts.peak = counts.peak.max(counts.in_flight);
        Self(stats)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        lock(self.0).in_flight -= 1;
    }
}

/// Locks a mutex, also a poisoned one: a panic cannot leave its content half changed.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
