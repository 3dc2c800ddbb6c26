//! Servers that hang, lie or break off. They are made of raw sockets, because no HTTP library
//! would send what they send.
//!
//! Each listens on a port of its own of the loopback interface and serves for as long as the
//! test program runs.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::{Domain, SockRef, Socket, Type};

/// Starts a server that does `serve` with every connection, each in a thread of its own, and
/// returns its address: `127.0.0.1:PORT`.
pub fn start(
    serve: impl Fn(&mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> SocketAddr {
    start_at(Ipv4Addr::LOCALHOST, serve)
}

/// The same for every address of this machine, of which `127.0.0.0/8` is many.
pub fn start_everywhere(
    serve: impl Fn(&mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> SocketAddr {
    start_at(Ipv4Addr::UNSPECIFIED, serve)
}

fn start_at(
    host: Ipv4Addr,
    serve: impl Fn(&mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind((host, 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let serve = serve.clone();
            // A client that gives up is no error.
            thread::spawn(move || drop(serve(&mut stream)));
        }
    });
    address
}

/// Reads the head of a request, and returns its first line: `GET /path HTTP/1.1`.
pub fn request_line(stream: &mut impl Read) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head);
    Ok(head.lines().next().unwrap_or_default().to_owned())
}

/// Answers, rightly or wrongly, and announces that the connection ends with that.
pub fn answer(
    stream: &mut impl Write,
    status: &str,
    header: &str,
    body: &[u8],
) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\n{header}\r\n\r\n"
    )?;
    stream.write_all(body)
}

/// Answers and leaves the connection open for the next request.
pub fn answer_and_stay(
    stream: &mut impl Write,
    status: &str,
    header: &str,
    body: &[u8],
) -> io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{header}\r\n");
    // At once: the client may send the next request as soon as it has the last byte.
    stream.write_all(&[head.as_bytes(), body].concat())
}

/// Says nothing until the client gives up.
pub fn hang(stream: &mut TcpStream) -> io::Result<()> {
    io::copy(stream, &mut io::sink()).map(drop)
}

/// Sends something again and again, after a pause each, until the client gives up.
pub fn repeat(stream: &mut TcpStream, what: &[u8], pause: Duration) -> io::Result<()> {
    loop {
        stream.write_all(what)?;
        thread::sleep(pause);
    }
}

/// Makes the end of the connection a reset, be there something on its way or not.
pub fn reset(stream: &mut TcpStream) -> io::Result<()> {
    SockRef::from(&*stream).set_linger(Some(Duration::ZERO))
}

/// A server that accepts nobody, with as many waiting for it as the system lets wait: who
/// comes now, waits for the connection itself.
pub struct Full {
    /// Where it listens.
    pub address: SocketAddr,
    _listener: Socket,
    _waiting: Vec<TcpStream>,
}

impl Full {
    /// Starts the server and fills its queue.
    pub fn start() -> io::Result<Self> {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        listener.listen(0)?;
        let address = listener.local_addr()?.as_socket().expect("an IPv4 address");
        let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200));
        Ok(Full {
            address,
            _waiting: std::iter::from_fn(|| connect().ok()).collect(),
            _listener: listener,
        })
    }
}

/// Makes a library that, preloaded into a program, keeps all name servers from answering.
pub fn silent_name_servers(directory: &Path) -> io::Result<PathBuf> {
    let library = directory.join("silent-name-servers.so");
    let mut compiler = Command::new("cc")
        .args(["-shared", "-fPIC", "-x", "c", "-", "-o"])
        .arg(&library)
        .stdin(Stdio::piped())
        .spawn()?;
    let source = b"int pause(); int getaddrinfo() { for (;;) pause(); }";
    compiler
        .stdin
        .take()
        .expect("it is a pipe")
        .write_all(source)?;
    let status = compiler.wait()?;
    if status.success() {
        Ok(library)
    } else {
        Err(io::Error::other(status.to_string()))
    }
}

/// A certificate authority that no machine has heard of.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Makes one.
    pub fn new(name: &str) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate()?).map(Authority)
    }

    /// Its certificate, as `SSL_CERT_FILE` takes it.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Starts an https server whose certificate it issues, for the host `name` and up to the
    /// start of the year `until`.
    pub fn start(&self, name: &str, until: i32) -> Result<SocketAddr, rcgen::Error> {
        let config = self.config(name, until)?;
        Ok(start(move |stream| serve_https(&config, stream, b"secret")))
    }

    /// Starts an https server that shows the certificate of the authority itself, as many
    /// that somebody signed by hand do.
    pub fn start_self(&self) -> SocketAddr {
        let config = config(self.0.der(), self.0.key().serialize_der());
        start(move |stream| serve_https(&config, stream, b"secret"))
    }

    /// Starts a proxy that stands in for the internet: all that there is are these hosts,
    /// each of which has an https page of so many bytes.
    pub fn start_internet(
        &self,
        hosts: &[(&'static str, usize)],
    ) -> Result<SocketAddr, rcgen::Error> {
        let mut sites = HashMap::new();
        for (host, length) in hosts {
            sites.insert(*host, (self.config(host, 2100)?, vec![b'.'; *length]));
        }
        Ok(start(move |stream| {
            let line = request_line(stream)?;
            let host = line
                .strip_prefix("CONNECT ")
                .and_then(|it| it.split(':').next());
            let Some((config, body)) = host.and_then(|host| sites.get(host)) else {
                return answer(stream, "502 No such host", "Content-Length: 0", b"");
            };
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            serve_https(config, stream, body)
        }))
    }

    /// With a certificate for this host, up to the start of this year.
    fn config(&self, host: &str, until: i32) -> Result<Arc<ServerConfig>, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([host.to_owned()])?;
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&key, &self.0)?;
        Ok(config(certificate.der(), key.serialize_der()))
    }
}

fn config(certificate: &CertificateDer<'static>, key: Vec<u8>) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.clone()],
            PrivatePkcs8KeyDer::from(key).into(),
        )
        .expect("the certificate and the key are a pair");
    Arc::new(config)
}

fn serve_https(
    config: &Arc<ServerConfig>,
    stream: &mut TcpStream,
    body: &[u8],
) -> io::Result<()> {
    let connection = ServerConnection::new(config.clone()).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    request_line(&mut stream)?;
    let length = format!("Content-Length: {}", body.len());
    answer(&mut stream, "200 OK", &length, body)?;
    stream.conn.send_close_notify();
    stream.flush()
}
