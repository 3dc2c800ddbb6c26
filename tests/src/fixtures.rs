//! Servers that hang, send wrong data or break off. They use raw sockets, because no HTTP
//! library would send such answers.
//!
//! Each listens on a port of its own of the loopback interface and serves for as long as the
//! test program runs.

pub mod photos;

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

/// Starts a server and returns its address: `127.0.0.1:PORT`. It calls `serve` for every
/// connection, in a thread of its own.
pub fn start(
    serve: impl Fn(&mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> SocketAddr {
    start_at(Ipv4Addr::LOCALHOST, serve)
}

/// The same for every address of this machine. `127.0.0.0/8` has many of them.
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
    let head = request_head(stream)?;
    Ok(head.lines().next().unwrap_or_default().to_owned())
}

/// Reads the head of a request.
pub fn request_head(stream: &mut impl Read) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Sends an answer, which may be wrong, and announces that the connection then ends.
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
    // In one write: the client may send the next request as soon as it has the last byte.
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

/// Ends the connection by a reset, even if data is still on its way.
pub fn reset(stream: &mut TcpStream) -> io::Result<()> {
    SockRef::from(&*stream).set_linger(Some(Duration::ZERO))
}

/// A certificate authority that no machine trusts.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Makes one.
    pub fn new(name: &str) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Python 3.13 refuses an authority without this.
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        CertifiedIssuer::self_signed(params, KeyPair::generate()?).map(Authority)
    }

    /// Its certificate, as `SSL_CERT_FILE` takes it.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Makes a certificate for this name, and its key, as PEM.
    pub fn issue(&self, name: &str) -> Result<(String, String), rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.0)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    /// Starts an https server for 127.0.0.1, with a certificate of this authority.
    pub fn start(&self) -> Result<SocketAddr, rcgen::Error> {
        let config = self.config("127.0.0.1")?;
        Ok(start(move |stream| serve_https(&config, stream, b"secret")))
    }

    /// Starts a proxy that stands in for the internet. The only hosts there are these. Each has
    /// an https document of this many bytes.
    pub fn start_internet(
        &self,
        hosts: &[(&'static str, usize)],
    ) -> Result<SocketAddr, rcgen::Error> {
        let mut sites = HashMap::new();
        for (host, length) in hosts {
            sites.insert(*host, (self.config(host)?, vec![b'.'; *length]));
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

    /// With a certificate for this host.
    fn config(&self, host: &str) -> Result<Arc<ServerConfig>, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([host.to_owned()])?;
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.0)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring knows TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .expect("the certificate and the key are a pair");
        Ok(Arc::new(config))
    }
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
