//! A PostgreSQL server for the pages that need one: a cluster of its own in a temporary folder.
//! It listens on a Unix socket there, because PostgreSQL cannot choose a free port by itself.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::left_out;

/// A server. When this is dropped, or when this process ends, it is stopped and its files are
/// removed.
pub struct Postgres {
    /// The guard: see [`GUARD`].
    guard: Child,
    folder: String,
}

/// The guard, a program for `sh`. It starts the server, prints where that is, and waits until
/// its stdin ends. Then it removes everything. Its stdin ends even if the tests are killed by
/// SIGKILL.
const GUARD: &str = r#"
exec 2>&1
trap '' PIPE # The tests may be gone before they have read this.
if [ "$(id -u)" = 0 ]; then
    # PostgreSQL does not run as root.
    exec setpriv --reuid=postgres --regid=postgres --clear-groups sh -c "$0" "$0"
fi
# Debian has the programs where no PATH leads; the newest is first.
for folder in /usr/lib/postgresql/*/bin; do PATH=$folder:$PATH; done
if ! command -v initdb >/dev/null; then echo missing; exit; fi
# Not in TMPDIR: the path of a socket has at most 107 bytes.
folder=$(unset TMPDIR; mktemp -d -t postgres-XXXXXX) || exit
start() {
    initdb --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 \
        --locale=C --no-sync &&
    # `-F`: nothing here has to outlive a crash.
    pg_ctl start --wait --pgdata="$folder/data" --log="$folder/log" \
        --options="-F -p 5432 -k $folder -c listen_addresses= -c max_connections=200"
}
if start >"$folder/start"; then
    echo "at $folder"
    cat >/dev/null
    pg_ctl stop --mode=immediate --pgdata="$folder/data" >/dev/null
else
    cat "$folder/start" "$folder/log"
fi
rm -rf "$folder"
"#;

impl Postgres {
    /// Starts a server. If there is no PostgreSQL, this prints that and returns `None`. With
    /// `REQUIRE_POSTGRES` it panics instead.
    pub fn start() -> Option<Self> {
        let server = launch();
        if server.is_none() {
            left_out("PostgreSQL", "apt install postgresql", "REQUIRE_POSTGRES");
        }
        server
    }

    /// Its address, in a form that the drivers of Rust and of Python take.
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres@/postgres?host={}&port=5432",
            self.folder
        )
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Starts the guard, and waits until it prints where the server is. `None` if there is no
/// PostgreSQL.
fn launch() -> Option<Postgres> {
    if cfg!(not(unix)) {
        return None;
    }
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD, GUARD]);
    // A Ctrl-C at the terminal must not end the guard: it cleans up after the tests.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut guard, 0);
    guard.stdin(Stdio::piped());
    guard.stdout(Stdio::piped());
    guard.stderr(Stdio::null());
    let mut server = Postgres {
        guard: guard.spawn().expect("sh starts"),
        folder: String::new(),
    };
    let stdout = server.guard.stdout.take().expect("it is a pipe");
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    stdout
        .read_line(&mut line)
        .expect("the guard prints a line");
    if line == "missing\n" {
        return None;
    }
    let Some(folder) = line.trim_end().strip_prefix("at ") else {
        let _ = stdout.read_to_string(&mut line);
        panic!("PostgreSQL does not start: {line}");
    };
    folder.clone_into(&mut server.folder);
    Some(server)
}
