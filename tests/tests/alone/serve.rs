//! `cargo xtask serve`, and the demo site that it runs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use tests::{Program, assert_gone, children};

use crate::streams::redirected;

#[test]
fn a_port_that_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let arguments = [format!("--port={port}")];
    let site = Program::new("demo-site").args(arguments).expect(1);
    let expected = format!("cannot listen on port {port}");
    assert!(site.stderr.contains(&expected), "{}", site.stderr);
}

#[test]
fn the_site_is_served_without_a_stderr_until_an_interrupt() {
    for redirection in ["2>&-", "2> /dev/full"] {
        let serve = redirected(redirection).args(["serve", "--port=0", "--delay=0"]);
        let mut serving = serve.start();
        let mut stdout = BufReader::new(serving.child.stdout.take().unwrap());
        let mut url = String::new();
        // If the program dies the pipe ends, so this cannot block for ever.
        stdout.read_line(&mut url).unwrap();
        let address = url.trim().strip_prefix("http://");
        let address = address.unwrap_or_else(|| panic!("{redirection}: {url:?}"));

        let mut connection = TcpStream::connect(address).unwrap();
        let limited = connection.set_read_timeout(Some(Duration::from_secs(60)));
        limited.unwrap();
        // By this time a program that cannot print would have ended, and its site as well.
        let request =
            "GET /delay/0.5 HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n";
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

        let site = children(serving.child.id());
        assert_eq!(site.len(), 1, "{site:?}");
        serving.signal("INT");
        assert_eq!(serving.wait("serve").signal(), Some(2));
        assert_gone(&site, "serve");
    }
}
