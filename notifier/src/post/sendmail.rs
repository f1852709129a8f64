//! Mail through the machine's own `sendmail`.

use std::{
    io,
    path::PathBuf,
    process::{Output, Stdio},
};

use tokio::{io::AsyncWriteExt, process::Command};

use super::{PostError, Stage, message::Message};

#[derive(Debug)]
pub(super) struct Sendmail {
    program: PathBuf,
}

/// `EX_DATAERR`, `EX_NOUSER`, `EX_NOHOST` of `sysexits.h`: trying again does not help.
const FINAL: [i32; 3] = [65, 67, 68];

impl Sendmail {
    pub(super) const fn new(program: PathBuf) -> Self {
        Self { program }
    }

    pub(super) fn check(&self) -> Result<String, PostError> {
        use std::os::unix::fs::PermissionsExt;
        let program = self.program.display();
        match std::fs::metadata(&self.program) {
            Ok(metadata) if metadata.is_file() && metadata.permissions().mode() & 0o111 != 0 => {
                Ok(format!("mails are given to {program}"))
            }
            Ok(_) => Err(PostError::transient(Stage::Sendmail, format!("{program} is no program"))),
            Err(error) => Err(PostError::transient(Stage::Sendmail, format!("{program}: {error}"))),
        }
    }

    pub(super) async fn deliver(&self, message: &Message) -> Result<String, PostError> {
        let away = |error: io::Error| PostError::transient(Stage::Sendmail, error.to_string());
        let mut child = Command::new(&self.program)
            .arg("-i")
            .arg("-f")
            .arg::<&str>(message.from.as_ref())
            .arg("--")
            .arg::<&str>(message.to.as_ref())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(away)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that refuses may close its input early; its exit status says more than the broken pipe.
            stdin.write_all(&with_plain_newlines(&message.bytes)).await.ok();
        }
        let Output { status, stderr, .. } = child.wait_with_output().await.map_err(away)?;
        if status.success() {
            return Ok("taken by sendmail".to_owned());
        }
        let reason = format!("{status} {}", String::from_utf8_lossy(&stderr));
        Err(match status.code() {
            Some(code) if FINAL.contains(&code) => PostError::permanent(Stage::Sendmail, reason),
            Some(_) => PostError::transient(Stage::Sendmail, reason),
            // Killed, perhaps after it had put the mail into its queue.
            None => PostError::unknown(Stage::Sendmail, reason),
        })
    }
}

/// What programs on the machine expect; the quoted-printable body holds no other carriage return.
fn with_plain_newlines(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}
