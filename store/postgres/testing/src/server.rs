//! A server of one's own, to be stopped, killed and started again. It keeps its promises: fsync is on.

use std::{
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::free_port;

/// Ends with the handle.
#[derive(Debug)]
pub struct Server {
    directory: TempDir,
    programs: PathBuf,
    port: u16,
    options: String,
}

impl Server {
    /// Starts a server with such options as `-c wal_level=logical`.
    pub fn start(options: &str) -> Self {
        let programs = std::env::var_os("POSTGRES_BIN")
            .expect("PostgreSQL's programs: run the tests through `bin/with-postgres`");
        let server = Self {
            directory: TempDir::new().unwrap(),
            programs: programs.into(),
            port: free_port(),
            options: options.to_owned(),
        };
        give_to_postgres(server.directory.path());
        let data = server.data();
        let arguments = ["-U", "oathbook", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"];
        server.run("initdb", &[&["-D", &data][..], &arguments].concat());
        server.resume();
        server
    }

    /// The URL of its database `postgres`, as a superuser.
    pub fn url(&self) -> String {
        format!("postgres://oathbook@127.0.0.1:{}/postgres", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server as a crash would: nothing is written that was not.
    pub fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    /// Ends the server in good order, with the connections it has.
    pub fn stop(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "fast", "-w", "stop"]);
    }

    /// Starts the server again, on the same port.
    pub fn resume(&self) {
        let (port, directory) = (self.port, self.directory.path().display());
        let options = format!(
            "-p {port} -k {directory} -c listen_addresses=127.0.0.1 -c max_connections=300 {}",
            self.options
        );
        let log = self.directory.path().join("log").display().to_string();
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-s", "-o", &options, "start"]);
    }

    /// Starts the stopped server again as one that follows another: it answers questions and takes no writes.
    pub fn become_standby(&self) {
        std::fs::write(self.directory.path().join("data/standby.signal"), "").unwrap();
        self.resume();
    }

    fn data(&self) -> String {
        self.directory.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = as_postgres(&self.programs.join(program));
        command.args(arguments).current_dir(self.directory.path());
        // The server inherits what its starter has open: pipes would keep a test waiting for their end.
        let said = std::fs::File::create(self.directory.path().join("said")).unwrap();
        command.stdin(Stdio::null()).stdout(said.try_clone().unwrap()).stderr(said);
        if !command.status().unwrap().success() {
            let said = std::fs::read_to_string(self.directory.path().join("said"));
            let log = std::fs::read_to_string(self.directory.path().join("log"));
            panic!("{program} failed: {said:?} {log:?}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = as_postgres(&self.programs.join("pg_ctl"));
        stop.args(["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
        stop.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok();
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn give_to_postgres(directory: &Path) {
    if is_root() {
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
        let entry = passwd.lines().find_map(|line| line.strip_prefix("postgres:")).unwrap();
        let ids: Vec<u32> = entry.split(':').skip(1).take(2).flat_map(str::parse).collect();
        chown(directory, Some(ids[0]), Some(ids[1])).unwrap();
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
