//! Mails that never meet a network: into a folder, or to a program.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::*;

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_mail_becomes_one_private_file_however_often_it_comes() {
    let base = TempDir::new().unwrap();
    let folder = base.path().join("var/mail");
    let post = post(&format!("file:{}", folder.display()));
    let mut delivered = post.deliver(&mail()).await.unwrap();
    let first = fs::read(&files_in(&folder)[0]).unwrap();
    for _ in 0..3 {
        delivered = post.deliver(&mail()).await.unwrap();
    }
    assert_eq!(delivered.answer, "written to 00000000-0000-0000-0000-000000000192.eml");
    assert_eq!(delivered.message_id, MESSAGE_ID);
    let files = files_in(&folder);
    assert_eq!(files, [folder.join("00000000-0000-0000-0000-000000000192.eml")]);
    assert_eq!(fs::read(&files[0]).unwrap(), first);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&files[0]), mode(&folder)), (0o600, 0o700));
}

#[tokio::test]
async fn mails_written_at_once_are_each_whole() {
    let folder = TempDir::new().unwrap();
    let post = post(&format!("file:{}", folder.path().display()));
    let mails: Vec<Mail> = (0..20)
        .map(|number: u128| Mail {
            notification: NotificationId::new(Uuid::from_u128(number / 2)),
            ..mail()
        })
        .collect();
    for outcome in futures::future::join_all(mails.iter().map(|mail| post.deliver(mail))).await {
        outcome.unwrap();
    }
    let files = files_in(folder.path());
    assert_eq!(files.len(), 10);
    for file in files {
        assert!(fs::read_to_string(file).unwrap().ends_with("--\r\n"));
    }
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    // A directory where the file should be.
    fs::create_dir(folder.path().join(format!("{ID}.eml"))).unwrap();
    let post = post(&format!("file:{}", folder.path().display()));
    let error = post.deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::File, Outlook::Transient));
    assert_eq!(files_in(folder.path()).len(), 1);
}

/// A program that keeps its arguments and its input, complains about the recipient and ends like this.
async fn sendmail(end: &str) -> (Result<Delivered, PostError>, String) {
    let folder = TempDir::new().unwrap();
    let (program, kept) = (folder.path().join("sendmail"), folder.path().join("kept"));
    let script = format!(
        "#!/bin/sh\necho \"$@\" >'{kept}'; cat >>'{kept}'; echo \"$5: no\" >&2; {end}\n",
        kept = kept.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let outcome = post(&format!("sendmail:{}", program.display())).deliver(&mail()).await;
    (outcome, fs::read_to_string(kept).unwrap())
}

// One test, because a program that another thread's fork still holds open cannot be run.
#[tokio::test]
async fn sendmail_gets_the_mail_on_its_input_and_its_exit_status_counts() {
    let (outcome, kept) = sendmail("exit 0").await;
    assert_eq!(outcome.unwrap().answer, "taken by sendmail");
    assert!(kept.starts_with("-i -f oathbook@localhost -- ada@example.com\nMessage-ID: "));
    assert!(kept.ends_with("--\n") && !kept.contains('\r'));
    for (end, outlook, said) in [
        ("exit 67", Outlook::Permanent, "exit status: 67"),
        ("exit 75", Outlook::Transient, "exit status: 75"),
        ("kill -9 $$", Outlook::Unknown, "signal: 9 (SIGKILL)"),
    ] {
        let error = sendmail(end).await.0.unwrap_err();
        assert_eq!((error.stage, error.outlook), (Stage::Sendmail, outlook));
        assert_eq!(error.reason, format!("{said} (withheld) no"));
    }
}

#[tokio::test]
async fn a_sendmail_that_is_missing_is_tried_again() {
    let error = post("sendmail:/nonexistent").deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Sendmail, Outlook::Transient));
}
