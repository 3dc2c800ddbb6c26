//! TLS: a server with a certificate, and a client that checks it.
//!
//! - **Python:** `asyncio.start_server(ssl=context)`, `asyncio.open_connection(ssl=context)`,
//!   `StreamWriter.start_tls`, `ssl.SSLContext`
//! - **Rust:** `TlsAcceptor::accept` and `TlsConnector::connect` of tokio-rustls. They take
//!   a stream that is connected: `start_tls` is the same call, only later
//! - **Needs:** `cargo add tokio -F macros,rt-multi-thread,io-util,net`,
//!   `cargo add tokio-rustls --no-default-features -F ring,tls12`, `cargo add rcgen`
//!
//! ```console
//! $ cargo run --example async-tls
//! the client reads hello
//! refused: the client does not trust the certificate
//! trap: dropped without shutdown: hello arrives, its end is an error
//! ```
//!
//! **Trap:** call `shutdown` after your last write, before you drop a TLS stream. Else the
//! other side gets `UnexpectedEof` in place of the end. asyncio's `close` sends the end.
//! A `RootCertStore` is empty at first: the crate rustls-platform-verifier trusts what the
//! system trusts.
//!
//! Neighbours: `open-connection`, `start-server`, `stream-drain`.

use std::error::Error;
use std::io::{self, ErrorKind::UnexpectedEof};
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::try_join;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

struct Server {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Server {
    async fn accept(&self) -> io::Result<server::TlsStream<TcpStream>> {
        let (client, _address) = self.listener.accept().await?;
        self.acceptor.accept(client).await
    }

    async fn greet(&self) -> io::Result<()> {
        let mut client = self.accept().await?;
        client.write_all(b"hello").await?;
        client.shutdown().await
    }

    async fn greet_wrongly(&self) -> io::Result<()> {
        let mut client = self.accept().await?;
        client.write_all(b"hello").await?;
        client.flush().await // Wrong: the stream is dropped without `shutdown`.
    }

    async fn connect(
        &self,
        roots: RootCertStore,
    ) -> io::Result<client::TlsStream<TcpStream>> {
        let config = ClientConfig::builder().with_root_certificates(roots);
        let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
        let stream = TcpStream::connect(self.listener.local_addr()?).await?;
        // The name that has to be in the certificate.
        let name = ServerName::try_from("localhost").expect("it is a name");
        connector.connect(name, stream).await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A real server reads them from files: its key, and a certificate that a certificate
    // authority has signed.
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivateKeyDer::try_from(signing_key.serialize_der())?;
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![cert.der().clone()], key)?;
    let server = Server {
        listener: TcpListener::bind("127.0.0.1:0").await?,
        acceptor: TlsAcceptor::from(Arc::new(config)),
    };
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone())?;

    let read = async {
        let mut text = String::new();
        let mut stream = server.connect(roots.clone()).await?;
        stream.read_to_string(&mut text).await?;
        Ok(text)
    };
    let ((), text) = try_join!(server.greet(), read)?;
    println!("the client reads {text}");

    // The client trusts no certificate. The server sees an error, too.
    let connect = server.connect(RootCertStore::empty());
    let (_, connected) = tokio::join!(server.greet(), connect);
    if connected.is_err() {
        println!("refused: the client does not trust the certificate");
    }

    let read = async {
        let mut hello = [0; 5];
        let mut stream = server.connect(roots.clone()).await?;
        stream.read_exact(&mut hello).await?;
        Ok(stream.read(&mut [0]).await)
    };
    let ((), end) = try_join!(server.greet_wrongly(), read)?;
    if end.is_err_and(|error| error.kind() == UnexpectedEof) {
        println!("trap: dropped without shutdown: hello arrives, its end is an error");
    }
    Ok(())
}
