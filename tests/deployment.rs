//! What the guide to deployment tells people to type makes an installation of three nodes, literally.

mod support;

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use postgres_testing::{Database, free_port};
use support::unconfigured;
use tempfile::TempDir;

const SECTION: &str = "## Three nodes on one machine\n";
const DATABASE: &str = "postgres://oathbook@127.0.0.1:5432/oathbook";
/// What is printed before each command, so that what it prints itself can be told apart.
const MARK: &str = "::: command ";

/// A command, and what the guide shows below it.
#[derive(Debug)]
struct Step {
    command: String,
    shown: Vec<String>,
}

fn steps() -> Vec<Step> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/deployment.md");
    let guide = fs::read_to_string(guide).expect("a guide");
    let (_, section) = guide.split_once(SECTION).expect("the section");
    let section = section.split("\n## ").next().expect("its text");
    let mut steps: Vec<Step> = Vec::new();
    for block in section.split("```console\n").skip(1) {
        for line in block.split("```").next().expect("its lines").lines() {
            match line.strip_prefix("$ ") {
                Some(command) => steps.push(Step { command: command.to_owned(), shown: vec![] }),
                None => steps.last_mut().expect("a command").shown.push(line.to_owned()),
            }
        }
    }
    steps
}

/// One shell that is typed into, and whatever it started. All of it ends with the handle.
struct Shell {
    child: Child,
    said: PathBuf,
    directory: TempDir,
}

impl Shell {
    /// Types the script with the binary first on the `PATH`, in an empty directory.
    fn typing(script: &str) -> Self {
        let directory = TempDir::new().expect("a directory");
        let place = directory.path().join("empty");
        fs::create_dir(&place).expect("a directory");
        let said = directory.path().join("said");
        let out = File::create(&said).expect("a file");
        let binary = Path::new(env!("CARGO_BIN_EXE_oathbook"));
        let folder = binary.parent().expect("a folder").display();
        let path = std::env::var("PATH").expect("a PATH");
        let mut bash = Command::new("bash");
        unconfigured(&mut bash);
        bash.args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(&place)
            .env("PATH", format!("{folder}:{path}"))
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a file"))
            .stderr(out)
            .process_group(0);
        Self { child: bash.spawn().expect("bash runs"), said, directory }
    }

    async fn end(&mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.said).expect("what was said")
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status().ok();
        self.child.wait().ok();
        if std::thread::panicking() {
            self.directory.disable_cleanup(true);
            println!("the nodes are in {}", self.directory.path().display());
        }
    }
}

/// The commands, for a database and ports that are ours.
fn script(steps: &[Step], database: &Database) -> String {
    let ports: Vec<_> = (0..5).map(|_| free_port().to_string()).collect();
    let ours = |command: &str| {
        let command = command.replace(DATABASE, &database.url());
        // Through names that no port has: one of ours may look like one of the guide's.
        let named = |command: String, digit: usize| {
            command.replace(&format!("808{digit}"), &format!("PORT{digit}"))
        };
        let command = (0..ports.len()).fold(command, named);
        ports
            .iter()
            .enumerate()
            .fold(command, |command, (digit, port)| command.replace(&format!("PORT{digit}"), port))
    };
    let marked = |(number, step): (usize, &Step)| {
        format!("echo '{MARK}{number}'\n{}\n", ours(&step.command))
    };
    steps.iter().enumerate().map(marked).collect::<Vec<_>>().concat()
}

/// What was printed from the mark of a command to the next one.
fn printed(said: &str, number: usize) -> &str {
    let (_, rest) = said.split_once(&format!("{MARK}{number}\n")).unwrap_or_default();
    rest.split(MARK).next().unwrap_or_default()
}

/// The line without what is different each time: ids, keys, secrets, moments and places.
fn lasting(line: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || c == '"';
    let lasting = line.split_inclusive(is_edge).map(|word| {
        let text = word.trim_end_matches(is_edge);
        let differs = text.contains(|c: char| c.is_ascii_digit())
            && (text.chars().count() > 15 || text.contains('…'));
        if differs { word.replace(text, "#") } else { word.to_owned() }
    });
    lasting.collect()
}

/// Whether a printed line is the shown one, in which `…` stands for whatever is left out.
fn is_shown(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (lasting(shown), lasting(printed));
    let mut parts = shown.split('…');
    let Some(mut rest) = printed.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.is_empty()
}

#[track_caller]
fn assert_shown(step: &Step, printed: &str) {
    let mut lines = printed.lines();
    for shown in &step.shown {
        assert!(
            lines.any(|line| is_shown(shown, line)),
            "the guide shows {shown:?} below `{}`, which printed:\n{printed}",
            step.command
        );
    }
}

#[tokio::test]
async fn the_guide_makes_an_installation_of_three_nodes() {
    let steps = steps();
    assert!(steps.len() >= 30, "{} commands", steps.len());
    assert!(steps.iter().filter(|step| !step.shown.is_empty()).count() >= 10);
    let database = Database::create().await;
    let mut shell = Shell::typing(&script(&steps, &database));
    let ended = tokio::time::timeout(Duration::from_mins(4), shell.end()).await;
    let said = shell.said();
    let status = ended.unwrap_or_else(|_| panic!("it takes too long:\n{said}"));
    assert!(status.success(), "{status}:\n{said}");
    for (number, step) in steps.iter().enumerate() {
        assert_shown(step, printed(&said, number));
    }
}
