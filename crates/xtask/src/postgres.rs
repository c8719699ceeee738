//! A PostgreSQL server of the tests' own: made new, reached by a Unix socket alone, gone when the tests are.

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::machine;

/// Makes the cluster, starts the server, says `ready`, and restarts it at each line of its input. When that ends, as it does when
/// xtask ends in whatever way, the server stops and its folder goes. A destructor alone would miss Ctrl-C and a kill.
const KEEPER: &str = r#"
programs=$1 home=$2 buffers=$3
trap '' PIPE # xtask may be gone before it is told `ready`; the server must still be stopped
if ! "$programs/initdb" --pgdata="$home/data" --username=recomed --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-instructions >"$home/log" 2>&1
then tail -n 5 "$home/log"; rm -rf "$home"; exit 1; fi
start() {
"$programs/postgres" -D "$home/data" -k "$home" -c listen_addresses= -c max_connections=300 \
    -c shared_buffers="$buffers" -c log_min_messages=fatal </dev/null >>"$home/log" 2>&1 &
server=$!
}
start
until "$programs/pg_isready" --quiet --host="$home"
do
    if ! kill -0 "$server" 2>/dev/null; then tail -n 5 "$home/log"; rm -rf "$home"; exit 1; fi
    sleep 0.1
done
echo ready
while read -r word
do
    # Without asking anybody, as when the machine is cut off; then its own recovery.
    kill -QUIT "$server"
    wait "$server"
    sleep 1
    start
done
kill -INT "$server"
wait "$server"
rm -rf "$home"
"#;

/// A running server; dropped, it stops.
pub(crate) struct Server {
    /// Where tests connect, as a superuser who may create databases.
    pub(crate) address: String,
    keeper: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(fault) = self.keeper.wait() {
            println!("the PostgreSQL server's keeper: {fault}");
        }
    }
}

impl Server {
    /// Lets the server die at once, and start again a second later.
    ///
    /// # Errors
    /// When its keeper is gone.
    pub(crate) fn restart(&mut self) -> Result<(), String> {
        let keeper = self.keeper.stdin.as_mut().ok_or("PostgreSQL has no keeper")?;
        keeper.write_all(b"restart\n").map_err(|fault| fault.to_string())
    }
}

/// Starts a server for tests, in a folder of this name.
///
/// # Errors
/// As [`start_with`].
pub(crate) fn start(name: &str) -> Result<Server, String> {
    start_in(name, "128MB")
}

/// Starts a new, empty server that keeps so much in memory, with `fsync` on, as Debian's `postgres` user when we are root: PostgreSQL
/// refuses root.
///
/// # Errors
/// When no user or folder can be had, or the server does not come up: its last words.
pub(crate) fn start_with(shared_buffers: &str) -> Result<Server, String> {
    start_in("postgres", shared_buffers)
}

fn start_in(name: &str, shared_buffers: &str) -> Result<Server, String> {
    let programs = machine::postgres_programs().ok_or("its programs were not found")?;
    // Not below the build folder: that may lie in root's home, which the server's own user cannot enter. And a socket's
    // path has at most 107 bytes.
    let home = std::env::temp_dir().join(format!("recomed-{name}-{}", std::process::id()));
    std::fs::DirBuilder::new().mode(0o700).create(&home).map_err(|fault| format!("{}: {fault}", home.display()))?;
    let mut command = Command::new("sh");
    command.args(["-c", KEEPER, "keeper"]).arg(&programs).arg(&home).arg(shared_buffers);
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    // A group of its own: Ctrl-C is for xtask, whose end the keeper then sees.
    command.process_group(0);
    if machine::user_id("") == Some(0) {
        let user =
            ["postgres", "nobody"].into_iter().find_map(machine::user_id).ok_or("there is no user postgres or nobody to run it as")?;
        chown(&home, Some(user), Some(user)).map_err(|fault| format!("{}: {fault}", home.display()))?;
        command.uid(user).gid(user);
    }
    let mut keeper = command.spawn().map_err(|fault| format!("sh: {fault}"))?;
    let mut words = String::new();
    if let Some(output) = keeper.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.map_err(|fault| fault.to_string())?;
            if line == "ready" {
                // No host before the slash: `localhost` there would be tried first, and might be somebody's real server.
                let address = format!("postgres:///postgres?user=recomed&host={}", home.display());
                return Ok(Server { address, keeper });
            }
            words.push_str(&line);
            words.push(' ');
        }
    }
    let _ended = keeper.wait();
    Err(words.trim().to_owned())
}
